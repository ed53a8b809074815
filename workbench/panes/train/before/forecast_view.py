"""The idle picture of the Train page: what is ready, what training would do, and what memory it would take."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from workbench.core.data.glance import is_enough
from workbench.core.figures import setting_text
from workbench.core.memory.corrections import plain_limit
from workbench.core.problems import UserError, shown
from workbench.core.units import bytes_in_words, count_in_words
from workbench.panes.charts.empty_axes import EmptyAxes
from workbench.panes.charts.memory_bar import MemoryBar
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import STATE_OF_VERDICT, Card, Tag
from workbench.panes.parts.controls import breakable, button, label, plain_tip
from workbench.panes.parts.form_rows import in_form_words
from workbench.panes.parts.run_words import NOT_KNOWN
from workbench.panes.train.before.forecast_words import (
    basis_in_words,
    data_in_words,
    memory_in_words,
    problems_in_words,
    samples_in_words,
    segment,
    time_in_words,
    verdict_in_words,
)
from workbench.panes.train.before.forecaster import Reading
from workbench.panes.train.before.phase_strip import PhaseStrip
from workbench.panes.train.before.remedy_table import RemedyTable

LONGEST_NAME = 80
# The card of the waiting axes needs less than this drawn height at the least.
LEAST_AXES = 140
MOST_REMEDIES = 3


class ForecastView(QWidget):
    """Three steps with ticks, the forecast, the predicted memory with what would help it, and axes that wait.

    Signals:
        go_to: A page to go to.
        train_asked: Train it.
        remedy_asked: A change of the recipe that makes it need less memory.
    """

    go_to = Signal(str)
    train_asked = Signal()
    remedy_asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.steps = Card(theme, "Nothing has been trained yet")
        self.model_step = Step(theme, 1, "Choose a model", "Go to Model")
        self.data_step = Step(theme, 2, "Get the data ready", "Go to Data")
        self.train_step = Step(theme, 3, "Train it", "Train", icon="play")
        self.model_step.button.clicked.connect(lambda: self.go_to.emit("model"))
        self.data_step.button.clicked.connect(lambda: self.go_to.emit("data"))
        self.train_step.button.clicked.connect(self.train_asked)
        for step in (self.model_step, self.data_step, self.train_step):
            self.steps.body.addWidget(step)
        self.steps.body.addStretch(1)
        self.will_do = Card(theme, "What it will do")
        self.phases = PhaseStrip(theme)
        self.time = Figure("Time, about")
        self.memory = Figure("Memory")
        self.trained = Figure("Trained")
        self.will_do.body.addWidget(self.phases)
        figures = in_row((self.time, 1), (self.memory, 1), (self.trained, 1), gap=12)
        self.will_do.body.addSpacing(8)
        self.will_do.body.addLayout(figures)
        self.will_do.body.addSpacing(8)
        self.sentence = label("", wraps=True)
        self.sentence.setProperty("role", "sentence")
        self.will_do.body.addWidget(self.sentence)
        self.will_do.body.addStretch(1)
        self.memory_card = Card(theme, "Memory, predicted")
        self.verdict = Tag(theme)
        self.memory_card.add_to_head(self.verdict)
        self.bar = MemoryBar(theme)
        self._no_bar = label("", "small", wraps=True)
        self.memory_card.body.addWidget(self.bar)
        self.memory_card.body.addWidget(self._no_bar)
        self.remedies = RemedyTable(theme, "Apply", MOST_REMEDIES)
        self.remedies.chosen.connect(self.remedy_asked)
        self.loss_card = Card(theme, "Loss", "by step")
        self.axes = EmptyAxes(theme, "The curve will be drawn here, a point a step.")
        self.loss_card.body.addWidget(self.axes, 1)
        for card in (self.steps, self.will_do):
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._top = in_row((self.steps, 1), (self.will_do, 1))
        # What is empty at the end takes the room of the axes where these are left out.
        self._layout = in_column(self._top, self.memory_card, self.remedies, (self.loss_card, 1), 0, of=self)
        self.memory_card.installEventFilter(self)
        self.remedies.installEventFilter(self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        gap = self._theme.size("space.card_gap")
        self._top.setSpacing(gap)
        self._layout.setSpacing(gap)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_axes()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._fit_axes()
        return False

    def _fit_axes(self) -> None:
        """Leaves the waiting axes out where there is no room for them."""
        last = self.memory_card if self.remedies.isHidden() else self.remedies
        room = self.height() - last.geometry().bottom() - self._layout.spacing()
        has_room = room >= self._theme.px(LEAST_AXES)
        if has_room == self.loss_card.isHidden():
            self.loss_card.setVisible(has_room)
            self._layout.setStretch(self._layout.count() - 1, 0 if has_room else 1)

    def show_reading(self, reading: Reading, problem: str, train_words: str) -> None:
        """Shows what a reading says; `problem` is what keeps the recipe from being trained."""
        self.steps.title.setText("Ready for another run" if reading.has_runs else "Nothing has been trained yet")
        self._show_steps(reading, problem, train_words)
        self._show_forecast(reading)
        self._show_memory(reading)
        looked = reading.forecast
        self.axes.set_last(looked.steps if looked is not None and looked.steps else 100)

    def _show_steps(self, reading: Reading, problem: str, train_words: str) -> None:
        shape = reading.shape
        if shape is not None:
            where = "on this machine" if shape.is_local else "downloaded when training starts"
            words = f"{shape.name}, {count_in_words(shape.parameters)} parameters, {where}"
            self.model_step.show_state("done", "A model is chosen", words)
        elif reading.model_error is None:
            name = shown(reading.recipe.model.source, LONGEST_NAME)
            words = f"{name}, downloaded when training starts: what it needs is known then"
            self.model_step.show_state("done", "A model is chosen", words)
        else:
            self._show_error(self.model_step, "Choose a model", reading.model_error)
        glance = reading.glance
        is_ready = glance is not None and is_enough(glance, reading.recipe.data)
        if glance is not None and is_ready:
            self.data_step.show_state("done", "The data is ready", data_in_words(reading))
        elif glance is not None:
            self.data_step.show_state("open", "Get the data ready", problems_in_words(glance.problem_count))
        else:
            self._show_error(self.data_step, "Get the data ready", reading.data_error)
        learning_rate = setting_text(reading.recipe.training.learning_rate)
        words = in_form_words(problem) or f"With a learning rate of {learning_rate}, as the form says"
        state = "open" if problem or reading.model_error is not None or not is_ready else "next"
        self.train_step.button.setText(train_words)
        self.train_step.show_state(state, "Train it", words, can_act=not problem)

    def _show_error(self, step: "Step", title: str, error: UserError | None) -> None:
        words = in_form_words(str(error)) if error else ""
        step.show_state("open", title, words)

    def _show_forecast(self, reading: Reading) -> None:
        looked = reading.forecast
        self.phases.setVisible(looked is not None)
        self.phases.show_segments([segment(phase) for phase in looked.phases] if looked is not None else [])
        if looked is None:
            for figure in (self.time, self.memory, self.trained):
                figure.show_figure(NOT_KNOWN, "")
        else:
            self.time.show_figure(*time_in_words(looked.seconds))
            self.time.setToolTip(looked.seconds_basis)
            self.memory.show_figure(*memory_in_words(looked.peak_bytes, reading.room.total_bytes))
            self.trained.show_figure(
                f"{100 * looked.trainable_share:.3g} %", count_in_words(looked.trainable_parameters)
            )
        basis = f"The time is {looked.seconds_basis}." if looked is not None else ""
        self.sentence.setText(f"{samples_in_words(reading)} {basis}".strip())

    def _show_memory(self, reading: Reading) -> None:
        ledger, room, corrected, verdict = reading.ledger, reading.room, reading.corrected, reading.verdict
        self.bar.setVisible(ledger is not None)
        self._no_bar.setVisible(ledger is None)
        is_safe = verdict is None or verdict.word == "fits"
        self.remedies.show_remedies(() if is_safe else reading.remedies[:MOST_REMEDIES], room)
        self.remedies.setVisible(bool(self.remedies.shown))
        if ledger is None or corrected is None or verdict is None:
            self.memory_card.scope.setText("")
            waits = "the model's configuration is here" if reading.shape is None else "the settings allow a run"
            self._no_bar.setText(f"It is predicted once {waits}.")
            self.verdict.show_state("", "none")
            return
        learned = corrected.correction.in_words
        self.memory_card.scope.setText(f"at the {ledger.moment}{f'; {learned}' if learned else ''}")
        whose = "the card's" if room.is_card else "this machine's"
        self.bar.show_ledger(
            # Where the limit falls among parts that do not know yet what was learned.
            ledger,
            limit_bytes=plain_limit(room.free_bytes, corrected),
            limit_words=f"{whose} free memory, {bytes_in_words(room.free_bytes)}",
        )
        self.verdict.show_state(verdict_in_words(verdict, room), STATE_OF_VERDICT[verdict.word])
        self.verdict.setToolTip(plain_tip(basis_in_words(corrected)))


class Step(QWidget):
    """One of the three steps: a tick or its number, what it is about, and the button that does it."""

    def __init__(self, theme: Theme, number: int, title: str, words: str, icon: str = "arrow-right") -> None:
        super().__init__()
        self._theme = theme
        self._number = number
        self._state = "open"
        self._mark = QLabel()
        self._mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._title = label(title, "medium")
        self._words = label("", "sentence", wraps=True)
        self.button: QPushButton = button(words, theme, icon)
        text = in_column(self._title, self._words, (self.button, 0, Qt.AlignmentFlag.AlignLeft), gap=2)
        mark = (self._mark, 0, Qt.AlignmentFlag.AlignTop)
        in_row(mark, (text, 1), gap=10, margins=(0, 3, 0, 3), of=self)
        theme.follow(self._draw)

    @property
    def state(self) -> str:
        return self._state

    @property
    def words(self) -> str:
        return self._words.text().replace("\u200b", "")

    def show_state(self, state: str, title: str, words: str, *, can_act: bool = True) -> None:
        """States: done, next (what is to be done now), open (something is missing)."""
        self._state = state
        self._title.setText(title)
        self._words.setText(breakable(words[:400]))
        self._words.setVisible(bool(words))
        self.button.setVisible(state != "done")
        self.button.setEnabled(can_act)
        self.setAccessibleName(f"{title}: {'done' if state == 'done' else words}")
        self._draw()

    def _draw(self) -> None:
        side = self._theme.px(18)
        icon, color = {
            "done": ("check-circle", "status.success"),
            "next": (_NUMBERS[self._number], "accent.line"),
            "open": ("warning-circle", "status.warn"),
        }[self._state]
        self._mark.setPixmap(self._theme.icon(icon, color).pixmap(side, side))


_NUMBERS = {1: "number-circle-one", 2: "number-circle-two", 3: "number-circle-three"}


class Figure(QWidget):
    """A figure under what it is, with what belongs to it behind."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = label(name, "small")
        self._figure = label(NOT_KNOWN, "figure")
        self._of = label("", "fact")
        line = in_row(
            (self._figure, 0, Qt.AlignmentFlag.AlignBaseline), (self._of, 0, Qt.AlignmentFlag.AlignBaseline), 1, gap=5
        )
        in_column(self._name, line, gap=0, of=self)

    @property
    def text(self) -> str:
        return f"{self._figure.text()} {self._of.text()}".strip()

    def show_figure(self, figure: str, of: str) -> None:
        self._figure.setText(figure)
        self._of.setText(of)
        self.setAccessibleName(f"{self._name.text()}: {figure} {of}")
