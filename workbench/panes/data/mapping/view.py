"""The view in which columns are taken for what they are: the sheet, a row as the model will read it, the report."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError
from workbench.core.units import counted, grouped
from workbench.panes.data.mapping.roles import BECOMES, ROLES, UNUSED, WORDS, Choice
from workbench.panes.data.mapping.sheet import SheetTable
from workbench.panes.data.mapping.sheet_rows import Sheet, SheetRow, Values, read_values, rows_of_kind, sheet_of
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.reading import DataReading
from workbench.panes.data.report import ReportCard
from workbench.panes.data.seen.card import SeenCard
from workbench.panes.data.seen.one_row import OneRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import ElidedLabel, button, icon_button, label


class MappingView(QWidget):
    """Shows the first rows; a role that is chosen in the sheet is told.

    Signals:
        choice_changed: The Choice after a role was taken.
    """

    choice_changed = Signal(object)

    def __init__(self, theme: Theme, reading: DataReading) -> None:
        super().__init__()
        self._theme, self._reading = theme, reading
        self.sheet = Sheet()
        self.choice = Choice(columns={})
        self.kind = ""
        self._values: Values = []
        self._values_of: object = None
        self._asked = 0
        self._total = ""
        self._build_sheet(theme)
        self.seen = SeenCard(theme, "As the model will read it")
        self.seen.show_view("chat")
        self.one_row = OneRow(self.seen, reading)
        self.seen.step_wanted.connect(self._step)
        self.sums = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self._sums_line = in_row((self.sums, 1))
        self.seen.body.addLayout(self._sums_line)
        self.report = ReportCard(theme)
        self.report.show_wanted.connect(self.show_kind)
        self.untouched = label(
            "Nothing is changed in your file. A row that is mended is written to a copy.", "small", wraps=True
        )
        self._untouched_line = in_row((self.untouched, 1))
        self.report.body.addLayout(self._untouched_line)
        self._below = in_row((self.seen, 3), (self.report, 2))
        self._rows = in_column((self.card, 5), (self._below, 4), of=self)
        theme.follow(self._restyle)

    def _build_sheet(self, theme: Theme) -> None:
        self.card = ScopedCard(theme, "The sheet", "as it is in the file; the names above are what we make of it")
        self.card.set_margins(0, 0, 0, 4)
        self.all = button("All rows", theme, kind="link")
        self.all.clicked.connect(lambda: self.show_kind(""))
        self.all.hide()
        self.lines = label("", "fact")
        self.up = icon_button("Rows before", theme, "caret-up")
        self.down = icon_button("Rows after", theme, "caret-down")
        for made in (self.all, self.lines, self.up, self.down):
            self.card.add_to_head(made)
        self.table = SheetTable(theme)
        self.up.clicked.connect(lambda: self.table.turn(-1))
        self.down.clicked.connect(lambda: self.table.turn(1))
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self._say_lines())
        self.table.verticalScrollBar().rangeChanged.connect(lambda _least, _most: self._say_lines())
        self.table.row_chosen.connect(self._show_row)
        self.table.step_wanted.connect(self._step)
        self.table.role_wanted.connect(self.open_roles)
        self.card.body.addWidget(self.table, 1)

    def _restyle(self) -> None:
        gap, px = self._theme.size("space.card_gap"), self._theme.px
        self._rows.setSpacing(gap)
        self._below.setSpacing(gap)
        self._sums_line.setContentsMargins(px(14), px(3), px(14), px(8))
        self._untouched_line.setContentsMargins(px(14), px(6), px(14), px(6))

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_choice(self, choice: Choice) -> None:
        """Shows what is taken for what."""
        self.choice = choice
        self._fill()

    def show_rows(self, numbers: Numbers | None) -> None:
        """Takes what is read now, and what is known of it; the file's own cells are read beside the window."""
        seen = self._reading.seen
        if seen is None:
            return
        look = seen.look
        self._asked += 1
        asked = self._asked
        key = (look.opened.source.files, self._reading.recipe.data.sheet)
        self._say_numbers(numbers)

        def make() -> tuple[object, Values, Sheet]:
            stamped = (key, look.opened.source.stamp())
            values = self._values if stamped == self._values_of else read_values(look.opened)
            return stamped, values, sheet_of(look, values)

        def take(found: tuple[object, Values, Sheet]) -> None:
            if asked == self._asked:
                is_new = found[0] != self._values_of
                self._values_of, self._values, self.sheet = found
                if is_new:
                    self.kind = ""
                self._fill()

        def fail(error: UserError) -> None:
            if asked == self._asked:
                self.card.scope.set_text(str(error))

        run_task(make, take, fail, parent=self)

    def _fill(self) -> None:
        rows = rows_of_kind(self.sheet.rows, self.kind)
        self.all.setVisible(bool(self.kind))
        self.table.show_sheet(self.sheet, rows, self.choice)
        self._say_lines()

    def _say_numbers(self, numbers: Numbers | None) -> None:
        if numbers is None:
            self.sums.set_text("")
            return
        self.report.show_report(numbers.whole, numbers.found, numbers.scope, numbers.notes)
        self._total = grouped(numbers.rows) if numbers.rows and numbers.is_certain else ""
        about = "" if numbers.has_tokens else "about "
        rows = "All rows" if not numbers.is_part else f"The first {grouped(numbers.looked)} rows"
        learned = f", {grouped(numbers.learned)} learned" if numbers.has_tokens else ""
        lengths = numbers.lengths
        ends = f"   longest {grouped(lengths.longest)}   shortest {grouped(lengths.shortest)}" if len(lengths) else ""
        self.sums.set_text(f"{rows}   {about}{counted(numbers.tokens, 'token')}{learned}{ends}")

    def _say_lines(self) -> None:
        first, last = self.table.shown_lines
        rows = self.table.sheet_model.rows
        end = f"{grouped(rows[-1].place.line)}{'' if self.sheet.is_complete else ' and more'}" if rows else ""
        self.lines.setText(f"rows {grouped(first)} to {grouped(last)} of {end}" if rows else "no rows")
        bar = self.table.verticalScrollBar()
        self.up.setEnabled(bar.value() > bar.minimum())
        self.down.setEnabled(bar.value() < bar.maximum())

    def show_kind(self, kind: str) -> None:
        """Shows only the rows of which a kind is told, "left out" for all that are; "" shows all."""
        self.kind = kind
        self._fill()

    # -- the chosen row -----------------------------------------------------------------------------------------------

    def _show_row(self, row: SheetRow | None) -> None:
        seen = self._reading.seen
        if row is None or seen is None or not 0 <= row.number < len(seen.listing):
            self.one_row.show(None, "", has_before=False, has_after=False)
            return
        place = self.table.currentIndex().row()
        entry = seen.listing.entry(row.number)
        last = len(self.table.sheet_model.rows) - 1
        words = f"row {grouped(row.place.line)}"
        self.one_row.show(entry, words, has_before=place > 0, has_after=place < last)

    def _step(self, way: int) -> None:
        if not self.one_row.step(way):
            self.table.step(way)

    # -- roles --------------------------------------------------------------------------------------------------------

    def role_menu(self, column: int) -> QMenu:
        """What a column may be taken for; the role it has is ticked."""
        name = self.sheet.names[column]
        has = self.choice.role_of(name)
        menu = QMenu(self)
        menu.setAccessibleName(f"What {name[:80]} is for")
        for role in ("", *ROLES):
            becomes = BECOMES.get(role, "")
            words = f"{role}: {WORDS[role]}" if role else UNUSED
            action = menu.addAction(words)
            action.setData(role)
            action.setCheckable(True)
            action.setChecked(role == has)
            action.setToolTip(becomes)
            action.triggered.connect(lambda _checked=False, role=role: self.take_role(name, role))
            if role == has:
                menu.setActiveAction(action)
        return menu

    def open_roles(self, column: int) -> None:
        """Opens the menu of a column's roles below its head."""
        menu = self.role_menu(column)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        head = self.table.head
        menu.popup(head.mapToGlobal(QPoint(head.sectionViewportPosition(column), head.height())))

    def take_role(self, column: str, role: str) -> None:
        """Moves a column to a role; none is not used."""
        self.choice_changed.emit(self.choice.taking(column, role))
