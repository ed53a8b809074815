"""The answers of each precision to one prompt, below each other, the first word that differs marked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)
from PySide6.QtWidgets import QFrame, QTextEdit

from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import title_of
from workbench.core.race.race import Race
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, icon_button
from workbench.panes.quantize.race.marks import color_of, is_hollow
from workbench.panes.quantize.race.words import RaceRow

NOTHING_YET = "Each precision answers the same prompts; the first word that differs is marked."
NOT_YET = "Not answered yet."
LONGEST_SHOWN = 4000
NAME_WIDTH = 78
FULL, HOLLOW = "\u25cf", "\u25cb"


class AnswersCard(Card):
    """One prompt at a time; the arrows turn to its neighbours."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Answers")
        self._race: Race | None = None
        self._rows: Sequence[RaceRow] = ()
        self._prompts: Sequence[str] = ()
        self._shown: object = None
        self.place = 0
        self.before = icon_button("The prompt before", theme, "caret-left")
        self.after = icon_button("The next prompt", theme, "caret-right")
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after.clicked.connect(lambda: self.turn(1))
        for made in (self.before, self.after):
            self.add_to_head(made)
        self.prompt = ElidedLabel("", "medium", Qt.TextElideMode.ElideRight)
        self.text = QTextEdit()
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setAccessibleName("Answers to the same prompt")
        self.text.setTabChangesFocus(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.document().setDocumentMargin(0)
        self.set_margins(14, 0, 6, 6)
        self.body.setSpacing(4)
        self.body.addWidget(self.prompt)
        self.body.addWidget(self.text, 1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        theme = self.theme
        ring = theme.color("focus.ring").name()
        self.text.setStyleSheet(
            "QTextEdit { background: transparent; border: none; padding: 1px 2px; }"
            f"QTextEdit:focus {{ border: 2px solid {ring}; border-radius: 4px; padding: 0; }}"
        )
        self.text.setMinimumHeight(theme.px(40))
        for made in (self.before, self.after):
            made.setFixedHeight(theme.px(20))  # the head is as high as one without buttons
        self._shown = None
        self._show()

    def show_race(self, race: Race | None, rows: Sequence[RaceRow], prompts: Sequence[str]) -> None:
        """What was answered; `rows` are all that answer, and `prompts` what they are asked."""
        self._race, self._rows, self._prompts = race, rows, prompts
        self._show()

    def turn(self, by: int) -> None:
        """Shows an earlier or a later prompt."""
        self.place += by
        self._show()

    def _show(self) -> None:
        race, prompts = self._race, self._prompts
        self.place = min(max(0, self.place), max(0, len(prompts) - 1))
        self.before.setEnabled(self.place > 0)
        self.after.setEnabled(self.place < len(prompts) - 1)
        self.scope.setText(f"prompt {self.place + 1} of {len(prompts)}" if prompts else "")
        self.prompt.set_text(prompts[self.place] if prompts else "")
        self.prompt.setVisible(bool(prompts))
        shown = (prompts[self.place] if prompts else "", tuple(self._rows))
        if shown == self._shown:
            return
        self._shown = shown
        self._write(race)

    def _write(self, race: Race | None) -> None:
        scrolled = self.text.verticalScrollBar().value()
        self.text.clear()
        cursor = self.text.textCursor()
        rows = [row for row in self._rows if not row.problem and self._prompts]
        if not rows:
            cursor.insertText(NOTHING_YET, self._format("text.secondary"))
            return
        table = cursor.insertTable(len(rows), 2, self._table_format())
        for number, row in enumerate(rows):
            self._write_name(table.cellAt(number, 0).firstCursorPosition(), row.precision)
            place = table.cellAt(number, 1).firstCursorPosition()
            if race is not None and row.found is not None and self.place < len(row.found.answers):
                self._write_answer(place, race, row.found)
            else:
                place.insertText("\u2026" if row.is_running else NOT_YET, self._format("text.tertiary"))
        self.text.verticalScrollBar().setValue(scrolled)

    def _table_format(self) -> QTextTableFormat:
        made = QTextTableFormat()
        made.setBorder(0)
        made.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        made.setCellPadding(2)
        made.setCellSpacing(0)
        name = QTextLength(QTextLength.Type.FixedLength, self.theme.px(NAME_WIDTH))
        made.setColumnWidthConstraints([name, QTextLength(QTextLength.Type.PercentageLength, 100)])
        return made

    def _format(self, color: str, weight: QFont.Weight = QFont.Weight.Normal) -> QTextCharFormat:
        made = QTextCharFormat()
        font = self.theme.font("small")
        font.setWeight(weight)
        made.setFont(font)
        made.setForeground(self.theme.color(color))
        return made

    def _write_name(self, cursor: QTextCursor, precision: str) -> None:
        mark = HOLLOW if is_hollow(precision) else FULL
        cursor.insertText(f"{mark}\u2009", self._format(color_of(precision)))
        cursor.insertText(title_of(precision), self._format("text.primary", QFont.Weight.DemiBold))

    def _write_answer(self, cursor: QTextCursor, race: Race, row: PrecisionMeasured) -> None:
        parts = race.marked(row, self.place)
        is_compared = race.reference is not None and row.precision != race.reference.precision
        plain, quiet = self._format("text.primary"), self._format("text.secondary")
        differs = self._format("text.primary", QFont.Weight.DemiBold)
        differs.setBackground(self.theme.color("status.warn_tint"))
        differs.setFontUnderline(True)
        if is_compared and parts.is_same:
            cursor.insertText("The same, word for word.", quiet)
            return
        cursor.insertText(_one_line(parts.same), plain)
        if parts.word:
            cursor.insertText(parts.word[:LONGEST_SHOWN], differs)
        cursor.insertText(_one_line(parts.rest), quiet if parts.word else plain)
        if parts.ends_sooner:
            cursor.insertText(" ends here", differs)
        if not row.answers[self.place].strip():
            cursor.insertText("An empty answer.", quiet)


def _one_line(text: str) -> str:
    """Without empty lines, and its beginning alone where it is very long."""
    kept = "\n".join(line for line in text[:LONGEST_SHOWN].split("\n") if line.strip())
    if text.endswith((" ", "\n")) and kept and not kept.endswith(" "):
        kept += " "
    return kept + "\u2026" * (len(text) > LONGEST_SHOWN)
