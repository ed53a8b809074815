"""The bar along the bottom: the card and its memory, and what runs or arrives, wherever one is."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from workbench.bridge.arrival import Arrival
from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl, JobState
from workbench.core.machine.memory import machine_memory
from workbench.core.problems import shortened
from workbench.core.ticks import clock
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Bar
from workbench.panes.parts.controls import ElidedLabel, isolated, label, plain_tip

MACHINE_SECONDS = 2.0
LONGEST_NAME = 48
LONGEST_BESIDE = 24


class MemoryMeter(QWidget):
    """What of the memory is taken: ours in the weights' blue, other programs grey."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._ours = self._others = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(150), self._theme.px(6))

    def show_shares(self, ours: float, others: float) -> None:
        self._ours, self._others = ours, others
        self.setAccessibleName(f"{ours:.0%} of the memory is held by this program's run, {others:.0%} by others")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("border.subtle"))
        painter.drawRoundedRect(self.rect(), 2, 2)
        left = 0.0
        for share, color in ((self._ours, "memory.weights"), (self._others, "memory.overhead")):
            painter.setBrush(self._theme.color(color))
            painter.drawRect(QRectF(left, 0, self.width() * share, self.height()))
            left += self.width() * share


class StatusBar(QFrame):
    """Tells, and a click on the job, or on the model that arrives, goes to it; a job goes before a model."""

    job_clicked = Signal()
    arrival_clicked = Signal()
    offer_clicked = Signal()

    def __init__(self, theme: Theme, control: JobControl, gpu: GpuWatch, fetches: FetchQueue) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._gpu = gpu
        self._fetches = fetches
        self._came = ""  # what became of the last model that was on its way, until a job has something to say
        self.setProperty("role", "status")
        self._icon = QLabel()
        self._device = label("", "medium")
        self._meter = MemoryMeter(theme)
        self._used = label("")
        self._facts = label("", "small")
        self._offer = QPushButton()
        self._offer.setProperty("kind", "link")
        self._offer.hide()
        self._offer.clicked.connect(self.offer_clicked)
        self._beside = QPushButton()  # what arrives while a job has the bar
        self._beside.setProperty("kind", "link")
        self._beside.hide()
        self._beside.clicked.connect(self.arrival_clicked)
        self._name = ElidedLabel("", "medium")
        self._name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)  # it stands at its bar
        self._bar = Bar(theme, 6)
        self._progress = label("", "small")
        device = (self._icon, self._device, self._meter, self._used, self._facts)
        job = (self._offer, self._beside, self._name, self._bar, self._progress)
        in_row(*device, 1, *job, gap=12, margins=(14, 0, 14, 0), of=self)
        self._clock = QTimer(self)
        self._clock.setInterval(int(MACHINE_SECONDS * 1000))
        self._clock.timeout.connect(self._show_machine)
        gpu.changed.connect(self._show_machine)
        control.advanced.connect(lambda _events: self.show_job())
        control.state_changed.connect(self._forget_came)
        fetches.changed.connect(self.show_job)
        fetches.arrived.connect(lambda name: self._say_came(name, "is here"))
        fetches.failed.connect(lambda name, _error: self._say_came(name, "was not downloaded"))
        theme.follow(self._restyle)
        self._show_machine()

    def start(self) -> None:
        self._clock.start()

    def stop(self) -> None:
        self._clock.stop()

    def offer(self, words: str) -> None:
        """Shows a link at the right, such as to a run that another terminal started; nothing takes it away."""
        self._offer.setText(words)
        self._offer.setVisible(bool(words))
        last = self.window().previousInFocusChain()
        if words and last is not None and last is not self._offer:
            self.setTabOrder(last, self._offer)  # pages are made after this bar, and stand above it

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.size("size.status_bar"))
        self._bar.setFixedWidth(self._theme.px(130))
        side = self._theme.size("size.icon")
        self._icon.setPixmap(self._theme.icon("cpu").pixmap(side, side))
        self.show_job()

    def _show_machine(self) -> None:
        if self._gpu.cards:
            card = self._gpu.cards[0]
            total, used, ours = card.total_bytes, card.used_bytes, card.ours_bytes
            facts = [
                f"{card.utilization_percent} %" if card.utilization_percent is not None else "",
                f"{card.temperature_celsius} °C" if card.temperature_celsius is not None else "",
            ]
            self._device.setText(card.name)
            self._facts.setText("     ".join(filter(None, facts)))
        else:
            memory = machine_memory()
            total, used = memory.total_bytes, memory.total_bytes - memory.available_bytes
            ours = self._engine_bytes()
            self._device.setText("CPU")
            self._facts.setText("no NVIDIA card" if self._gpu.reason else "")
            self._facts.setToolTip(plain_tip(self._gpu.reason))
        self._used.setText(f"{used / 1e9:.1f} of {total / 1e9:.1f} GB")
        self._meter.show_shares(ours / total, max(0, used - ours) / total)

    def _engine_bytes(self) -> int:
        if not self._control.is_busy or not self._control.history.steps:
            return 0
        return self._control.history.steps[-1].memory.resident_bytes

    def show_job(self) -> None:
        """The run that is followed, else the model that arrives: name, bar, time left; else a quiet sentence."""
        control, arrival = self._control, self._fetches.current
        busy = control.is_busy
        name = control.run.name if control.run else ""
        self._name.setVisible(busy or arrival is not None)
        self._bar.setVisible(busy or arrival is not None)
        self._show_beside(arrival if busy else None)
        if busy:
            self._show_name(name)
            done, total = control.history.step, control.history.total_steps
            self._bar.set_share(done / total if total else 0.0)
            left = control.remaining_seconds
            words = {JobState.STARTING: "starting", JobState.PAUSED: "paused", JobState.STOPPING: "stopping"}
            said = [words.get(control.state, ""), f"step {grouped(done)} of {grouped(total)}" if total else ""]
            if left is not None and control.state == JobState.RUNNING:
                said.append(f"{clock(left)} left")
            self._progress.setText(", ".join(filter(None, said)) or "loading")
        elif arrival is not None:
            self._show_arrival(arrival)
        elif self._came:
            self._progress.setText(self._came)
        elif control.outcome is not None and control.run is not None:
            state = control.outcome.state
            self._progress.setText(f"{isolated(shortened(name, LONGEST_NAME))} {state}" + self._where(control))
        else:
            self._progress.setText("No job is running")

    def _say_came(self, name: str, what: str) -> None:
        self._came = f"{isolated(shortened(name.rpartition('/')[2], LONGEST_NAME))} {what}"
        self.show_job()

    def _forget_came(self) -> None:
        self._came = ""
        self.show_job()

    def _show_name(self, name: str) -> None:
        self._name.set_text(name)
        self._name.setFixedWidth(min(self._name.natural_width(), self._theme.px(260)))

    def _show_arrival(self, arrival: Arrival) -> None:
        self._show_name(arrival.title)
        self._bar.set_share(arrival.share)
        said = [" ".join(arrival.of_bytes).strip(), arrival.left]
        self._progress.setText(", ".join(filter(None, said)) or "arriving")

    def _show_beside(self, arrival: Arrival | None) -> None:
        self._beside.setVisible(arrival is not None)
        if arrival is not None:
            self._beside.setText(f"{shortened(arrival.title, LONGEST_BESIDE)} {int(100 * arrival.share)} %")
            self._beside.setAccessibleName(f"{arrival.title} arrives: show it")

    @staticmethod
    def _where(control: JobControl) -> str:
        assert control.outcome is not None
        why = ": out of memory" if control.outcome.is_out_of_memory else ""
        return f"{why} at step {grouped(control.history.step)}" if control.history.step else why

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() > self._facts.geometry().right():
            is_about_models = self._fetches.current is not None or bool(self._came)
            is_of_arrival = is_about_models and not self._control.is_busy
            (self.arrival_clicked if is_of_arrival else self.job_clicked).emit()
        super().mousePressEvent(event)
