"""Where the copy goes: a name or a path that is typed or found, and what is to be said of it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.core import sources
from workbench.panes.data.editing.control import COPY_SUFFIX
from workbench.panes.data.source_field import PathField
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import icon_button, label, plain_tip
from workbench.panes.parts.fields import put_fact
from workbench.panes.parts.save_as import ask_where

KINDS = {COPY_SUFFIX: "Rows as JSON lines (*.jsonl)"}
WRITTEN_NAME = "my rows"


def free_path(folder: Path, source: Path | None) -> Path:
    """A name in a folder that no file has yet, after the file the rows came from."""
    stem = source.name.split(".")[0] if source is not None else WRITTEN_NAME
    number = 1
    while True:
        found = folder / f"{stem}{'' if number == 1 else f' {number}'}{COPY_SUFFIX}"
        if not sources.is_there(found):
            return found
        number += 1


def with_suffix(text: str, folder: Path) -> Path:
    """The path that a person means: a name alone stands in the folder, and the ending is added where it lacks."""
    path = sources.expanded(text.strip())
    path = path if path.suffix.lower() == COPY_SUFFIX else path.with_name(path.name + COPY_SUFFIX)
    return path if path.is_absolute() else folder / path


class _NameField(PathField):
    """A path that is shown by its name less the ending, which stands at the right then."""

    def shown_name(self, path: str) -> str:
        return Path(path).stem

    def show_text(self, text: str) -> None:
        super().show_text(text)
        put_fact(self, COPY_SUFFIX if text and text == self.shown_name(self.path) else "")


class CopyField(QWidget):
    """A path with a button that finds a place.

    Signals:
        chosen: The Path.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.path = Path()
        self.field = _NameField()
        self.field.setAccessibleName("Saved as")
        self.field.setPlaceholderText("A name for the copy")
        self.field.edited.connect(self._take)
        self.browse = icon_button("Choose where", theme, "folder-open")
        self.browse.clicked.connect(self._ask)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        self.check: Callable[[Path], str] = lambda _path: ""  # says why a path cannot be the copy's; empty where it can
        in_column(in_row((self.field, 1), self.browse, gap=4), self.problem, gap=2, of=self)

    def show_path(self, path: Path) -> None:
        """Shows where the copy goes."""
        self.path = path
        self.field.show_path(str(path))
        self.field.setToolTip(plain_tip(str(path)))
        self.say("")

    def say(self, words: str) -> None:
        """What is wrong, below the field."""
        self.problem.setText(words[:600])
        self.problem.setVisible(bool(words))
        polish(self.field, state="danger" if words else "")

    @property
    def said(self) -> str:
        return "" if self.problem.isHidden() else self.problem.text()

    def _take(self, text: str) -> None:
        if not text.strip():
            self.show_path(self.path)
            return
        path = with_suffix(text, self.path.parent)
        wrong = self.check(path)
        if wrong:
            self.say(wrong)
            return
        self.show_path(path)
        self.chosen.emit(path)

    def _ask(self) -> None:
        ask_where(self, "Save the copy", str(self.path), KINDS, lambda path: self._take(str(path)))
