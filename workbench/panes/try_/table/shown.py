"""What the view Table shows: which rows, the chosen one and the answer in it that keys act on, and who stands where."""

from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import QObject, Signal

from workbench.bridge.prompt_table import PromptTableControl
from workbench.core.chat.table.columns import TITLES, Role
from workbench.core.chat.table.page_html import reference_of
from workbench.core.chat.table.table import Filter, PromptTable, blind_order

FILTERS: tuple[Filter, ...] = get_args(Filter)
BLIND_NAMES = ("One", "Two", "Three")
COLORS: dict[Role, str] = {"base": "curves.base", "tuned": "curves.tuned", "second": "compare.c"}
BLIND_COLOR = "text.tertiary"


class ShownTable(QObject):
    """What its cards look at; a `place` counts the answers as they stand, which in a blind table are mixed.

    Attributes:
        rows: The rows that are shown, in their order.
        row: The chosen one; -1 for none.
        place: Of the answer in it that keys act on.
        filter: Which rows are wanted.
        is_blind: Whether names are hidden and the order is mixed.

    Signals:
        listed: `rows` are others.
        chosen: `row` or `place` is another.
        told: Cells (a list of rows) say something else; an empty list for all of them.
    """

    listed = Signal()
    chosen = Signal()
    told = Signal(object)

    def __init__(self, control: PromptTableControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control = control
        self.rows: list[int] = []
        self.row = -1
        self.place = 0
        self.filter: Filter = "all"
        self.is_blind = False
        control.changed.connect(self._take_table)
        control.answered.connect(self._take_answers)
        control.judged.connect(lambda: self.told.emit([]))

    @property
    def table(self) -> PromptTable | None:
        return self.control.table

    @property
    def is_by_hand(self) -> bool:
        return self.control.judging.judge == "person"

    # -- which rows ----------------------------------------------------------------------------------------------------

    def count(self, wanted: Filter) -> int:
        """How many rows a filter would show."""
        table = self.table
        if table is None:
            return 0
        if wanted == "differ":
            return table.scores().differ
        if wanted == "not rated":
            return len(table.prompts) - table.scores().rated
        return len(table.matching(wanted))

    def show_filter(self, wanted: Filter) -> None:
        """Lists anew what a filter shows: what has been rated meanwhile goes only now."""
        self.filter = wanted
        self._list(self.table.matching(wanted) if self.table is not None else [])

    def _take_table(self) -> None:
        if self.filter != "all" and self.table is not None and not self.table.matching(self.filter):
            self.filter = "all"
        self.show_filter(self.filter)

    def _take_answers(self, rows: Sequence[int]) -> None:
        self.told.emit(rows)
        if self.filter != "all" and self.table is not None:
            fresh = set(self.table.matching(self.filter)) - set(self.rows)
            if fresh:
                self._list(sorted({*self.rows, *fresh}))

    def _list(self, rows: list[int]) -> None:
        self.rows = rows
        self.listed.emit()
        self.choose(self.row if self.row in self._known() else rows[0] if rows else -1)

    def _known(self) -> set[int]:
        return set(self.rows)

    # -- the chosen row and answer -------------------------------------------------------------------------------------

    def choose(self, row: int, place: int | None = None) -> None:
        """Chooses a row, and in it an answer: the first that is not rated where none is named."""
        if place is None:
            place = self._first_unrated(row)
        self.row, self.place = row, place
        self.chosen.emit()

    def step(self, way: int) -> None:
        """Chooses the row behind the chosen one, or before."""
        if self.row not in self._known():
            return
        at = self.rows.index(self.row) + way
        if 0 <= at < len(self.rows):
            self.choose(self.rows[at])

    def _first_unrated(self, row: int, after: int = -1) -> int:
        """The place of the first answer without a verdict, those behind a place first; 0 where all have one."""
        table = self.table
        if table is None or row < 0:
            return 0
        order = self.order(row)
        found = table.first_unrated(row, [*order[after + 1 :], *order[: after + 1]])
        return order.index(found) if found is not None else 0

    # -- who stands where ----------------------------------------------------------------------------------------------

    def order(self, row: int) -> tuple[int, ...]:
        """The columns of a row as they stand."""
        table = self.table
        count = len(table.columns) if table is not None else 0
        return blind_order(row, count, self.control.settings.seed) if self.is_blind else tuple(range(count))

    def column(self, row: int, place: int) -> int:
        return self.order(row)[place]

    def names(self) -> tuple[str, ...]:
        """What stands over the answers."""
        table = self.table
        if table is None:
            return TITLES["base"], TITLES["tuned"]
        return BLIND_NAMES[: len(table.columns)] if self.is_blind else tuple(column.head for column in table.columns)

    def color(self, place: int) -> str:
        """The theme's colour of who stands there; blind, all have the same."""
        table = self.table
        if self.is_blind:
            return BLIND_COLOR
        return COLORS[table.columns[place].role] if table is not None else list(COLORS.values())[place]

    def set_blind(self, is_blind: bool) -> None:
        if is_blind != self.is_blind:
            self.is_blind = is_blind
            self.listed.emit()
            self.choose(self.row)

    def reference(self, row: int, place: int) -> str | None:
        """The text whose missing words are marked; None where none is.

        A blind table without an expected answer marks none: the one without marks would be the base.
        """
        table = self.table
        if table is None or (self.is_blind and table.prompts[row].expected is None):
            return None
        return reference_of(table, row, self.column(row, place))

    # -- rating --------------------------------------------------------------------------------------------------------

    def rate(self, verdict: bool | None, place: int | None = None) -> bool:
        """Marks the answer that keys act on, or the one at a place; then goes to the next that is not rated.

        Says whether all are rated now.
        """
        table = self.table
        if table is None or self.row < 0 or not self.is_by_hand:
            return False
        place = self.place if place is None else place
        column = self.column(self.row, place)
        if table.answer(self.row, column) is None:
            return False
        self.control.mark(self.row, column, verdict)
        if verdict is None:
            self.choose(self.row, place)
        else:
            self._go_on(place)
        return table.scores().rated == len(table.prompts)

    def _go_on(self, place: int) -> None:
        """To the next answer without a verdict: in the row, else in the rows behind it; stays where there is none."""
        table = self.table
        assert table is not None
        behind = self.rows[self.rows.index(self.row) + 1 :] if self.row in self._known() else []
        for row in (self.row, *behind):
            if table.first_unrated(row, self.order(row)) is not None:
                self.choose(row, self._first_unrated(row, place if row == self.row else -1))
                return
        self.choose(self.row, place)

    def go_to_unrated(self) -> bool:
        """Chooses the first row with an answer that is not rated; says whether there is one."""
        table = self.table
        if table is None:
            return False
        rows = range(len(table.prompts))
        row = next((row for row in rows if table.first_unrated(row, self.order(row)) is not None), None)
        if row is None:
            return False
        if row not in self._known():
            self.show_filter("all")
        self.choose(row)
        return True

    def take_back(self) -> bool:
        """Takes the last mark back and goes there; says whether there was one."""
        found = self.control.take_back()
        if found is None:
            return False
        row, column = found
        self.choose(row, self.order(row).index(column))
        return True
