"""The row that is looked at: fetched beside the window, and shown as the latest that was asked for."""

from dataclasses import replace

from PySide6.QtCore import QObject

from workbench.bridge.tasks import run_task
from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, settings_at
from workbench.core.data.system import with_system
from workbench.core.problems import UserError
from workbench.core.tokens.first_look import LookedRow, one_row
from workbench.panes.data.reading import DataReading
from workbench.panes.data.rows.listing import RowEntry
from workbench.panes.data.seen.card import SeenCard
from workbench.panes.data.seen.row_view import RowView
from workbench.panes.data.seen.views import view_of


class OneRow(QObject):
    """Fills a card with the row of an entry: one of the first rows is at hand, another is read once more."""

    def __init__(self, card: SeenCard, reading: DataReading) -> None:
        super().__init__(card)
        self._card, self._reading = card, reading
        self._asked = 0
        self._shown: RowEntry | None = None
        self._piece, self._pieces = 0, 1
        self._entry: RowEntry | None = None
        self._place, self._has_before, self._has_after = "", False, False

    def show(self, entry: RowEntry | None, place: str, *, has_before: bool, has_after: bool) -> None:
        """Shows a row, which `place` names: "line 214"."""
        self._entry, self._place, self._has_before, self._has_after = entry, place, has_before, has_after
        self._piece = 0
        self._draw()

    def refresh(self) -> None:
        """Shows the same row by what is known of it now."""
        self._draw()

    def step(self, way: int) -> bool:
        """Goes to the next part of a row that becomes several; says whether there is one."""
        if 0 <= self._piece + way < self._pieces:
            self._piece += way
            self._draw()
            return True
        return False

    def _draw(self) -> None:
        self._asked += 1
        asked, entry, reading = self._asked, self._entry, self._reading
        if entry is None or reading.seen is None:
            self._pieces = 1
            self._card.show_row(None)
            return
        look, tokenizer, recipe = reading.seen.look, reading.tokenizer, reading.recipe
        place, piece, why = self._place, self._piece, reading.why_no_tokens

        def make() -> tuple[RowView, int]:
            looked = look.rows[entry.number] if entry.number < len(look.rows) else None
            if looked is None or looked.place != entry.place:
                looked = read_again(entry)
            elif tokenizer is not None and not look.has_tokens:  # the first rows are being counted meanwhile
                looked = one_row(looked.place, looked.row, tokenizer, recipe)
            if isinstance(looked.row, DataRow):
                looked = replace(looked, row=with_system(looked.row, recipe.data))
            view = view_of(looked, place, tokenizer, recipe.training.max_length, why, piece)
            return view, max(1, len(looked.pieces))

        def read_again(entry: RowEntry) -> LookedRow:
            opened, mapping = look.opened, look.mapping
            if entry.is_of_held_out_file:
                opened, mapping = OpenRows(settings_at(recipe.data, recipe.evaluation.path)), None
            row = opened.at(entry.place, mapping)
            if tokenizer is None:
                return LookedRow(entry.place, row)
            return one_row(entry.place, row, tokenizer, recipe)

        def take(found: tuple[RowView, int]) -> None:
            if asked != self._asked:
                return
            view, self._pieces = found
            is_same = self._shown is not None and self._shown.place == entry.place
            self._shown = entry
            self._card.show_row(
                view,
                has_before=self._has_before or piece > 0,
                has_after=self._has_after or piece < self._pieces - 1,
                keeps_place=is_same,
            )

        def fail(error: UserError) -> None:
            if asked == self._asked:
                self._shown = entry
                self._card.show_row(RowView(place, problem=str(error), tag_state="danger"))

        run_task(make, take, fail, parent=self)
