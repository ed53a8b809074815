"""What stands beside and below a question of the quiz: the score with the seed, and the worked answer."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent

from workbench.core.bits.format_facts import NONE, format_facts
from workbench.core.bits.quiz import Verdict
from workbench.core.bits.quiz_question import Question
from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.rows.still import StillStrip
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import button, icon_button, label
from workbench.panes.parts.fields import IntegerField

LARGEST_SEED = 999_999
SCORE_WIDTH = 250
HEAD_HEIGHT = 28  # with a button in it or without
MOST_MARKS = 24
MOST_STEPS, STEP_PIXELS = 4, 15
BEFORE = "How one comes to the answer stands here once you have given yours."


class ScoreCard(Card):
    """How many answers were right, and the seed the questions come from.

    Signals:
        begun: The seed whose questions are to be asked from the first one on.
        closed: Back to the page.
    """

    begun = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Score")
        self.back = icon_button("Back to the rows", theme, "x")
        self.back.clicked.connect(self.closed)
        self.add_to_head(self.back)
        self.score = label("", "figure")
        self.marks = _Marks(theme)
        self.seed = IntegerField()
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("The same seed asks the same questions, on every machine")
        self.again = button("Start again", theme, "arrow-counter-clockwise")
        self.again.setToolTip("From the first question of this seed, with no points")
        self.seed.valueChanged.connect(self.begun)
        self.again.clicked.connect(lambda: self.begun.emit(self.seed.value()))
        seeds = in_row(label("Seed", "label"), (self.seed, 1), gap=8)
        self.body.addWidget(self.score)
        self.body.addWidget(self.marks)
        self.body.addStretch(1)
        self.body.addLayout(seeds)
        self.body.addWidget(self.again)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.setFixedWidth(self.theme.px(SCORE_WIDTH))

    def show_seed(self, seed: int) -> None:
        """Shows a seed without telling it."""
        self.seed.blockSignals(True)
        self.seed.setValue(seed)
        self.seed.blockSignals(False)

    def show_marks(self, marks: list[bool]) -> None:
        self.score.setText(f"{sum(marks)} of {len(marks)} right")
        self.marks.show_marks(marks)


class WorkingCard(Card):
    """How one comes to the answer, step by step, once there is one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Worked answer")
        self.set_least_head(HEAD_HEIGHT)
        self.tag = Tag(theme)
        self.add_to_head(self.tag)
        self.before = label(BEFORE, "sentence", wraps=True)
        self.verdict = label("", "lead", wraps=True)
        self.solution = StillStrip(theme, is_large=True)
        self.steps = [label("", "", wraps=True) for _ in range(MOST_STEPS)]
        for part in (self.before, self.verdict, self.solution, *self.steps):
            self.body.addWidget(part)
        for words in (self.verdict, *self.steps):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addStretch(1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.body.setSpacing(self.theme.px(8))
        font = self.theme.font("body")
        font.setPixelSize(self.theme.px(STEP_PIXELS))
        for words in self.steps:
            words.setFont(font)

    def show_verdict(self, asked: Question, verdict: Verdict | None) -> None:
        """The working of an answer; None while the question is open."""
        self.before.setText(f"{BEFORE}\n\n{help_with(asked.format)}")
        self.before.setVisible(verdict is None)
        self.verdict.setVisible(verdict is not None)
        self.solution.setVisible(verdict is not None)
        working = verdict.working if verdict else ()
        for place, words in enumerate(self.steps):
            words.setText(working[place] if place < len(working) else "")
            words.setVisible(place < len(working))
        if verdict is None:
            self.tag.show_state("", "none")
            return
        self.tag.show_state("Right" if verdict.is_right else "Not right", "success" if verdict.is_right else "danger")
        self.verdict.setText(verdict.text)
        self.solution.show_code(asked.format, asked.answer)


def help_with(format_: NumberFormat) -> str:
    """What one may look up about a format, a fact a line."""
    facts = "\n".join(f"{name}: {value}" for name, value in format_facts(format_) if value != NONE)
    return f"{format_.name}: {format_.title}.\n{facts}".strip()


class _Marks(Canvas):
    """A tick or a cross for each answer, the last ones where there are many."""

    GROWS = (True, False)
    SIZE = (60, 18)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._marks: list[bool] = []

    def show_marks(self, marks: list[bool]) -> None:
        self._marks = marks[-MOST_MARKS:]
        self.setAccessibleName(f"{sum(marks)} right, {len(marks) - sum(marks)} not")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self._theme.px(14)
        room = max(1, self.width() // (side + 2))
        for place, is_right in enumerate(self._marks[-room:]):
            icon = self._theme.icon(*(("check", "status.success") if is_right else ("x", "status.danger")))
            icon.paint(painter, QRect(QPoint(place * (side + 2), (self.height() - side) // 2), QSize(side, side)))
