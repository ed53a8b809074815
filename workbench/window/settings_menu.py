"""The menu of the window's own settings: its theme, and where things lie."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from workbench.core import places
from workbench.panes.look.theme import Choice, Theme

CHOICES: tuple[tuple[Choice, str], ...] = (
    ("system", "Theme as the system has it"),
    ("light", "Light"),
    ("dark", "Dark"),
)


class SettingsMenu(QMenu):
    """`choose` takes the theme that was chosen, `tell` a sentence where a folder cannot be opened."""

    def __init__(
        self, theme: Theme, choose: Callable[[Choice], None], tell: Callable[[str], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._tell = tell
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(self)
        for choice, words in CHOICES:
            action = QAction(words, group, checkable=True, checked=theme.choice == choice)
            action.triggered.connect(lambda _checked=False, choice=choice: choose(choice))
            self.addAction(action)
        self.addSeparator()
        for words, folder in (
            ("Open the folder of runs", places.runs()),
            ("Open the folder of models", places.models()),
        ):
            self.addAction(words, partial(self._open_folder, folder))

    def _open_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._tell(f"{folder} is not there yet: it is made with the first run.")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._tell(f"No program on this system opens folders. It is {folder}.")
