"""The left side while rows are written: the copy, the changes, what it all comes to, and the button that saves."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.core import sources
from workbench.core.data.edits.draft import Draft
from workbench.core.problems import UserError
from workbench.core.units import counted
from workbench.panes.data.editing.changes import ChangesList
from workbench.panes.data.editing.control import EditingControl
from workbench.panes.data.editing.copy_field import CopyField, free_path
from workbench.panes.data.editing.counting import Counting
from workbench.panes.data.editing.sums import SumsTable
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel, button, label
from workbench.panes.parts.page import FormColumn, FormGroup

NAMED = 6  # columns that are named


class EditingSide(FormColumn):
    """Follows the draft that is open.

    Signals:
        save_wanted: The Path of the copy.
        stop_wanted: A saving that goes on is to end.
    """

    save_wanted = Signal(object)
    stop_wanted = Signal()

    def __init__(self, theme: Theme, control: EditingControl, counting: Counting) -> None:
        super().__init__(theme)
        self._control, self._counting = control, counting
        self._source: tuple[Path, ...] = ()
        self.copy_group = FormGroup(theme, "A copy to write in")
        self.copy_of = ElidedLabel()
        self.copy_group.add_row(label("Copy of", "label"), self.copy_of)
        self.saved_as = CopyField(theme)
        self.saved_as.check = self._refusal
        self.saved_as.chosen.connect(lambda _path: self.show_state())
        self.copy_group.add_row(label("Saved as", "label"), self.saved_as)
        self.columns = label("", wraps=True)
        self.columns.setMinimumWidth(1)
        self.copy_group.add_row(label("Columns", "label"), self.columns)
        self.changes = ChangesList(theme)
        self.changes.wanted.connect(control.go_to)
        self._changes_fact = ElidedLabel("newest first, click to go back", "fact", Qt.TextElideMode.ElideRight)
        self._changes_fact.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sums = SumsTable(theme)
        self.was = label("was", "fact")
        self.add_group(self.copy_group)
        self.rows.addWidget(_titled("Changes", self._changes_fact, self.changes), 1)
        self.add_group(_titled("What it comes to", self.was, self.sums))
        self._save = button("Save the copy", theme, "floppy-disk", "primary")
        self._save.clicked.connect(lambda _checked=False: self.save())
        self.cancel = button("Cancel", theme, "x")
        self.cancel.clicked.connect(self.stop_wanted)
        for made in (self._save, self.cancel):
            self.action_bar.add(made, stretch=1)
        self.cancel.hide()
        control.changed.connect(lambda _rows: self.show_changes())
        control.busy_changed.connect(self.show_state)
        control.trouble_changed.connect(self.show_state)
        counting.summed.connect(self.show_sums)

    @property
    def save_button(self) -> QWidget:
        return self._save

    def begin(self) -> None:
        """Shows a draft that was opened."""
        draft = self._control.draft
        assert draft is not None
        self._source = files = tuple(map(Path, draft.base.facts.files))
        own = Path(draft.saved_as) if draft.saved_as else free_path(self._control.folder, files[0] if files else None)
        self.copy_of.set_text(draft.name or "no file: written here")
        self.columns.setText(_columns_in_words(draft))
        self.saved_as.show_path(own)
        self.show_changes()
        self.show_sums()

    def save(self) -> None:
        """Asks for the copy to be written, where its name is one that it can have."""
        wrong = self._refusal(self.saved_as.path)
        if wrong:
            self.saved_as.say(wrong)
        else:
            self.save_wanted.emit(self.saved_as.path)

    def _refusal(self, path: Path) -> str:
        """Why a path cannot be the copy's."""
        if any(_is_same(path, source) for source in self._source):
            return f"{path.name} is the file that the rows came from: it stays as it is. Name another one."
        if path.is_dir():
            return f"{path.name} is a folder. Name a file."
        return ""

    # -- showing ------------------------------------------------------------------------------------------------------

    def show_changes(self) -> None:
        """Shows the changes and what can be done now."""
        self.changes.show_draft(self._control.draft)
        self.show_state()

    def show_state(self) -> None:
        """Shows what can be done now, and what went wrong."""
        draft, control = self._control.draft, self._control
        if draft is not None:
            self.copy_group.fact.setText(counted(len(draft), "row"))
        self._save.setVisible(not control.is_busy)
        self.cancel.setVisible(control.is_busy and control.can_stop)
        self._save.setEnabled(draft is not None and self._can_save(draft))
        if control.trouble is not None:
            self.saved_as.say(_in_words(control.trouble))
        elif draft is not None and not self._refusal(self.saved_as.path):
            self.saved_as.say("")
        self.action_bar.say(control.busy_words or self._fact(draft))

    def _can_save(self, draft: Draft) -> bool:
        """Whether a copy would hold anything that is nowhere yet."""
        if not len(draft) or not (draft.name or draft.changes):
            return False
        return draft.unsaved_changes > 0 or Path(draft.saved_as or ".") != self.saved_as.path

    def _fact(self, draft: Draft | None) -> str:
        if draft is None:
            return ""
        if draft.saved_as and not draft.unsaved_changes:
            return f"{Path(draft.saved_as).name} is saved"
        if sources.is_there(self.saved_as.path) and str(self.saved_as.path) != draft.saved_as:
            return f"{self.saved_as.path.name} is there already: it will be replaced"
        return f"{draft.name} stays as it is" if draft.name else "These rows are kept here until they are saved"

    def show_sums(self) -> None:
        """Shows what the rows come to."""
        draft, counting = self._control.draft, self._counting
        if draft is None:
            return
        self.was.setVisible(bool(draft.name))
        now = counting.sums._replace(rows=len(draft))
        was = counting.was._replace(rows=len(draft.base))
        self.sums.show_sums(now, was, is_of_file=bool(draft.name), is_complete=counting.is_complete)
        self.sums.setToolTip(counting.problem)


def _titled(title: str, fact: QWidget, inside: QWidget) -> QWidget:
    made = QWidget()
    heading = label(title, "heading")
    line = in_row(heading, (fact, 1)) if isinstance(fact, ElidedLabel) else in_row(heading, 1, fact)
    in_column(line, (inside, 1), gap=6, of=made)
    return made


def _columns_in_words(draft: Draft) -> str:
    names = {"pair": ["prompt", "completion"], "messages": ["messages"], "text": ["text"]}[draft.spelling]
    names += [draft.group_column] if draft.group_column else []
    not_kept = draft.base.facts.not_kept
    left = ", ".join(not_kept[:NAMED]) + (f" and {len(not_kept) - NAMED} more" if len(not_kept) > NAMED else "")
    return ", ".join(names) + (f"; not copied: {left}" if not_kept else "")


def _in_words(error: UserError) -> str:
    return " ".join(filter(None, (error.what, error.why, error.remedy)))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other
