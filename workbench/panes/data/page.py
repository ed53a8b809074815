"""The page of the data: what rows there are, each token by token, how long they are, and what is told of them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import settings as declared_settings
from workbench.core.units import grouped
from workbench.panes.data.actions import DataActions
from workbench.panes.data.editing.session import Editing
from workbench.panes.data.form import LONGEST, DataForm
from workbench.panes.data.form_facts import clear_facts, show_facts
from workbench.panes.data.help import DataHelp
from workbench.panes.data.lengths_chart import LengthsChart
from workbench.panes.data.mapping.control import MappingControl
from workbench.panes.data.mapping.roles import is_said
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.preparing import Preparing
from workbench.panes.data.reading import DataReading
from workbench.panes.data.recent import RecentData
from workbench.panes.data.report import ReportCard, found_in_words
from workbench.panes.data.rows.card import RowsCard
from workbench.panes.data.rows.listing import RowEntry
from workbench.panes.data.rows.table import place_in_words
from workbench.panes.data.seen.card import SeenCard
from workbench.panes.data.seen.one_row import OneRow
from workbench.panes.data.trouble import Trouble
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import NO_LIMIT, Place, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Message, ScopedCard, Tag
from workbench.panes.parts.form_rows import in_form_words
from workbench.panes.parts.page import Page

ASIDE_WIDTH = 392


class DataPage(Page):
    """Its parts follow `reading` and `preparing`; what is in the picture's place is one of `views`.

    Attributes:
        views: What may stand in the picture's place, by name: "cards", "mapping", "trouble", and what is added.
    """

    sentence = "What goes in, token by token, as the trainer gets it."

    def __init__(self, store: RecipeStore, theme: Theme, settings: Settings | None = None) -> None:
        super().__init__(theme)
        assert self.form is not None
        self._store = store
        self._settings = settings
        self.reading = DataReading(self)
        self.preparing = Preparing(self)
        self.numbers: Numbers | None = None
        self._numbers_of: tuple[object, ...] = ()
        self._listed: object = None
        self._told_error: UserError | None = None
        self.tag = Tag(theme)
        self.header.add(self.tag)
        self.mapping = MappingControl(store, theme, self.reading, self.form.action_bar, settings)
        self.header.add(self.mapping.tag)
        self.fields = DataForm(store, theme, self.form, self.mapping.group)
        self.fields.choosing_changed.connect(self._show)
        self.orders = DataActions(theme, self.form.action_bar)
        self.orders.prepare_wanted.connect(self.prepare)
        self.orders.cancel_wanted.connect(self.cancel)
        self.orders.train_wanted.connect(lambda: self.go_to.emit("train"))
        self.views: dict[str, QWidget] = {}
        self._build_picture()
        self._build_editing()
        self.recent = RecentData(settings)
        self.fields.show_recent(self.recent.paths())
        self.mapping.changed.connect(self._show)
        self.reading.changed.connect(self._show)
        self.preparing.changed.connect(self._show)
        store.changed.connect(self._changed)
        theme.follow(self._restyle)
        self._changed([])

    # -- building -----------------------------------------------------------------------------------------------------

    def _build_picture(self) -> None:
        theme = self.theme
        self.seen = SeenCard(theme)
        self.seen.step_wanted.connect(self._step)
        self.one_row = OneRow(self.seen, self.reading)
        self.rows = RowsCard(theme)
        self.rows.add_keys(self)
        self.rows.row_chosen.connect(self._show_row)
        self.rows.opened.connect(self.seen.focus_row)
        self.rows.message.connect(self.header.say)
        self.chart = LengthsChart(theme)
        longest = declared_settings()[LONGEST]
        self.chart.set_bounds(int(longest.minimum or 1), int(longest.maximum or 1))
        self.chart.limit_wanted.connect(lambda limit: self._store.set(LONGEST, limit))
        self._lengths = ScopedCard(theme, "Length of rows", "tokens")
        self._lengths.body.addWidget(self.chart)
        self.report = ReportCard(theme)
        self.report.show_wanted.connect(self.rows.show_kind)
        self.report.setting_wanted.connect(self._store.set)
        cards = QWidget()
        self._grid = QGridLayout(cards)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.notice = Message(theme)
        self.notice.add_close()
        self.notice.hide()
        self._outer = in_column(self.notice, of=self.picture)
        self.trouble = Trouble(theme, DataHelp(theme))
        self.trouble.find_wanted.connect(self.fields.file.ask)
        self.trouble.anew_wanted.connect(self.fields.forget_columns)
        self.add_view("trouble", self.trouble)
        self.add_view("mapping", self.mapping.view)
        self.add_view("cards", cards)
        self._place()

    def _build_editing(self) -> None:
        """Rows that are written stand in the place of form and picture alike."""
        self.editing = Editing(self, self._store, self.reading)
        self.add_view("editing", self.editing.view)
        form = self.form
        assert form is not None
        self.editing.turned.connect(lambda: self.use_form(self.editing.side if self.editing.is_open else form))
        self.editing.turned.connect(self._editing_turned)
        self.editing.saved.connect(lambda: self._changed([]))
        self.editing.message.connect(self.header.say)
        self.fields.writing_wanted.connect(self.editing.begin_written)

    def _editing_turned(self) -> None:
        if self.editing.error is not None:
            self._say_error(self.editing.error)
        self.fields.refresh()
        self._show()

    def add_view(self, name: str, view: QWidget) -> None:
        """Adds what may stand in the picture's place; it is hidden until `show_view`."""
        view.hide()
        self.views[name] = view
        self._outer.addWidget(view)

    def show_view(self, name: str) -> None:
        """Puts one of the views into the picture's place."""
        for other, view in self.views.items():
            if other != name:
                view.hide()  # first: the window would grow to hold both
        self.views[name].show()

    def _restyle(self) -> None:
        gap = self.theme.size("space.card_gap")
        keep_edge(self._outer, self.theme)
        self._grid.setSpacing(gap)
        self.arranged()

    def undo(self) -> None:
        if self.editing.is_open:
            self.editing.view.card.undo_change()
        else:
            self._store.undo()

    def redo(self) -> None:
        if self.editing.is_open:
            self.editing.view.card.redo_change()
        else:
            self._store.redo()

    def arranged(self) -> None:
        self.fields.more.show_wide(self.is_wide)
        self._place()

    def _place(self) -> None:
        """The row above table and figures; in a wide window all figures in a column of their own."""
        grid, is_wide = self._grid, self.is_wide
        places: dict[QWidget, Place] = {
            self.seen: (0, 0, 2, 1) if is_wide else (0, 0, 1, 2),
            self.rows: (2, 0, 2, 1) if is_wide else (1, 0, 2, 1),
            self._lengths: (0, 1, 1, 1) if is_wide else (1, 1, 1, 1),
            self.report: (1, 1, 3, 1) if is_wide else (2, 1, 1, 1),
        }
        place_cards(grid, places)
        self.report.setMaximumWidth(self.theme.px(ASIDE_WIDTH) if is_wide else NO_LIMIT)
        self._lengths.setMaximumWidth(self.report.maximumWidth())
        share_room(grid, (10, 0 if is_wide else 11), (2, 2, 3, 2) if is_wide else (11, 5, 6, 0))
        grid.setColumnMinimumWidth(1, self.theme.px(ASIDE_WIDTH) if is_wide else 0)

    # -- reading and preparing ----------------------------------------------------------------------------------------

    def open_file(self, path: Path | str) -> None:
        """Takes a file or a folder that was dropped or found."""
        self.fields.take_paths([str(path)])

    def open_files(self, paths: Sequence[Path]) -> None:
        """Takes several files as one dataset."""
        self.fields.take_paths([str(path) for path in paths])

    def prepare(self) -> None:
        """Makes all rows into the tokens that the trainer gets."""
        self.notice.hide()
        try:
            self.preparing.start(self._store.recipe)
        except UserError as error:
            self._say_error(error)

    def cancel(self) -> None:
        try:
            self.preparing.cancel()
        except UserError as error:
            self.header.say(str(error))

    def shown_first(self) -> None:
        self.preparing.find()

    def window_closes(self) -> None:
        self.mapping.counting.stop()
        self.editing.close()
        self.reading.close()
        self.preparing.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._changed([])  # where the files have changed meanwhile

    def event(self, event: QEvent) -> bool:
        """Whoever comes back from a spreadsheet program sees what was saved there."""
        if event.type() == QEvent.Type.WindowActivate and self.isVisible():
            self._changed([])
        return super().event(event)

    def _changed(self, _paths: list[str]) -> None:
        recipe = self._store.recipe
        self.chart.show_limit(recipe.training.max_length)
        self.reading.refresh(recipe)
        self.preparing.fit(recipe)
        self._say_facts()

    # -- showing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        seen, prepared = self.reading.seen, self.preparing.prepared
        recipe = self._store.recipe
        if (seen, prepared, recipe) != self._numbers_of:
            self._numbers_of = (seen, prepared, recipe)
            self.numbers = None
            if prepared is not None:
                self.numbers = Numbers.of_prepared(prepared)
            elif seen is not None:
                self.numbers = Numbers.of_first(seen, recipe)
        is_choosing = self.fields.is_choosing
        self.mapping.show(
            self.numbers, is_wanted=not is_choosing and not self.editing.is_open, is_busy=self.preparing.is_busy
        )
        trouble = self._trouble()
        if trouble is not None:
            self.trouble.say(trouble, is_of_columns=is_said(recipe))
        elif is_choosing:
            self.trouble.ask()
        has_trouble = trouble is not None or is_choosing
        view = "trouble" if has_trouble else "mapping" if self.mapping.is_open else "cards"
        self.show_view("editing" if self.editing.is_open else view)
        if self.numbers is not None:
            if not self.reading.is_reading:  # what is shown are the rows of the file before
                recent = self.recent.take(recipe.data.path)
                if recent is not None:
                    self.fields.show_recent(recent)
            self._list(self.numbers)
        self._say_state()
        self._say_facts()
        self.order_anew()

    def _trouble(self) -> UserError | None:
        """Why there are no rows to be shown."""
        if self.fields.is_choosing or self.reading.is_reading:
            return None
        return None if self.mapping.error is not None else self.reading.error

    def _list(self, numbers: Numbers) -> None:
        """Fills table, histogram and report where they are of something else now."""
        prepared, seen = self.preparing.prepared, self.reading.seen
        listing = prepared.listing if prepared is not None else seen.listing if seen is not None else None
        if listing is None:
            return
        if listing is self._listed:
            self.one_row.refresh()  # there may be a tokenizer now, or a reason why there is none
            return
        is_same_data = self._listed is not None and not self.reading.is_new
        self._listed = listing
        self.chart.show_lengths(numbers.lengths)
        self._lengths.scope.set_text(numbers.lengths.in_words())
        self.report.show_report(numbers.whole, numbers.found, numbers.scope, numbers.notes, unit=listing.unit)
        kinds = [(found.why, found_in_words(found, listing.unit), found.count) for found in numbers.found]
        self.rows.show_kinds(kinds)
        self.rows.show_listing(listing, numbers.rows_in_words, keeps_place=is_same_data)
        self.reading.is_new = False

    def _say_state(self) -> None:
        numbers = self.numbers
        has_rows = numbers is not None and self._trouble() is None and not self.fields.is_choosing
        is_ready = has_rows and self._is_certain and numbers is not None and numbers.used > 0
        is_bad = self.preparing.error is not None
        badge = "running" if self.preparing.is_busy else "ended badly" if is_bad else "ready" if is_ready else ""
        self.set_badge(badge)
        has_notice = is_bad or self.editing.error is not None
        # What keeps the rows from being read stands where they would stand.
        self.notice.setVisible(has_notice and self._trouble() is None and not self.notice.isHidden())
        if self.mapping.has_bar:
            self.orders.hide()
        else:
            self.orders.show(self.preparing, numbers if is_ready or self.preparing.is_busy else None)
        is_unclear = has_rows and not (self._is_certain and not self.mapping.need)
        self.editing.edit.setEnabled(has_rows and not is_unclear)
        self.editing.edit.setToolTip("Choose first what the columns are for." if is_unclear else "")
        if self.editing.is_open:
            self.tag.show_state("", "none")
            return
        if self.reading.is_reading and numbers is None:
            self.tag.show_state("Reading", "info", "hourglass")
        elif self.fields.is_choosing:
            self.tag.show_state("", "none")
        elif self._trouble() is not None:
            self.tag.show_state("Cannot be read", "danger")
        elif self.mapping.is_open and (self.mapping.problem or not self._is_certain):
            self.tag.show_state("Columns unclear", "warn")
        elif self.preparing.error is not None:
            self.tag.show_state("Not prepared", "danger")
            if self.preparing.error is not self._told_error:
                self._say_error(self.preparing.error)
        elif numbers is not None:
            left = numbers.looked - numbers.whole
            if not self.mapping.tag.isHidden():
                self.tag.show_state("", "none")  # it says how many are left out
            elif left:
                self.tag.show_state(f"{grouped(left)} row{'s' * (left != 1)} to look at", "warn")
            else:
                self.tag.show_state(f"{numbers.total_in_words}, nothing to tell", "success")

    @property
    def _is_certain(self) -> bool:
        """Whether what the columns are for is said, or cannot be anything else."""
        return self.reading.seen is not None and self.reading.seen.look.opened.found.is_certain

    def _say_error(self, error: UserError) -> None:
        """Above the picture, in the words of the form."""
        self._told_error = error
        self.notice.say("danger", error.what, error.why, in_form_words(error.remedy))
        self.notice.show()

    def _say_facts(self) -> None:
        look = self.reading.seen.look if self.reading.seen else None
        self.fields.show_sheets(look.sheets if look is not None else ())
        lacks_column = self.mapping.is_open and self.mapping.need
        if self.numbers is None or self.fields.is_choosing or lacks_column or self._trouble() is not None:
            clear_facts(self.fields)
        else:
            show_facts(self.fields, self.numbers, look, self._store.recipe)

    # -- the chosen row -----------------------------------------------------------------------------------------------

    def _show_row(self, entry: RowEntry | None) -> None:
        shown = self.rows.shown
        place = f"{shown.listing.unit} {place_in_words(entry, shown.listing.files)}" if entry is not None else ""
        has_before, has_after = self.rows.place > 0, 0 <= self.rows.place < len(shown) - 1
        self.one_row.show(entry, place, has_before=has_before, has_after=has_after)

    def _step(self, way: int) -> None:
        if not self.one_row.step(way):
            self.rows.step(way)

    @property
    def seen_path(self) -> Path | None:
        """The first file of the rows that are shown; None where none are."""
        return self.reading.seen.look.opened.source.files[0] if self.reading.seen else None

    def table_cell(self, row: int, column: int) -> str:
        """What stands in the table of rows."""
        return self.rows.table.text(row, column)

    def show_line(self, line: int) -> None:
        """Chooses the row of a line."""
        if self.rows.go_to(line):
            self.rows.table.setFocus(Qt.FocusReason.OtherFocusReason)
