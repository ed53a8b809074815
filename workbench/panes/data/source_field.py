"""The field of the data's files: a path that is typed, files or a folder that are found, what is wrong with them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from workbench.core import sources
from workbench.core.data.formats.known import suffixes
from workbench.core.recipe.other_data import PATH
from workbench.core.recipe.recipe import settings
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import icon_button, label, plain_tip
from workbench.panes.parts.fields import TextField, lock, put_fact


class PathField(TextField):
    """A path that is shown by its name, and whole while it is typed."""

    def __init__(self) -> None:
        super().__init__()
        self._path = ""

    @property
    def path(self) -> str:
        """The whole path."""
        return self._path

    def show_path(self, path: str) -> None:
        self._path = path
        self.show_text(path if self.hasFocus() else self.shown_name(path))

    def shown_name(self, path: str) -> str:
        """What a path is called where there is no room for all of it."""
        return Path(path).name or path

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._path:
            self.show_text(self._path)
            self.end(False)  # of a long path the name is what tells
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.text() == self._path:
            self.show_text(self.shown_name(self._path))


class SourceField(QWidget):
    """A path with a button that finds files or a folder, and what is wrong with it below.

    Signals:
        chosen: The paths, as they were typed or found: a list of one or more.
    """

    chosen = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.field = PathField()
        self.field.setAcceptDrops(False)  # the window takes them
        self.field.setPlaceholderText("Choose a file, or drop one")
        self.field.setAccessibleName(settings()[PATH].title)
        self.field.setAccessibleDescription(settings()[PATH].help)
        self.field.edited.connect(lambda path: self.chosen.emit([path]))
        self.browse = icon_button("Find files or a folder", theme, "folder-open")
        self.menu = QMenu(self.browse)
        self.menu.addAction("Files").triggered.connect(self.ask)
        self.menu.addAction("A folder of files").triggered.connect(self.ask_folder)
        self.browse.setMenu(self.menu)
        self.browse.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        in_column(in_row((self.field, 1), self.browse, gap=4), self._problem, gap=2, of=self)

    def show_paths(self, paths: Sequence[str], shown: str = "", *, is_locked: bool) -> None:
        """Shows the first path with how many there are besides."""
        lock(self.field, is_locked)
        more = len(paths) - 1
        put_fact(self.field, f"and {more} more" if more > 0 else "")
        self.field.show_path(shown or (paths[0] if paths else ""))
        self.field.setToolTip(plain_tip("\n".join(paths[:20])) if paths else settings()[PATH].help)
        self.browse.setVisible(not is_locked)

    def say_problem(self, text: str) -> None:
        self._problem.setText(text[:300])
        self._problem.setVisible(bool(text))
        polish(self.field, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self._problem.isHidden() else self._problem.text()

    def _start(self) -> str:
        typed = self.field.path
        folder = sources.expanded(typed).parent if typed else Path.home()
        return str(folder if folder.is_dir() else Path.home())

    def ask(self) -> None:
        """Lets a person find one file or several."""
        endings = " ".join(f"*{suffix} *{suffix}.gz *{suffix}.zst" for suffix in suffixes())
        kinds = f"Data ({endings});;All files (*)"
        paths, _ = QFileDialog.getOpenFileNames(self.window(), "Find data", self._start(), kinds)
        if paths:
            self.chosen.emit(paths)

    def ask_folder(self) -> None:
        """Lets a person find a folder of data files."""
        path = QFileDialog.getExistingDirectory(self.window(), "Find a folder of data", self._start())
        if path:
            self.chosen.emit([path])
