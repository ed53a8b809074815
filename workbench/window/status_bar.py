"""The bar along the bottom: the card and its memory, and what runs or arrives, wherever one is."""

from typing import Literal, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.bridge.export_control import ExportControl
from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl, JobState
from workbench.core.job.run_folder import RunState
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
Kind = Literal["run", "export", "arrival", "chat"]


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


class _AtWork(NamedTuple):
    """What goes on, as the bar shows it."""

    kind: Kind
    name: str
    share: float
    words: str


class StatusBar(QFrame):
    """Tells, and a click on what goes on goes to it.

    A run goes before an export, an export before a model that arrives, that before what answers.
    """

    job_clicked = Signal()
    export_clicked = Signal()
    arrival_clicked = Signal()
    chat_clicked = Signal()
    offer_clicked = Signal()

    def __init__(
        self,
        theme: Theme,
        control: JobControl,
        gpu: GpuWatch,
        fetches: FetchQueue,
        exports: ExportControl,
        chat: ChatControl,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._gpu = gpu
        self._fetches = fetches
        self._exports = exports
        self._chat = chat
        self._came = ""  # what became of the last export or model, until another job has something to say
        self._came_of: Kind = "arrival"
        self._beside_of: Kind = "arrival"
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
        self._beside = QPushButton()  # what goes on while another has the bar
        self._beside.setProperty("kind", "link")
        self._beside.hide()
        self._beside.clicked.connect(lambda: self._go_to(self._beside_of))
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
        exports.advanced.connect(self.show_job)
        exports.state_changed.connect(self._export_changed)
        fetches.changed.connect(self.show_job)
        chat.state_changed.connect(self.show_job)
        chat.advanced.connect(lambda _events: self.show_job())
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
        """What is at work: name, bar, how far; a second one as a link beside it. Else a quiet sentence."""
        at_work = self._at_work()
        first = at_work[0] if at_work else None
        self._name.setVisible(first is not None)
        self._bar.setVisible(first is not None)
        self._show_beside(at_work[1] if len(at_work) > 1 else None)
        if first is not None:
            self._show_name(first.name)
            self._bar.set_share(first.share)
            self._progress.setText(first.words)
        else:
            self._progress.setText(self._what_was())

    def _at_work(self) -> list[_AtWork]:
        found = (self._run(), self._export(), self._arrival(), self._answers())
        return [each for each in found if each is not None]

    def _what_was(self) -> str:
        control = self._control
        if self._came:
            return self._came
        if control.outcome is not None and control.run is not None:
            name = isolated(shortened(control.run.name, LONGEST_NAME))
            return f"{name} {control.outcome.state}" + self._where(control)
        return "No job is running"

    def _run(self) -> _AtWork | None:
        control = self._control
        if not control.is_busy:
            return None
        done, total = control.history.step, control.history.total_steps
        left = control.remaining_seconds
        words = {JobState.STARTING: "starting", JobState.PAUSED: "paused", JobState.STOPPING: "stopping"}
        said = [words.get(control.state, ""), f"step {grouped(done)} of {grouped(total)}" if total else ""]
        if left is not None and control.state == JobState.RUNNING:
            said.append(f"{clock(left)} left")
        name = control.run.name if control.run else ""
        return _AtWork("run", name, done / total if total else 0.0, ", ".join(filter(None, said)) or "loading")

    def _export(self) -> _AtWork | None:
        exports = self._exports
        if not exports.is_busy:
            return None
        request = exports.request if exports.is_exporting else exports.measured_request
        assert request is not None
        seen = exports.seen(is_export=exports.is_exporting)
        now = seen.at_work
        left = f"{clock(seen.seconds_left)} left" if now is not None and seen.seconds_left >= 1 else ""
        words = ", ".join(filter(None, (now.step.title if now is not None else "starting", left)))
        verb = "export" if exports.is_exporting else "measure"
        return _AtWork("export", f"{verb} {request.about}", seen.share, words)

    def _arrival(self) -> _AtWork | None:
        arrival = self._fetches.current
        if arrival is None:
            return None
        said = [" ".join(arrival.of_bytes).strip(), arrival.left]
        return _AtWork("arrival", arrival.title, arrival.share, ", ".join(filter(None, said)) or "arriving")

    def _answers(self) -> _AtWork | None:
        chat = self._chat
        if chat.state is ChatState.LOADING:
            phase = chat.phase
            share = phase.done / phase.total if phase is not None and phase.total else 0.0
            return _AtWork("chat", chat.title, share, "loading what answers")
        if not chat.is_answering:
            return None
        most = next(iter(chat.waiting.values()))
        if not most:  # no answer, but tokens to be looked at, or held-out rows to be measured
            return self._examined()
        pace = f", {chat.tokens_per_second:.0f} tokens a second" if chat.tokens_per_second else ""
        return _AtWork("chat", chat.title, chat.answered_tokens / most if most else 0.0, f"answering{pace}")

    def _examined(self) -> _AtWork:
        from workbench.core.job.phases import how_far  # with the first chat: the first paint has none

        chat, phase = self._chat, self._chat.phase
        if phase is None or phase.name != "measure" or phase.done >= phase.total:
            return _AtWork("chat", chat.title, 0.0, "looking at tokens")
        return _AtWork("chat", chat.title, phase.done / phase.total, how_far(phase).lower())

    def _say_came(self, name: str, what: str) -> None:
        self._say_over("arrival", f"{isolated(shortened(name.rpartition('/')[2], LONGEST_NAME))} {what}")

    def _say_over(self, kind: Kind, words: str) -> None:
        self._came, self._came_of = words, kind
        self.show_job()

    def _forget_came(self) -> None:
        self._came = ""
        self.show_job()

    def _export_changed(self) -> None:
        """An export that is over is told until another job has something to say."""
        outcome, request = self._exports.outcome, self._exports.request
        if self._exports.is_busy:
            self._forget_came()
        elif outcome is not None and request is not None:
            words = {RunState.FINISHED: "is exported", RunState.CANCELLED: "is cancelled"}
            words |= {RunState.STOPPED: "is exported in part"}
            name = isolated(shortened(request.about, LONGEST_NAME))
            self._say_over("export", f"{name} {words.get(outcome.state, 'was not exported as a whole')}")
        else:
            self.show_job()

    def _show_name(self, name: str) -> None:
        self._name.set_text(name)
        self._name.setFixedWidth(min(self._name.natural_width(), self._theme.px(260)))

    def _show_beside(self, other: _AtWork | None) -> None:
        self._beside.setVisible(other is not None)
        self._beside_of = other.kind if other is not None else "arrival"
        if other is not None:
            self._beside.setText(f"{shortened(other.name, LONGEST_BESIDE)} {int(100 * other.share)} %")
            words = "arrives" if other.kind == "arrival" else "goes on"
            self._beside.setAccessibleName(f"{other.name} {words}: show it")

    @staticmethod
    def _where(control: JobControl) -> str:
        assert control.outcome is not None
        why = ": out of memory" if control.outcome.is_out_of_memory else ""
        return f"{why} at step {grouped(control.history.step)}" if control.history.step else why

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() > self._facts.geometry().right():
            at_work = self._at_work()
            self._go_to(at_work[0].kind if at_work else self._came_of if self._came else "run")
        super().mousePressEvent(event)

    def _go_to(self, kind: Kind) -> None:
        clicked = {
            "run": self.job_clicked,
            "export": self.export_clicked,
            "arrival": self.arrival_clicked,
            "chat": self.chat_clicked,
        }
        clicked[kind].emit()
