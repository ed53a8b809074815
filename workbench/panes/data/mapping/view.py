"""The view in which columns are taken for what they are: the sheet, a row as the model will read it, the report."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError
from workbench.core.units import counted, grouped
from workbench.panes.data.mapping.live_row import live_view
from workbench.panes.data.mapping.report_line import ReportLine
from workbench.panes.data.mapping.roles import ROLES, UNUSED, WORDS, Choice
from workbench.panes.data.mapping.sheet_card import SheetCard
from workbench.panes.data.mapping.sheet_rows import Sheet, SheetRow, Values, read_values, sheet_of
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.reading import DataReading
from workbench.panes.data.report import ReportCard
from workbench.panes.data.seen.card import SeenCard
from workbench.panes.data.seen.one_row import OneRow
from workbench.panes.data.seen.row_view import RowView
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import ElidedLabel, label
from workbench.panes.parts.form_rows import in_form_words

# Pixels of the drawing that a card needs at least: four rows of the sheet, two turns, two lines of the report.
LEAST_SHEET, LEAST_SEEN, LEAST_REPORT = (320, 190), (320, 190), (150, 120)


class MappingView(QWidget):
    """Shows the first rows; a role that is chosen in the sheet is told.

    Signals:
        choice_changed: The Choice after a role was taken.
        read: The sheet is another one now.

    Attributes:
        choice: What is taken for what now.
    """

    choice_changed = Signal(object)
    read = Signal()

    def __init__(self, theme: Theme, reading: DataReading) -> None:
        super().__init__()
        self._theme, self._reading = theme, reading
        self.choice = Choice()
        self._values: Values = []
        self._values_of: object = None
        self._asked = 0
        self._need = ""
        self.message = Message(theme)
        self.message.hide()
        self.card = SheetCard(theme)
        self.table = self.card.table
        self.table.row_chosen.connect(self._show_row)
        self.table.step_wanted.connect(self._step)
        self.table.role_wanted.connect(self.open_roles)
        self.seen = SeenCard(theme, "As the model will read it", has_tag=False)
        self.seen.show_view("chat")
        self.one_row = OneRow(self.seen, reading)
        self.seen.step_wanted.connect(self._step)
        self.sums = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self._sums_line = in_row((self.sums, 1))
        self.seen.body.addLayout(self._sums_line)
        self.report = ReportCard(theme)
        self.report.show_wanted.connect(self.card.show_kind)
        self.untouched = label(
            "Nothing is changed in your file. To mend a row, choose Edit rows: it writes a copy.", "small", wraps=True
        )
        self.counted = label("", "small", wraps=True)
        self.counted.hide()
        for words in (self.counted, self.untouched):
            words.setMinimumWidth(1)
        self._untouched_line = in_column(self.counted, self.untouched, gap=6)
        self.report.body.addLayout(self._untouched_line)
        self.line = ReportLine(theme)
        self._below = in_row((self.seen, 5), (self.report, 3))
        self._rows = in_column(self.message, (self.card, 5), (self._below, 4), self.line, of=self)
        for card in (self.card, self.seen, self.report):  # their shares of the room are the same whatever they hold
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        gap, px = self._theme.size("space.card_gap"), self._theme.px
        self._rows.setSpacing(gap)
        self._below.setSpacing(gap)
        self._sums_line.setContentsMargins(px(14), px(3), px(14), px(8))
        self._untouched_line.setContentsMargins(px(14), px(6), px(14), px(6))
        for card, (width, height) in ((self.card, LEAST_SHEET), (self.seen, LEAST_SEEN), (self.report, LEAST_REPORT)):
            card.setMinimumSize(px(width), px(height))
        is_large = self._theme.projector
        for part in (self.report, self.sums, self.seen.legend):
            part.setVisible(not is_large)
        self.line.setVisible(is_large)

    @property
    def sheet(self) -> Sheet:
        """What the file holds."""
        return self.card.sheet

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_choice(self, choice: Choice, need: str = "") -> None:
        """Shows what is taken for what; `need` says what has to be chosen before rows can be read."""
        self.choice, self._need = choice, need
        self.card.show_choice(choice)
        if self._reading.is_reading and not need and (row := self.table.chosen_row) is not None:
            self._show_live(row)

    def _show_live(self, row: SheetRow) -> None:
        """Shows a row by the choice at once: reading the others by it takes a moment."""
        reading, values, asked, words = self._reading, self._values, self._asked, _place_in_words(row)
        recipe, tokenizer = reading.recipe, reading.tokenizer

        def take(view: RowView | None) -> None:
            if view is not None and asked == self._asked and reading.is_reading and row is self.table.chosen_row:
                self.one_row.show(None, "", has_before=False, has_after=False)
                self.seen.show_row(view, **self._neighbours(), keeps_place=True)

        run_task(lambda: live_view(values, row.place, words, recipe, tokenizer), take, lambda _error: None, parent=self)

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
                self._values_of, self._values, sheet = found
                self.card.show_sheet(sheet, self.choice, is_new=is_new)
                self.read.emit()

        def fail(error: UserError) -> None:
            if asked == self._asked:
                self.say_error(error)

        run_task(make, take, fail, parent=self)

    def say_error(self, error: UserError | None) -> None:
        """Says above the sheet why nothing can be learned by this choice; None where something can."""
        if error is not None:
            self.message.say("danger", error.what, error.why, in_form_words(error.remedy))
        self.message.setVisible(error is not None)

    def say_count(self, words: str, last_line: int) -> None:
        """How far the rest of a long file is read, and where it ends, which is 0 before that is known."""
        self.counted.setText(words[:1].upper() + words[1:])
        self.counted.setVisible(bool(words))
        self.card.say_last_line(last_line)

    def _say_numbers(self, numbers: Numbers | None) -> None:
        if numbers is None:
            self.sums.set_text("")
            self.report.show_report(0, (), "nothing is read by it yet")
            self.line.show_report(self.report)
            return
        unit = self._reading.seen.listing.unit if self._reading.seen is not None else "line"
        self.report.show_report(numbers.whole, numbers.found, numbers.scope, numbers.notes, unit=unit)
        self.line.show_report(self.report)
        about = "" if numbers.has_tokens else "about "
        rows = "All rows" if not numbers.is_part else f"First {grouped(numbers.looked)} rows"
        learned = f", {grouped(numbers.learned)} learned" if numbers.has_tokens else ""
        lengths = numbers.lengths
        ends = f" · longest {grouped(lengths.longest)} · shortest {grouped(lengths.shortest)}" if len(lengths) else ""
        self.sums.set_text(f"{rows}: {about}{counted(numbers.tokens, 'token')}{learned}{ends}")

    # -- the chosen row -----------------------------------------------------------------------------------------------

    def _show_row(self, row: SheetRow | None) -> None:
        seen = self._reading.seen
        ends = self._neighbours()
        words = _place_in_words(row) if row is not None else ""
        if row is not None and (self._need or seen is None or not 0 <= row.number < len(seen.listing)):
            self.one_row.show(None, "", has_before=False, has_after=False)
            self.seen.show_row(RowView(words, problem=self._need or row.why, tag_state="warn"), **ends)
            return
        entry = seen.listing.entry(row.number) if row is not None and seen is not None else None
        self.one_row.show(entry, words, **ends)

    def _neighbours(self) -> dict[str, bool]:
        place = self.table.currentIndex().row()
        return {"has_before": place > 0, "has_after": 0 <= place < len(self.table.sheet_model.rows) - 1}

    def _step(self, way: int) -> None:
        if not self.one_row.step(way):
            self.table.step(way)

    # -- roles --------------------------------------------------------------------------------------------------------

    def role_menu(self, column: int) -> QMenu:
        """What a column may be taken for; the role it has is ticked."""
        name = self.sheet.names[column]
        has = self.choice.roles.get(name, "")
        menu = QMenu(self)
        menu.setAccessibleName(f"What {name[:80]} is for")
        for role in (*(() if has in (*ROLES, "") else (has,)), *ROLES, ""):
            words = f"{role}: {WORDS[role]}" if role in WORDS else role or UNUSED
            action = menu.addAction(words)
            action.setData(role)
            action.setCheckable(True)
            action.setChecked(role == has)
            # What the model may call is in a column of this name for every shape: nothing else can be said of it.
            action.setEnabled(role in ROLES or (role == "" and has != "tools"))
            action.triggered.connect(lambda _checked=False, role=role: self.take_role(name, role))
            if role == has and action.isEnabled():
                menu.setActiveAction(action)
        return menu

    def open_roles(self, column: int) -> None:
        """Opens the menu of a column's roles below its head."""
        menu = self.role_menu(column)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        head = self.table.head
        menu.popup(head.mapToGlobal(QPoint(head.sectionViewportPosition(column), head.role_bottom)))

    def take_role(self, column: str, role: str) -> None:
        """Moves a column to a role; none is not used."""
        self.choice_changed.emit(self.choice.taking(column, role))


def _place_in_words(row: SheetRow) -> str:
    return f"row {grouped(row.place.line)}"
