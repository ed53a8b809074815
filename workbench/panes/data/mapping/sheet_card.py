"""The card of the sheet: which of its rows are in sight, and which of them are wanted."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from workbench.core.units import grouped
from workbench.panes.charts.key_caps import KeyCaps
from workbench.panes.data.mapping.roles import Choice
from workbench.panes.data.mapping.sheet import SheetTable
from workbench.panes.data.mapping.sheet_rows import LEFT_OUT, Sheet, rows_of_kind
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import button, icon_button, label

KEYS = (("Enter", "role"), ("Alt \u2193", "next row"))


class SheetCard(ScopedCard):
    """Shows the rows of one kind, or all.

    Attributes:
        kind: A name of KINDS, LEFT_OUT for all that are left out, or empty for all rows.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "The sheet", "as it is in the file; the names above are what we make of it")
        self.set_margins(0, 0, 0, 4)
        self.sheet = Sheet()
        self.kind = ""
        self._last_line = 0  # where the file ends; 0 where that is not known
        self._choice = Choice()
        self.all = button("Show all rows", theme, kind="link")
        self.all.clicked.connect(lambda: self.show_kind(""))
        self.all.hide()
        self.lines = label("", "fact")
        self.up = icon_button("Rows before", theme, "caret-up")
        self.down = icon_button("Rows after", theme, "caret-down")
        self.keys = KeyCaps(theme, KEYS)
        for made in (self.keys, self.all, self.lines, self.up, self.down):
            self.add_to_head(made)
        self.table = SheetTable(theme)
        self.up.clicked.connect(lambda: self.table.turn(-1))
        self.down.clicked.connect(lambda: self.table.turn(1))
        bar = self.table.verticalScrollBar()
        bar.valueChanged.connect(lambda _value: self._say_lines())
        bar.rangeChanged.connect(lambda _least, _most: self._say_lines())
        self.body.addWidget(self.table, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_keys()

    def _show_keys(self) -> None:
        """Keys are taught where the head has room for them."""
        self.keys.setVisible(self.keys.fits() and not self.theme.projector and not self.kind)

    def show_choice(self, choice: Choice) -> None:
        """Shows the same rows by another choice."""
        self._choice = choice
        self._fill()

    def show_sheet(self, sheet: Sheet, choice: Choice, *, is_new: bool) -> None:
        """Shows other rows; of a new file all of them."""
        self.sheet, self._choice = sheet, choice
        if is_new:
            self.kind = ""
        self._fill()

    def show_kind(self, kind: str) -> None:
        """Shows only the rows of a kind."""
        self.kind = kind
        self._fill()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def say_last_line(self, line: int) -> None:
        """Where the file ends, or 0."""
        self._last_line = line
        self._say_lines()

    def _fill(self) -> None:
        rows = rows_of_kind(self.sheet.rows, self.kind)
        if not rows and self.kind:
            self.kind, rows = "", list(self.sheet.rows)  # the last of them is mended
        self.all.setVisible(bool(self.kind))
        self._show_keys()
        self.table.show_sheet(self.sheet, rows, self._choice)
        self._say_lines()

    def _say_lines(self) -> None:
        first, end = self.table.shown_lines
        rows = self.table.sheet_model.rows
        last = self.sheet.rows[-1].place.line if self.sheet.rows else 0
        is_whole = self.sheet.is_complete or self._last_line >= last > 0
        of = f"of {grouped(max(last, self._last_line))}" if is_whole else f"of the first {grouped(last)}"
        if self.kind:
            which = "left out" if self.kind == LEFT_OUT else self.kind
            self.lines.setText(f"{grouped(len(rows))} {which}")
        else:
            self.lines.setText(f"rows {grouped(first)} to {grouped(end)} {of}" if rows else "no rows")
        bar = self.table.verticalScrollBar()
        self.up.setEnabled(bar.value() > bar.minimum())
        self.down.setEnabled(bar.value() < bar.maximum())
