"""When columns are to be looked at, what is chosen there, and that it goes into the recipe."""

import hashlib
import json
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.core.problems import UserError
from workbench.core.units import counted, grouped
from workbench.panes.data.mapping.fields import NEEDED, ColumnsGroup
from workbench.panes.data.mapping.roles import Choice, is_said
from workbench.panes.data.mapping.view import MappingView
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.reading import DataReading, Seen
from workbench.panes.data.trouble import in_quotes
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import ActionBar

MOST_KEPT = 100
GUESSED, BY_NAMES, AS_BEFORE, AS_SAID = "guessed, please check", "by its names", "as chosen before", "as you say"


class MappingControl(QObject):
    """Opens by itself where nothing is sure or a spreadsheet is read, until its rows are used.

    Signals:
        changed: It was opened or closed.
    """

    changed = Signal()

    def __init__(
        self, store: RecipeStore, theme: Theme, reading: DataReading, bar: ActionBar, settings: Settings | None
    ) -> None:
        super().__init__(bar)
        self._store, self._reading, self._settings = store, reading, settings
        self.is_open = False
        self.choice = Choice(columns={})
        self._pending: Choice | None = None  # one that no recipe can hold: a side is missing
        self._file: object = None
        self._is_kept = False
        self._numbers: Numbers | None = None
        self.view = MappingView(theme, reading)
        self.group = ColumnsGroup(theme)
        self.group.hide()
        self.use = button("Use these rows", theme, "arrow-right", "primary")
        self.use.clicked.connect(self.use_rows)
        self.use.hide()
        self._bar = bar
        bar.add(self.use, stretch=1)
        self.view.choice_changed.connect(self.take)
        self.group.choice_changed.connect(self.take)

    # -- opening ------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Shows the columns of a file that was recognised."""
        if not self.is_open:
            self.is_open = True
            self.changed.emit()

    def show(self, numbers: Numbers | None) -> None:
        """Takes what is known of the rows now."""
        seen = self._reading.seen
        self._numbers = numbers
        if seen is None or self._reading.is_reading:
            if seen is None:
                self.is_open = False
            return
        opened, recipe = seen.look.opened, self._store.recipe
        file = (opened.source.files, recipe.data.sheet)
        if file != self._file:
            self._file, self._pending, self._is_kept = file, None, False
            is_sure = opened.found.is_certain and not seen.look.sheets
            self.is_open = not is_said(recipe) and not is_sure and bool(opened.found.sample.rows)
            if self.is_open and self._take_kept(opened.found.sample.names):
                return  # what was chosen before is read now
        elif not opened.found.is_certain and opened.found.sample.rows:
            self.is_open = True
        self.choice = self._pending or Choice.of(opened.found, recipe)
        if self.is_open:
            self.view.show_choice(self.choice)
            self.view.show_rows(numbers)
            self._show_group(seen)
            self._say_bar()

    def _show_group(self, seen: Seen) -> None:
        found = seen.look.opened.found
        if self._is_kept:
            fact = AS_BEFORE
        elif is_said(self._store.recipe) or self._pending is not None:
            fact = AS_SAID
        else:
            is_guess = found.mapping is None or found.mapping.is_guess or not found.is_certain
            fact = GUESSED if is_guess else BY_NAMES
        why = in_quotes(found.why[:1].upper() + found.why[1:]) if fact == GUESSED and found.why else ""
        self.group.show_choice(self.choice, self.view.sheet.kinds, fact, why)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def take(self, choice: Choice) -> None:
        """Writes a choice into the recipe, as one step to undo; one that lacks a side is shown and not written."""
        self._is_kept = False
        self._pending = choice if choice.missing else None
        if self._pending is None:
            before = self._store.recipe
            try:
                self._store.set_many(choice.settings)
            except UserError as error:
                self._bar.say(str(error))
                return
            if self._store.recipe != before:
                return  # it is read anew, and shown then
        self.show(self._numbers)

    @property
    def problem(self) -> str:
        """Why the rows cannot be used; empty where they can."""
        if self.choice.missing:
            return f"Choose the {NEEDED[self.choice.missing]} column"
        numbers = self._numbers
        if numbers is not None and not numbers.used:
            return "No row is whole"
        if numbers is not None and numbers.has_tokens and not numbers.learned:
            return "No token is learned"
        return ""

    def use_rows(self) -> None:
        """Takes the rows as they are shown, also where that was a guess."""
        if self.problem:
            return
        self._keep()
        self.is_open = False
        self._store.set_many(self.choice.settings)
        self.changed.emit()

    def _say_bar(self) -> None:
        problem, numbers = self.problem, self._numbers
        self.use.setText(problem or "Use these rows")
        self.use.setEnabled(not problem)
        if numbers is None:
            self._bar.say("")
            return
        about = "" if numbers.has_tokens else "about "
        held = f", {grouped(numbers.held_out)} held out" if numbers.held_out else ""
        rows = grouped(numbers.used - numbers.held_out)
        self._bar.say(f"{rows} to learn from{held}, {about}{counted(numbers.tokens, 'token')}")

    # -- what was chosen before ---------------------------------------------------------------------------------------

    def _take_kept(self, names: Sequence[str]) -> bool:
        if self._settings is None:
            return False
        kept = self._settings.load()[0].column_choices.get(hash_of(names))
        if not kept:
            return False
        try:
            self._store.set_many(kept)
        except (UserError, KeyError):
            return False  # of a version with other settings
        self._is_kept = True
        return True

    def _keep(self) -> None:
        """Keeps the choice for files of the same columns."""
        if self._settings is None:
            return
        known = self._settings.load()[0]
        kept = {**known.column_choices}
        name = hash_of(self.choice.names)
        kept.pop(name, None)
        kept[name] = self.choice.settings
        latest = dict(list(kept.items())[-MOST_KEPT:])
        self._settings.save(known.model_copy(update={"column_choices": latest}))


def hash_of(names: Sequence[str]) -> str:
    """Stands for the names of a file's columns, in their order."""
    return hashlib.sha256(json.dumps(list(names)).encode("utf-8", "surrogatepass")).hexdigest()[:24]
