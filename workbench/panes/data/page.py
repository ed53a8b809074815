"""The page of the data: what rows there are, each in full, how long they are, and what is wrong with them."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import run_task
from workbench.core import places, sources
from workbench.core.data import glance as data_glance
from workbench.core.data.glance import DataGlance
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.recipe import settings as setting_declarations
from workbench.core.units import bytes_in_words, counted, grouped
from workbench.panes.data.form import MAPPED, PATH, DataForm
from workbench.panes.data.help import DataHelp
from workbench.panes.data.lengths import Lengths
from workbench.panes.data.lengths_chart import LengthsChart
from workbench.panes.data.report import ReportCard
from workbench.panes.data.row_card import RowCard
from workbench.panes.data.rows_table import RowsModel, RowsTable, entries_of, tokens_about, two_digits
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import NO_LIMIT, Place, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Card, Message, ScopedCard, Tag
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import Page

LONGEST_ROW = "training.max_length"
MOST_RECENT = 10
ASIDE_WIDTH = 392


class DataPage(Page):
    """Reads the recipe's dataset beside the window whenever its path or a column changes; stale answers are dropped."""

    sentence = "What goes in, row by row, and what is wrong with it."

    def __init__(self, store: RecipeStore, theme: Theme, settings: Settings | None = None) -> None:
        super().__init__(theme)
        assert self.form is not None
        self._store = store
        self._settings = settings
        self._asked = 0
        self._read_key: object = None
        self.glance: DataGlance | None = None
        self.error: UserError | None = None
        self.tag = Tag(theme)
        self.header.add(self.tag)
        self.fields = DataForm(store, theme, self.form)
        self.fields.choosing_changed.connect(self._show)
        self.uses = button("Use these rows", theme, "arrow-right", "primary")
        self.uses.clicked.connect(lambda: self.go_to.emit("train"))
        self.form.action_bar.add(self.uses, stretch=1)
        self._build_picture()
        self._show_recent()
        store.changed.connect(self._changed)
        theme.follow(self._restyle)
        self._show()
        self._read()

    # -- building -----------------------------------------------------------------------------------------------------

    def _build_picture(self) -> None:
        theme = self.theme
        self.message = Message(theme)
        find = button("Find a file", theme, "folder-open", "")
        find.clicked.connect(self.fields.file.ask)
        self.message.add_button(find)
        self._model = RowsModel()
        self.table = RowsTable(theme, self._model)
        self._rows = Card(theme, "Rows")
        self._rows.set_margins(0, 0, 0, 6)
        self._rows.body.addWidget(self.table)
        self.row = RowCard(theme)
        self.row.step_wanted.connect(self._step)
        self.table.row_chosen.connect(self._show_chosen_row)
        self.table.opened.connect(lambda _index: self.row.words.setFocus(Qt.FocusReason.OtherFocusReason))
        self.chart = LengthsChart(theme)
        self.chart.limit_wanted.connect(lambda limit: self._store.set(LONGEST_ROW, limit))
        longest = setting_declarations()[LONGEST_ROW]
        self.chart.set_bounds(int(longest.minimum or 1), int(longest.maximum or 1))
        self._lengths = ScopedCard(theme, "Length of rows", "tokens")
        self._lengths.body.addWidget(self.chart)
        self.report = ReportCard(theme)
        self.report.show_wanted.connect(self.show_line)
        self._cards = QWidget()
        self._grid = QGridLayout(self._cards)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._trouble = QWidget()
        self._trouble_rows = in_column(self.message, DataHelp(theme), 1, of=self._trouble)
        self._outer = in_column(self._trouble, self._cards, of=self.picture)
        self._place()

    def _restyle(self) -> None:
        gap = self.theme.size("space.card_gap")
        keep_edge(self._outer, self.theme)
        self._trouble_rows.setSpacing(gap)
        self._grid.setSpacing(gap)
        self.arranged()

    def arranged(self) -> None:
        self.fields.columns.show_wide(self.is_wide)
        self._place()

    def _place(self) -> None:
        """The row above table and figures; in a wide window all figures in a column of their own."""
        grid, is_wide = self._grid, self.is_wide
        places: dict[QWidget, Place] = {
            self.row: (0, 0, 2, 1) if is_wide else (0, 0, 1, 2),
            self._rows: (2, 0, 2, 1) if is_wide else (1, 0, 2, 1),
            self._lengths: (0, 1, 1, 1) if is_wide else (1, 1, 1, 1),
            self.report: (1, 1, 3, 1) if is_wide else (2, 1, 1, 1),
        }
        place_cards(grid, places)
        self.report.setMaximumWidth(self.theme.px(ASIDE_WIDTH) if is_wide else NO_LIMIT)
        self._lengths.setMaximumWidth(self.report.maximumWidth())
        share_room(grid, (11, 0 if is_wide else 9), (2, 1, 3, 2) if is_wide else (6, 5, 5, 0))
        grid.setColumnMinimumWidth(1, self.theme.px(ASIDE_WIDTH) if is_wide else 0)

    # -- reading ------------------------------------------------------------------------------------------------------

    def open_file(self, path: Path | str) -> None:
        """Takes a file that was dropped or found."""
        self.fields.take_path(str(path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()  # where the file has changed meanwhile

    def _changed(self, paths: list[str]) -> None:
        if PATH in paths or any(column in paths for column in MAPPED):
            self._read()
        else:
            self._say_facts()

    def _read(self) -> None:
        key = _key(self._store.recipe)
        if key == self._read_key:
            return
        self._read_key = key
        self._asked += 1
        asked, recipe = self._asked, self._store.recipe
        if self.error is not None:
            self.error = None  # it was of the file before
        self.tag.show_state("Reading", "info", "hourglass")

        def read() -> tuple[DataGlance, Lengths]:
            glance = data_glance.glance(recipe.data.path, recipe.data)
            about = np.maximum(1, np.asarray(glance.lengths, np.int64) // int(data_glance.CHARACTERS_PER_TOKEN))
            return glance, Lengths.of(about, is_estimate=True, is_part=not glance.is_complete)

        def take_glance(found: tuple[DataGlance, Lengths]) -> None:
            if asked == self._asked:
                self.chart.show_lengths(found[1])
                self._lengths.scope.set_text(found[1].in_words())
                self._show_glance(found[0], None)

        def fail(error: UserError) -> None:
            if asked == self._asked:
                self._show_glance(None, error)

        run_task(read, take_glance, fail, parent=self)

    def _show_glance(self, glance: DataGlance | None, error: UserError | None) -> None:
        self.glance, self.error = glance, error
        if glance is not None:
            self._remember(self._store.recipe.data.path)
            kept = self.table.currentIndex().row()
            self._model.show_rows(entries_of(glance))
            self.report.show_report(glance.rows, glance.problems, glance.problem_count, is_complete=glance.is_complete)
            self.table.share_out()
            there = len(self._model.rows)
            total = glance.rows + glance.problem_count
            self._rows.scope.setText(grouped(there) if there >= total else f"{grouped(there)} of {grouped(total)}")
            self.table.setCurrentIndex(self._model.index(kept if 0 < kept < there else 0, 0))
        self._show()

    # -- showing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        error = self.error
        if self.fields.is_choosing:
            self.message.say("info", "Which file is it?", "Find one, drop one here, or type its path at the left.")
        elif error is not None:
            self.message.say("danger", error.what, error.why, error.remedy)
        is_whole = error is None and not self.fields.is_choosing
        shown, hidden = (self._cards, self._trouble) if is_whole else (self._trouble, self._cards)
        hidden.hide()  # first: the window would grow to hold both
        shown.show()
        self._say_state(is_whole)
        self._say_facts()

    def _say_state(self, is_whole: bool) -> None:
        glance = self.glance if is_whole else None
        is_ready = glance is not None and glance.rows > 0 and not glance.problem_count
        self.set_badge("ready" if is_ready else "")
        self.uses.setEnabled(is_ready)
        self.uses.setToolTip("" if is_ready else "The rows have to be read without a problem first.")
        if self.error is not None and is_whole is False and not self.fields.is_choosing:
            self.tag.show_state("Cannot be read", "danger")
        elif self.fields.is_choosing:
            self.tag.show_state("", "none")
        elif glance is not None and glance.problem_count:
            count = glance.problem_count
            self.tag.show_state(f"{counted(count, 'row')} to look at", "warn")
        elif glance is not None:
            self.tag.show_state(f"{counted(glance.rows, 'row')}, no problems found", "success")

    def _say_facts(self) -> None:
        assert self.form is not None
        self.chart.show_limit(self._store.recipe.training.max_length)
        glance = self.glance if self.error is None and not self.fields.is_choosing else None
        if glance is None:
            self.form.action_bar.say("")
            self.fields.format.setText("")
            self.fields.source.fact.setText("")
            self.fields.held_out.fact.setText("")
            return
        tokens = tokens_about(glance.characters)
        wrong = glance.problem_count
        to_do = (
            f"{counted(wrong, 'row')} to be mended first" if wrong else f"about {grouped(two_digits(tokens))} tokens"
        )
        self.form.action_bar.say(f"{counted(glance.rows, 'row')}, {to_do}")
        suffix = sources.data_path(self._store.recipe.data.path).suffix.lstrip(".").upper()
        self.fields.format.setText(f"{suffix}, {glance.mapping.shape.title if glance.mapping else 'of no known kind'}")
        self.fields.source.fact.setText(f"{counted(glance.rows, 'row')}, {bytes_in_words(glance.size_bytes)}")
        evaluation = self._store.recipe.evaluation
        held = round(glance.rows * evaluation.fraction)
        is_shared = bool(evaluation.fraction) and not evaluation.path
        self.fields.held_out.fact.setText(f"about {counted(held, 'row')}" if is_shared else "")

    def _show_chosen_row(self, index: QModelIndex) -> None:
        if not index.isValid():
            self.row.show_entry(None)
            return
        number, last = index.row(), len(self._model.rows) - 1
        self.row.show_entry(self._model.rows[number], has_before=number > 0, has_after=number < last)

    def _step(self, way: int) -> None:
        number = self.table.currentIndex().row() + way
        if 0 <= number < len(self._model.rows):
            self.table.setCurrentIndex(self._model.index(number, 0))

    def show_line(self, line: int) -> None:
        """Chooses the row of a line."""
        number = next((number for number, entry in enumerate(self._model.rows) if entry.line == line), -1)
        if number >= 0:
            self.table.setCurrentIndex(self._model.index(number, 0))
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- recent files -------------------------------------------------------------------------------------------------

    def _show_recent(self) -> None:
        if self._settings is not None:
            self.fields.show_recent(self._settings.load()[0].recent_data)

    def _remember(self, path: str) -> None:
        """Keeps a file that could be read among the recent ones; loaded anew, for others keep settings there too."""
        if self._settings is None or path in places.built_in_datasets():
            return
        known, _ = self._settings.load()
        recent = [path, *(other for other in known.recent_data if other != path)][:MOST_RECENT]
        if recent != known.recent_data:
            self._settings.save(known.model_copy(update={"recent_data": recent}))
        self.fields.show_recent(recent)


def _key(recipe: Recipe) -> object:
    """What an answer depends on: the file as it is now, and the names of its columns."""
    data = recipe.data
    columns = tuple(recipe.value(path) for path in MAPPED)
    try:
        found = sources.data_path(data.path).stat()
    except (OSError, ValueError, RuntimeError):
        return (data.path, columns)
    return (data.path, columns, found.st_size, found.st_mtime_ns)
