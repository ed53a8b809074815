"""When columns are to be looked at, what is chosen there, and that it goes into the recipe."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.core import places
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.units import counted, grouped
from workbench.panes.data.mapping.counting import Counting
from workbench.panes.data.mapping.fields import NEEDED, ColumnsGroup
from workbench.panes.data.mapping.kept import KeptChoices
from workbench.panes.data.mapping.roles import Choice, is_said
from workbench.panes.data.mapping.sheet_rows import LEFT_OUT
from workbench.panes.data.mapping.view import MappingView
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.reading import DataReading, Seen
from workbench.panes.data.trouble import in_quotes
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button, set_icon
from workbench.panes.parts.page import ActionBar

GUESSED, BY_NAMES, AS_BEFORE, AS_SAID = "guessed, please check", "by its names", "as chosen before", "as you say"


class MappingControl(QObject):
    """Opens by itself where nothing is sure or a spreadsheet is read, until its rows are used.

    Signals:
        changed: It was opened or closed.

    Attributes:
        is_open: The view is to be shown.
        choice: What is taken for what; it is in the recipe once both sides are there.
    """

    changed = Signal()

    def __init__(
        self, store: RecipeStore, theme: Theme, reading: DataReading, bar: ActionBar, settings: Settings | None
    ) -> None:
        super().__init__(bar)
        self._store, self._reading = store, reading
        self._kept = KeptChoices(settings)
        self.is_open = False
        self.choice = Choice()
        self._pending: Choice | None = None  # one that no recipe can hold: a side is missing
        self._pending_in: Recipe | None = None
        self._file: object = None
        self._is_kept = self._is_touched = False
        self._is_wanted, self._is_busy = True, False
        self._numbers: Numbers | None = None
        self._shown: tuple[object, ...] = ()
        self.view = MappingView(theme, reading)
        self.group = ColumnsGroup(theme)
        self.group.hide()
        self.tag = button("", theme, kind="warntag")
        set_icon(self.tag, theme, "warning", "status.warn")
        self.tag.setToolTip("Show these rows alone")
        self.tag.hide()
        self.tag.clicked.connect(lambda: self.view.card.show_kind(LEFT_OUT))
        self.use = button("Use these rows", theme, "arrow-right", "primary")
        self.use.clicked.connect(self.use_rows)
        self.cancel = button("Cancel", theme, "x")
        self._bar = bar
        for made in (self.use, self.cancel):
            made.hide()
            bar.add(made, stretch=1 if made is self.use else 0)
        self.counting = Counting(self)
        self.counting.changed.connect(self._show_count)
        self.cancel.clicked.connect(self.counting.cancel)
        self.view.choice_changed.connect(self.take)
        self.view.read.connect(self._show_group)
        self.group.choice_changed.connect(self.take)
        self.group.sheet_wanted.connect(self.open)

    # -- opening ------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Shows the columns of a file that was recognised."""
        if not self.is_open:
            self.is_open = True
            self.changed.emit()

    @property
    def has_bar(self) -> bool:
        """Whether the action bar is for using the rows."""
        return self.is_open and self._is_wanted and not self._is_busy

    @property
    def error(self) -> UserError | None:
        """Why the rows cannot be read by what was chosen here, which is said beside the sheet."""
        error = self._reading.error
        is_ours = self.is_open and self._file == _file_of(self._store.recipe) and is_said(self._store.recipe)
        return error if is_ours and self._is_touched else None

    def show(self, numbers: Numbers | None, *, is_wanted: bool, is_busy: bool) -> None:
        """Takes what is known of the rows now; the page may want another file, or be busy with these rows."""
        reading, recipe = self._reading, self._store.recipe
        seen = reading.seen
        about_reading = (seen, reading.is_reading, reading.error, reading.tokenizer, reading.why_no_tokens)
        known = (numbers, is_wanted, is_busy, recipe, self.is_open, self._pending, *about_reading)
        if known == self._shown:
            return  # a preparation has gone on, and tells so 30 times a second
        self._shown = known
        self._numbers, self._is_wanted, self._is_busy = numbers, is_wanted, is_busy
        if self._reading.is_reading or not is_wanted:
            self.counting.stop()
            self._show_parts()
            return
        file = _file_of(recipe)
        if seen is None:
            self.is_open = self.is_open and self.error is not None
            self._draw()
            return
        if file != self._file:
            self._file, self._pending, self._is_kept, self._is_touched = file, None, False, False
            self.is_open = self._opens(seen)
            if self._take_kept(seen):
                return  # what was chosen before is read now
        elif not seen.look.opened.found.is_certain and seen.look.opened.found.sample.rows:
            self.is_open = True
        if recipe is not self._pending_in:
            self._pending = None
        self.choice = self._pending or Choice.of(seen.look.opened.found, recipe)
        self._draw()

    def _opens(self, seen: Seen) -> bool:
        """Whether a file is one whose columns are to be looked at first."""
        found = seen.look.opened.found
        is_sure = found.is_certain and not seen.look.sheets
        return not is_said(self._store.recipe) and not is_sure and bool(found.sample.rows)

    def _take_kept(self, seen: Seen) -> bool:
        """Takes what was chosen for the same columns before, where the recipe says nothing of these."""
        before = self._store.recipe
        is_free = not is_said(before) and before.data.path not in places.built_in_datasets()
        kept = self._kept.find(seen.look.opened.found.sample.names) if is_free else {}
        if not kept:
            return False
        self._is_kept = True
        try:
            self._store.set_many(kept)
        except (UserError, KeyError):
            self._is_kept = False  # of a version with other settings
        return self._store.recipe != before

    # -- showing ------------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        seen = self._reading.seen
        self._show_parts()
        if self.is_open and seen is not None and self._pending is None and not self._reading.is_reading:
            self.counting.count(seen.look, self._store.recipe)
        else:
            self.counting.stop()
        if self.is_open:
            self.view.show_choice(self.choice, f"{self.need}." if self.need else "")
            self.view.show_rows(None if self.need else self._numbers)
            self.view.say_error(self.error or self._nothing_learned())
        self._show_count()

    def _show_count(self) -> None:
        """How far the rest of the rows is read, which may be ended."""
        found = self.counting.found
        is_whole = found is not None and found.is_complete
        self.view.say_count(self.counting.words, found.last_line if found is not None and is_whole else 0)
        self.cancel.setVisible(self.has_bar and self.counting.is_busy)
        if self.has_bar:
            self._say_bar()

    def _show_parts(self) -> None:
        numbers = self._numbers
        self.use.setVisible(self.has_bar)
        self.cancel.setVisible(self.has_bar and self.counting.is_busy)
        is_told = self.is_open and self._is_wanted and not self.problem
        left = numbers.looked - numbers.used if is_told and numbers is not None else 0
        self.tag.setText(f"{counted(left, 'row')} left out")
        self.tag.setVisible(left > 0)
        self._show_group()

    def _show_group(self) -> None:
        seen, recipe = self._reading.seen, self._store.recipe
        has_columns = seen is not None and bool(seen.look.opened.found.sample.names)
        self.group.setVisible(self._is_wanted and (has_columns or self.error is not None))
        self.group.show_sheet.setVisible(not self.is_open)
        found = seen.look.opened.found if seen is not None else None
        if self._is_kept:
            fact = AS_BEFORE
        elif found is None or is_said(recipe) or self._pending is not None:
            fact = AS_SAID
        else:
            is_guess = found.mapping is None or found.mapping.is_guess or not found.is_certain
            fact = GUESSED if is_guess else BY_NAMES
        why = in_quotes(found.why[:1].upper() + found.why[1:]) if found and found.why and fact == GUESSED else ""
        self.group.show_choice(self.choice, self.view.sheet.kinds if self.is_open else (), fact, why)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def take(self, choice: Choice) -> None:
        """Writes a choice into the recipe, as one step to undo; one that lacks a side is shown and not written."""
        self._is_kept, self._is_touched = False, True
        self._pending = choice if choice.missing else None
        self._pending_in = self._store.recipe
        self.choice = choice
        if self._pending is None:
            try:
                self._store.set_many(choice.settings)
            except UserError as error:
                self._bar.say(str(error))
                return
            if not self.is_open:  # there it is kept once its rows are used
                self._kept.keep(choice.names, choice.settings)
        self._draw()  # at once; what is read by it comes when it is there
        if self._pending is not None:  # nothing is read by it, and what was told of the choice before is not so
            self.changed.emit()

    @property
    def need(self) -> str:
        """What has to be chosen before anything can be read; empty where nothing has."""
        return f"Choose the {NEEDED[self.choice.missing]} column" if self.choice.missing else ""

    @property
    def problem(self) -> str:
        """Why the rows cannot be used, in the words of the primary; empty where they can."""
        numbers = self._numbers
        if self.need:
            return self.need
        if self.error is not None:
            return "Choose other columns"
        if numbers is not None and numbers.looked and not numbers.used:
            return "No row is whole"
        return "No token is learned" if self._nothing_learned() is not None else ""

    def _nothing_learned(self) -> UserError | None:
        """What is an error of the whole choice: no row, or no token, is learned."""
        numbers = self._numbers
        if numbers is None or not numbers.looked or self._pending is not None:
            return None
        of = "of the rows that were looked at" if numbers.is_part else f"of the {counted(numbers.looked, 'row')}"
        if not numbers.used:
            why = f"What each lacks stands in the sheet, in the cell to blame. None {of} is whole."
            return UserError("No row can be learned from.", why=why, remedy="Choose other columns, or mend the file.")
        if numbers.has_tokens and not numbers.learned:
            why = f"0 of {counted(numbers.tokens, 'token')} would count in the loss."
            return UserError("No token is learned.", why=why, remedy="Choose another answer column, or a longer row.")
        return None

    def use_rows(self) -> None:
        """Takes the rows as they are shown, also where that was a guess."""
        if self.problem:
            return
        self._kept.keep(self.choice.names, self.choice.settings)
        self.is_open = False
        self._store.set_many(self.choice.settings)
        self.changed.emit()

    def _say_bar(self) -> None:
        problem, numbers = self.problem, self._numbers
        self.use.setText(problem or "Use these rows")
        self.use.setEnabled(not problem)
        if self.counting.is_busy or numbers is None or problem:
            self._bar.say(self.counting.words if self.counting.is_busy else "")
            return
        if numbers.is_part:
            self._bar.say(numbers.facts)
            return
        about = "" if numbers.has_tokens else "about "
        held = f", {grouped(numbers.held_out)} held out" if numbers.held_out else ""
        rows = grouped(numbers.used - numbers.held_out)
        self._bar.say(f"{rows} to learn from{held}, {about}{counted(numbers.tokens, 'token')}")


def _file_of(recipe: Recipe) -> object:
    data = recipe.data
    return (data.path, data.also, data.sheet, data.config, data.split)
