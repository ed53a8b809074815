"""The quiz of the Bits page: a question, an answer by number or by bits, and the worked answer after it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from workbench.core.bits.digits import number_words
from workbench.core.bits.inspection import spaced_bits
from workbench.core.bits.quiz import AnswerError, Verdict, check, question
from workbench.core.bits.quiz_question import Kind, Question
from workbench.numerics.named_formats import FP16
from workbench.panes.bits.quiz.quiz_cards import HEAD_HEIGHT, SCORE_WIDTH, ScoreCard, WorkingCard
from workbench.panes.bits.rows.still import StillStrip
from workbench.panes.bits.rows.strip import BitStrip
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.charts.bit_cells import CellSize
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import button, label, set_icon

FIRST_SEED = 1


class QuizView(QWidget):
    """Takes the place of the rows and cards of the Bits page while it is open; the page's own value stays as it is.

    Signals:
        closed: Back to the page.
    """

    closed = Signal()

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._index = 0
        self._marks: list[bool] = []
        self._asked: Question | None = None
        self._verdict: Verdict | None = None
        self._bits = BitsModel(parent=self)
        self._bits.set_formats([FP16])
        self._question = self._make_question()
        self.score = ScoreCard(theme)
        self.working = WorkingCard(theme)
        self.score.begun.connect(self.begin)
        self.score.closed.connect(self.closed)
        self._upper = in_row((self._question, 1), self.score)
        self._lines = in_column((self._upper, 4), (self.working, 5), of=self)
        theme.follow(self._restyle)
        self.begin(FIRST_SEED)

    # -- parts --------------------------------------------------------------------------------------------------------

    def _make_question(self) -> Card:
        theme = self._theme
        card = Card(theme, "Question")
        card.set_least_head(HEAD_HEIGHT)
        self.text = label("", "title", wraps=True)
        self.hint = label("", "fact", wraps=True)
        self.shown = StillStrip(theme, is_large=True)
        self.strip = BitStrip(theme, self._bits, 0, is_large=True)
        self.field = QLineEdit()
        self.field.setAccessibleName("Your answer")
        self.field.setPlaceholderText("Your answer")
        self.field.returnPressed.connect(self._answer_text)
        self.problem = label("", "problem", wraps=True)
        self.choices = [QPushButton() for _ in range(2)]
        for place, made in enumerate(self.choices):
            made.setAutoDefault(False)
            made.clicked.connect(lambda _checked=False, place=place: self._answer_choice(place))
        self.go = button("Check", theme, "check", "primary")
        self.go.clicked.connect(self._go)
        self.give_up = button("Show the answer", theme, kind="flat")
        self.give_up.clicked.connect(self._give_up)
        choices = in_row(*((made, 1) for made in self.choices), gap=8)
        buttons = in_row(self.go, self.give_up, 1, gap=8)
        self._parts = card.body
        for part in (self.text, self.shown, self.strip, self.field, self.problem):
            self._parts.addWidget(part)
        self._parts.addLayout(choices)
        self._parts.addWidget(self.hint)
        self._parts.addSpacing(8)
        self._parts.addLayout(buttons)
        self._parts.addStretch(1)
        return card

    def _restyle(self) -> None:
        theme = self._theme
        gap = theme.size("space.card_gap")
        self._lines.setSpacing(gap)
        self._upper.setSpacing(gap)
        self._parts.setSpacing(theme.px(10))
        self.field.setFont(theme.font("title", mono=True))
        self.field.setFixedWidth(theme.px(320))
        for made in self.choices:
            made.setFont(theme.font("title", weight=500))
            made.setMinimumHeight(theme.px(44))
        if self._asked is not None:
            self._show_verdict()
        self._give_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        pad = self._theme.px(34)
        room = self.width() - self._theme.px(SCORE_WIDTH) - self._upper.spacing() - pad
        if room > 0:
            self.strip.set_room(room, CellSize.large(self._theme).width)
            self.shown.set_room(room)
            self.working.solution.set_room(self.width() - pad)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._focus()

    # -- questions ----------------------------------------------------------------------------------------------------

    @property
    def asked(self) -> Question:
        assert self._asked is not None
        return self._asked

    @property
    def verdict(self) -> Verdict | None:
        """How the question that is shown was answered; None while it is open."""
        return self._verdict

    @property
    def model(self) -> BitsModel:
        """The bits that are flipped for an answer."""
        return self._bits

    def begin(self, seed: int) -> None:
        """Asks the first question of a seed, with no points."""
        self.score.show_seed(seed)
        self._index, self._marks = 0, []
        self._ask()

    def next(self) -> None:
        self._index += 1
        self._ask()

    def _ask(self) -> None:
        asked = self._asked = question(self.score.seed.value(), self._index)
        self._verdict = None
        self._question.title.setText(f"Question {self._index + 1}")
        self.text.setText(asked.text)
        self.hint.setText(asked.hint)
        self.hint.setVisible(bool(asked.hint))
        is_typed = asked.kind in (Kind.DECIMAL, Kind.NEXT)
        has_bits = asked.kind in (Kind.DECIMAL, Kind.NEXT)
        self.shown.setVisible(has_bits)
        if has_bits:
            self.shown.show_code(asked.format, asked.shown)
        self.strip.setVisible(asked.kind is Kind.FLIP)
        if asked.kind is Kind.FLIP:
            self._bits.set_formats([asked.format])
            self._bits.set_code(0, asked.shown)
            self._bits.select(0, asked.format.bits - 1)
        self.field.setVisible(is_typed)
        self.field.clear()
        self._show_problem("")
        for made, code in zip(self.choices, asked.choices or (0, 0), strict=True):
            made.setVisible(bool(asked.choices))
            made.setText(f"{number_words(asked.format.decode(code).number)}    {spaced_bits(asked.format, code)}")
        self._show_verdict()
        self._focus()

    def _focus(self) -> None:
        """Where the answer is given: to type it, nothing has to be clicked first."""
        if not self.isVisible():
            return
        if self._verdict is not None:
            self.go.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        place: QWidget = self.field
        if self.asked.kind is Kind.FLIP:
            place = self.strip
        elif self.asked.kind is Kind.NEARER:
            place = self.choices[0]
        place.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- answers ------------------------------------------------------------------------------------------------------

    def _go(self) -> None:
        if self._verdict is not None:
            self.next()
        elif self.asked.kind is Kind.FLIP:
            code = self._bits.rows[0].code
            self._judge(check(self.asked, code if code is not None else 0))
        else:
            self._answer_text()

    def _answer_text(self) -> None:
        if self._verdict is not None:
            self.next()
            return
        try:
            self._judge(check(self.asked, self.field.text()))
        except AnswerError as error:
            self._show_problem(str(error))

    def _answer_choice(self, place: int) -> None:
        if self._verdict is None:
            self._judge(check(self.asked, self.asked.choices[place]))

    def _give_up(self) -> None:
        known = check(self.asked, self.asked.answer)
        right = number_words(self.asked.format.decode(self.asked.answer).number)
        self._judge(Verdict(False, f"It is {right}.", known.working))

    def _judge(self, verdict: Verdict) -> None:
        self._verdict = verdict
        self._marks.append(verdict.is_right)
        self._show_problem("")
        self._show_verdict()
        self._focus()

    def _show_problem(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        polish(self.field, state="danger" if problem else "")
        self.field.setAccessibleDescription(problem)

    def _show_verdict(self) -> None:
        verdict, asked = self._verdict, self.asked
        is_open = verdict is None
        self.field.setReadOnly(not is_open)
        self.strip.setEnabled(is_open)
        for made, code in zip(self.choices, asked.choices or (0, 0), strict=True):
            self._mark_choice(made, "" if is_open else "check" if code == asked.answer else "x")
        self.go.setText("Check" if is_open else "Next question")
        set_icon(self.go, self._theme, "check" if is_open else "arrow-right", "text.on_accent")
        self.go.setVisible(not is_open or asked.kind is not Kind.NEARER)
        self.give_up.setVisible(is_open)
        self.score.show_marks(self._marks)
        self.working.show_verdict(asked, verdict)

    def _mark_choice(self, made: QPushButton, icon: str) -> None:
        """After the answer a tick stands at the right one, a cross at the other."""
        color = "status.success" if icon == "check" else "status.danger"
        made.setIcon(self._theme.icon(icon, color) if icon else QIcon())
        made.setIconSize(self._theme.icon_size("icon_rail"))
