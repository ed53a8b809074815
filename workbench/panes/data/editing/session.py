"""Rows written on the Data page, from "Edit rows" to "Done editing": what is opened, saved, and put into the recipe."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.tasks import run_task
from workbench.core.data.edits import drafts
from workbench.core.problems import UserError
from workbench.core.recipe.other_data import ALSO, COLUMNS, PATH, SHEET, values_for_data
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.units import counted
from workbench.panes.data.editing.control import EditingControl
from workbench.panes.data.editing.counting import Counting
from workbench.panes.data.editing.side import EditingSide
from workbench.panes.data.editing.view import EditingView
from workbench.panes.data.reading import DataReading
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import Page

# What says how the rows of the file were found and read, and nothing about those of the copy.
GROUP = "data.group_column"
OF_THE_FILE = (
    *(ALSO, SHEET, "data.config", "data.split", "data.text_rows"),
    *(path for path in COLUMNS if path.startswith("data.") and path != GROUP),
)
# What of a recipe decides the tokens of a row that is written.
_COUNTED_BY = ("model.source", "model.revision", "training.max_length")
Keys = QKeySequence.StandardKey


class Editing(QObject):
    """One session at a time on a page.

    Signals:
        turned: It was opened or closed, or is about to be.
        saved: The recipe's data is the copy now, which was written anew.
        message: A short sentence for the page to say.
    """

    turned = Signal()
    saved = Signal()
    message = Signal(str)

    def __init__(self, page: Page, store: RecipeStore, reading: DataReading) -> None:
        super().__init__(page)
        self._page, self._store, self._reading = page, store, reading
        theme = page.theme
        self.is_open = False
        self.error: UserError | None = None
        self._leaves_after_saving = False
        self._counted_by: object = None
        self._kept = 0  # changes to the recipe's data that lie in its draft and in no copy
        self._kept_of: object = None
        self._path = ""  # of the recipe's data, as long as it is what is written here
        self.control = EditingControl(self)
        self.counting = Counting(self)
        self.view = EditingView(theme, self.control, self.counting)
        self.side = EditingSide(theme, self.control, self.counting)
        self.edit = button("Edit rows", theme, "pencil-simple")
        self.edit.setToolTip("Write, add and delete rows in a copy")
        self.edit.clicked.connect(lambda _checked=False: self.begin())
        self.tag = Tag(theme)
        self.done = button("Done editing", theme, "check")
        self.done.clicked.connect(lambda _checked=False: self.finish())
        for made in (self.tag, self.edit, self.done):
            page.header.add(made)
        self.done.hide()
        self._connect()
        page.installEventFilter(self)

    def _connect(self) -> None:
        control, view = self.control, self.view
        control.opened.connect(self._opened)
        control.failed.connect(self._failed)
        control.stopped.connect(self.close)
        control.changed.connect(self._changed)
        control.busy_changed.connect(self.show_state)
        control.saved.connect(self._saved)
        control.declined.connect(self.message)
        control.trouble_changed.connect(self._stay)
        view.card.message.connect(self.message)
        view.save.clicked.connect(lambda _checked=False: self._save_and_leave())
        view.leave.clicked.connect(lambda _checked=False: self.close())
        view.throw_away.clicked.connect(lambda _checked=False: self._throw_away())
        self.side.save_wanted.connect(self._save)
        self.side.stop_wanted.connect(self._stop)
        self._reading.changed.connect(self._recipe_changed)
        self._reading.changed.connect(self._look_for_changes)
        self._store.changed.connect(self._leave_other_data)

    # -- from beginning to end ----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Opens the rows of the recipe's data."""
        self._begin(lambda: self.control.begin(self._store.recipe.data))

    def begin_written(self) -> None:
        """Opens rows that are written from nothing."""
        self._begin(self.control.begin_written)

    def _begin(self, act: Callable[[], None]) -> None:
        if self.control.is_busy:
            return
        self.error = None
        self.is_open = True
        self._path = self._store.recipe.data.path
        act()
        self.show_state()
        self.turned.emit()

    def _opened(self) -> None:
        draft = self.control.draft
        assert draft is not None
        self._counted_by = None
        self.view.begin()
        self.side.begin()
        self._recipe_changed()
        self.show_state()
        if not draft.name:
            self.view.write_in_row()
        else:
            self.view.card.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _failed(self, error: UserError) -> None:
        self.error = error
        self.close()

    def finish(self) -> None:
        """Ends writing; asks once where something is not saved."""
        self.view.editor.commit()
        draft = self.control.draft
        is_asked = not self.view.question.isHidden()
        if draft is not None and draft.unsaved_changes and not is_asked:
            count = draft.unsaved_changes
            self.view.ask(f"{counted(count, 'change')} {'is' if count == 1 else 'are'}", draft.name)
            return
        self.close()

    def close(self) -> None:
        """Leaves the rows; what is not saved stays in the draft."""
        self.view.editor.commit()
        self.counting.end()
        self.control.close()
        self._leave()
        self._kept_of = None
        self._look_for_changes()

    def _throw_away(self) -> None:
        self.counting.end()
        self.control.discard()
        self._leave()
        self._take_kept(0)

    def _leave(self) -> None:
        had_focus = self._writes_here or self.done.hasFocus()
        self.is_open = self._leaves_after_saving = False
        self.view.end()
        self.show_state()
        self.turned.emit()
        if had_focus and self._page.isVisible():
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the copy -----------------------------------------------------------------------------------------------------

    def _save(self, path: Path) -> None:
        self.view.editor.commit()
        self.control.save(path)

    def _save_and_leave(self) -> None:
        self.view.editor.commit()
        self._leaves_after_saving = True
        self.side.save()
        self._leaves_after_saving = self.control.is_busy  # its name may be one that no copy can have

    def _stop(self) -> None:
        self._leaves_after_saving = False
        self.control.stop()

    def _stay(self) -> None:
        """A copy that could not be saved is saved by another click, which leaves nothing."""
        if self.control.trouble is not None:
            self._leaves_after_saving = False

    def _saved(self, path: Path) -> None:
        """The copy is the recipe's data; what was said of the file's columns is said of none of it."""
        draft = self.control.draft
        assert draft is not None
        known = settings()
        news: dict[str, Any] = {name: known[name].default for name in OF_THE_FILE}
        group = draft.group_column if self._store.recipe.data.group_column else known[GROUP].default
        self._path = str(path)
        try:
            values = {PATH: str(path), **news, GROUP: group}
            if not draft.name:  # rows from nothing are other data than the recipe had
                values |= values_for_data(self._store.recipe, [str(path)])
            self._store.set_many(values)
        except UserError as error:
            self.message.emit(str(error))
        self.view.question.hide()
        self.side.show_changes()
        self.show_state()
        self.message.emit(f"Saved: {path.name} is the data now.")
        self.saved.emit()
        if self._leaves_after_saving:
            self.close()
        elif self._page.isVisible() and not self._writes_here:
            self.view.card.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _writes_here(self) -> bool:
        """Whether the keyboard is among the rows."""
        focused = self._page.window().focusWidget()
        return focused is not None and self.view.isAncestorOf(focused)

    # -- following ----------------------------------------------------------------------------------------------------

    def _changed(self, rows: list[int]) -> None:
        self.counting.count_again(rows)
        self.view.question.hide()
        self.show_state()

    def _leave_other_data(self, _paths: list[str]) -> None:
        """Other data was dropped or opened meanwhile: what is written stays in its draft."""
        draft = self.control.draft
        if not self.is_open or self._store.recipe.data.path == self._path:
            return
        if draft is not None and draft.unsaved_changes:
            count, name = counted(draft.unsaved_changes, "change"), draft.name or "your rows"
            self.message.emit(f"{count} to {name} not saved: they are there when you edit these rows again.")
        self.close()

    def _recipe_changed(self) -> None:
        """Counts anew where other tokens come of a row."""
        draft = self.control.draft
        if draft is None:
            return
        recipe, tokenizer = self._store.recipe, self._reading.tokenizer
        counted_by = (_row_settings(recipe), tokenizer.facts if tokenizer is not None else None)
        if counted_by != self._counted_by:
            self._counted_by = counted_by
            self.view.editor.read_with(recipe, tokenizer)
            self.counting.begin(draft, recipe, tokenizer)

    def _look_for_changes(self) -> None:
        """Finds whether the rows that are read have changes that were never saved: they are not trained on."""
        seen = self._reading.seen
        if self.is_open or seen is None or seen.look.opened is self._kept_of:
            return
        self._kept_of = opened = seen.look.opened
        data = self._store.recipe.data

        def take(count: int) -> None:
            if opened is self._kept_of:
                self._take_kept(count)

        # What is wrong with a draft is told to whoever opens it.
        run_task(lambda: drafts.unsaved_changes(data), take, lambda _error: take(0), parent=self)

    def _take_kept(self, count: int) -> None:
        self._kept = count
        self.show_state()

    def show_state(self) -> None:
        """What stands in the page's head."""
        draft = self.control.draft
        self.edit.setVisible(not self.is_open)
        self.done.setVisible(self.is_open)
        self.done.setEnabled(not self.control.is_busy)
        self.tag.setToolTip("")
        if not self.is_open:
            said = f"{counted(self._kept, 'change')}, not saved" if self._kept else ""
            self.tag.show_state(said, "info" if said else "none", "pencil-simple")
            self.tag.setToolTip("The rows are learned as the file has them. Edit rows goes on." if said else "")
        elif draft is None:
            self.tag.show_state(self.control.busy_words or "Reading the rows", "info", "hourglass")
        elif draft.unsaved_changes:
            self.tag.show_state(f"{counted(draft.unsaved_changes, 'change')}, not saved", "info", "pencil-simple")
        elif draft.saved_as:
            self.tag.show_state("Saved", "success")
        else:
            self.tag.show_state("No change yet", "none", "pencil-simple")

    # -- keys ---------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the whole page while rows are written: none of them is the window's then."""
        if self.is_open and isinstance(event, QKeyEvent):
            act = self._act_of(event)
            if act is not None:
                if event.type() == QEvent.Type.ShortcutOverride:
                    event.accept()
                    return True
                if event.type() == QEvent.Type.KeyPress:
                    act()
                    return True
        return False

    def _act_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        card = self.view.card
        if event.matches(Keys.Undo):
            return card.undo_change
        if event.matches(Keys.Redo):
            return card.redo_change
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier:
            return card.redo_change if event.key() == Qt.Key.Key_Z else None
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier != Qt.KeyboardModifier.ControlModifier:
            return None
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_F: card.begin_finding,
            Qt.Key.Key_H: lambda: card.begin_finding(replaces=True),
            Qt.Key.Key_N: card.add_row,
            Qt.Key.Key_D: card.duplicate,
            Qt.Key.Key_S: self.side.save,
            Qt.Key.Key_Return: lambda: card.table.step(1),
            Qt.Key.Key_Enter: lambda: card.table.step(1),
        }
        return acts.get(event.key())


def _row_settings(recipe: Recipe) -> object:
    """What of a recipe decides the tokens of rows, but for what says how a file is read."""
    data = recipe.data.model_dump()
    for path in ("data.path", *OF_THE_FILE):
        data.pop(path.removeprefix("data."), None)
    return data, tuple(recipe.value(path) for path in _COUNTED_BY)
