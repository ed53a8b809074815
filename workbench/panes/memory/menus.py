"""What can be done with the rows of the Memory page: added, named, removed, copied and saved."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.memory.scenarios import FOUR_WAYS
from workbench.core.recipe.recipe import Recipe
from workbench.panes.charts.picture_files import ask_for_picture, copy_picture
from workbench.panes.memory.model import MemoryModel
from workbench.panes.memory.words import ways_csv, ways_text
from workbench.panes.parts.cards import Card
from workbench.panes.parts.save_as import CSV, ask_where, save_and_say


class WaysMenus(QObject):
    """Three menus; `base` is what the four ways begin with, `view` what a picture is taken of.

    Signals:
        rename_wanted: The chosen row is to be named.
    """

    rename_wanted = Signal()

    def __init__(
        self,
        card: Card,
        model: MemoryModel,
        store: RecipeStore,
        say: Callable[[str], None],
        base: Callable[[], Recipe],
        view: QWidget,
    ) -> None:
        super().__init__(card)
        self._model, self._store, self._say, self._base, self._view = model, store, say, base, view
        self._theme = card.theme
        self.add, self.row, self.save = QMenu(card), QMenu(card), QMenu(card)
        self._fill_add()
        self._fill_row()
        self._fill_save()

    def _fill_add(self) -> None:
        menu, model = self.add, self._model
        menu.addAction("A copy of the chosen row").triggered.connect(lambda: model.add(model.recipe))
        menu.addAction("The recipe on Train").triggered.connect(lambda: model.add(self._store.recipe))
        menu.addSeparator()
        for way in FOUR_WAYS:
            action = menu.addAction(way.title)
            action.triggered.connect(lambda _checked=False, way=way: model.add(way.recipe(model.recipe)))

    def _fill_row(self) -> None:
        menu, model = self.row, self._model
        menu.addAction("Rename (F2)").triggered.connect(self.rename_wanted)
        remove = menu.addAction("Remove (Delete)")
        remove.triggered.connect(lambda: model.remove(model.chosen))
        menu.addSeparator()
        menu.addAction("The four ways again").triggered.connect(lambda: model.start_over(self._base()))
        menu.aboutToShow.connect(lambda: remove.setEnabled(len(model.ways) > 1))

    def _fill_save(self) -> None:
        menu = self.save
        menu.addAction("Copy as a table").triggered.connect(self._copy)
        menu.addAction("Copy as a picture").triggered.connect(lambda: copy_picture(self._view, self._theme))
        menu.addSeparator()
        menu.addAction("Save the table (CSV)…").triggered.connect(self.ask_csv)
        menu.addAction("Save the picture (PNG, SVG)…").triggered.connect(
            lambda: ask_for_picture(self._view, self._theme, self._say, "Memory")
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(ways_text(self._model))
        self._say("Copied: the table.")

    def ask_csv(self) -> None:
        """Asks where to, and writes every line of every row there."""
        ask_where(
            self._view,
            "Save the table",
            "memory.csv",
            CSV,
            lambda path: save_and_say(path, ways_csv(self._model), self._say),
        )
