"""The card of the chosen row: what was asked, what was expected, and the answers side by side."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from workbench.core.chat.metrics import is_json_container
from workbench.core.chat.transcript import proof_in_words
from workbench.core.units import counted, duration_in_words, grouped
from workbench.panes.charts.key_caps import KeyCaps
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import divider, icon_button, label
from workbench.panes.try_.table.answer_box import AnswerBox
from workbench.panes.try_.table.marked_words import PITCH, FewLines
from workbench.panes.try_.table.rows import asked_in_words
from workbench.panes.try_.table.shown import BLIND_NAMES, ShownTable

KEYS = (("1", ""), ("2", ""), ("3", "answer"), ("R", "right"), ("W", "wrong"), ("U", "not rated"))
MARKED_BY_EXPECTED = "words that the expected answer has not are marked"
MARKED_BY_BASE = "words that the base has not are marked"


class RowCard(ScopedCard):
    """What keys and buttons act on.

    Signals:
        rated: A verdict (True, False or None) for the answer at a place.
    """

    rated = Signal(object, int)

    def __init__(self, theme: Theme, shown: ShownTable) -> None:
        super().__init__(theme, "Row", is_apart=True)
        self._shown = shown
        self.set_margins(0, 0, 0, 0)
        self.keys = KeyCaps(theme, KEYS)
        self.back = icon_button("The row before (Up)", theme, "caret-left")
        self.on = icon_button("The next row (Down)", theme, "caret-right")
        self.back.clicked.connect(lambda: shown.step(-1))
        self.on.clicked.connect(lambda: shown.step(1))
        for made in (self.keys, self.back, self.on):
            self.add_to_head(made)
        self._asked = QWidget()
        self._grid = QGridLayout(self._asked)
        self._grid.setColumnStretch(1, 1)
        self.question, self.expected = FewLines(theme, "Question"), FewLines(theme, "Expected answer")
        self._titles = [label("Question", "small"), label("Expected", "small")]
        for place, words in enumerate((self.question, self.expected)):
            self._titles[place].setAlignment(Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(self._titles[place], place, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(words, place, 1)
        self.boxes = [AnswerBox(theme, name) for name in BLIND_NAMES]
        for place, box in enumerate(self.boxes):
            box.picked.connect(lambda place=place: self._shown.choose(self._shown.row, place))
            box.rated.connect(lambda verdict, place=place: self.rated.emit(verdict, place))
        self._answers = QFrame()
        self._answer_line = in_row(*((box, 1) for box in self.boxes), gap=4, of=self._answers)
        self.empty = label("", "fact", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._divider = divider()
        self.body.setSpacing(0)
        for part in (self._asked, self._divider):
            self.body.addWidget(part)
        self.body.addWidget(self._answers, 1)
        self.body.addWidget(self.empty, 1)
        shown.chosen.connect(self.refresh)
        shown.listed.connect(self.refresh)
        shown.told.connect(self._told)
        theme.follow(self._restyle)
        self.refresh()

    def _restyle(self) -> None:
        px = self.theme.px
        self._grid.setContentsMargins(px(14), px(6), px(14), px(8))
        self._grid.setHorizontalSpacing(px(10))
        self._grid.setVerticalSpacing(px(4))
        for title in self._titles:
            title.setFixedHeight(px(PITCH))
        self._answer_line.setContentsMargins(px(6), px(6), px(6), px(6))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_keys()

    def _show_keys(self) -> None:
        self.keys.setVisible(self.keys.fits() and self._shown.is_by_hand)

    def _told(self, rows: list[int]) -> None:
        if not rows or self._shown.row in rows:
            self.refresh()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Shows the chosen row as it stands."""
        shown, table = self._shown, self._shown.table
        row = shown.row if table is not None else -1
        is_there = table is not None and row >= 0
        for part in (self._asked, self._divider, self._answers):
            part.setVisible(is_there)
        self.empty.setVisible(not is_there)
        self._show_keys()
        self.title.setText(f"Row {grouped(row + 1)}" if is_there else "Row")
        at = shown.rows.index(row) if is_there and row in shown.rows else -1
        self.back.setEnabled(at > 0)
        self.on.setEnabled(0 <= at < len(shown.rows) - 1)
        if table is None or row < 0:
            self.scope.set_text("")
            self.empty.setText("The answers to the chosen prompt stand here side by side.")
            return
        asking = table.prompts[row]
        before = f"{counted(len(asking.before), 'turn')} before it. " if asking.before and asking.text else ""
        self.question.show_text(before + asked_in_words(asking))
        self.expected.show_text(asking.expected or "")
        for widget in (self._titles[1], self.expected):
            widget.setVisible(asking.expected is not None)
        has_marks = any(shown.reference(row, place) is not None for place in range(len(table.columns)))
        words = MARKED_BY_EXPECTED if asking.expected is not None else MARKED_BY_BASE
        self.scope.set_text(words if has_marks else "")
        for place, box in enumerate(self.boxes):
            box.setVisible(place < len(table.columns))
            if place < len(table.columns):
                self._show_box(row, place, box)

    def _show_box(self, row: int, place: int, box: AnswerBox) -> None:
        shown, table = self._shown, self._shown.table
        assert table is not None
        column = shown.column(row, place)
        name, color = shown.names()[place], shown.color(place)
        answer, problem = table.answer(row, column), table.problem(row, column)
        by_hand, verdict = shown.is_by_hand, table.verdict(row, column)
        box.set_chosen(place == shown.place and by_hand)
        if answer is None:
            box.setToolTip("")
            box.show_none(name, color, problem or "Not answered yet.")
            box.show_verdict(None, has_buttons=False, has_tag=False, can_be_rated=False)
            if problem:
                box.show_problem()
            return
        box.setToolTip("" if shown.is_blind or not answer.base_hash else proof_in_words(answer))
        box.show_answer(name, color, answer.text, shown.reference(row, place), self._facts(row, column))
        box.show_verdict(verdict, has_buttons=by_hand, has_tag=by_hand or verdict is not None, can_be_rated=True)

    def _facts(self, row: int, column: int) -> str:
        """What it took, and how near it comes to what was expected; blind, nothing of that."""
        table = self._shown.table
        assert table is not None
        answer, f1 = table.answer(row, column), table.f1(row, column)
        assert answer is not None
        expected = table.prompts[row].expected
        facts = []
        if answer.finish == "length":
            facts.append(f"cut at {grouped(answer.tokens)} tokens")
        if self._shown.is_blind:
            return ", ".join(facts)
        if f1 is not None:
            facts.append(f"F1 {f1:.2f}")
        if expected is not None and is_json_container(expected):
            facts.append("valid JSON" if table.is_json(row, column) else "not JSON")
        facts.append(f"{counted(answer.tokens, 'token')} in {duration_in_words(answer.seconds)}")
        return ", ".join(facts)

    def copy_chosen(self) -> None:
        """Copies the answer that keys act on."""
        box = self.boxes[self._shown.place]
        if box.isVisible() and box.text:
            QGuiApplication.clipboard().setText(box.text)
