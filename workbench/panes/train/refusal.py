"""What could not be done, at the top of the Train page's picture, with the page where it can be mended."""

from pathlib import PurePath

from PySide6.QtCore import Signal

from workbench.bridge.recipe_store import RecipeStore
from workbench.core import sources
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import settings
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button
from workbench.panes.parts.form_rows import in_form_words


class Refusal(Message):
    """A message that leads to the data or the model where it speaks of these.

    Signals:
        go_to: A page to go to.
        closed: It was read.
    """

    go_to = Signal(str)
    closed = Signal()

    def __init__(self, store: RecipeStore, theme: Theme) -> None:
        super().__init__(theme)
        self._store = store
        self.to_model = button("Go to Model", theme, "arrow-right")
        self.to_data = button("Go to Data", theme, "arrow-right")
        close = button("Close", theme, "x", "flat")
        self.to_model.clicked.connect(lambda: self.go_to.emit("model"))
        self.to_data.clicked.connect(lambda: self.go_to.emit("data"))
        close.clicked.connect(self.closed)
        for made in (self.to_model, self.to_data, close):
            self.add_button(made)
        self.fold_body(True)
        self.hide()

    def say_error(self, error: UserError) -> None:
        """Says an error; a setting that it begins with is called by its title."""
        path, colon, text = error.what.partition(": ")
        is_setting = bool(colon) and path in settings()
        what = f"{settings()[path].title}: {text}" if is_setting else error.what
        self.say_why(what, error.why, error.remedy, path if is_setting else "")

    def say_why(self, what: str, why: str, remedy: str, path: str = "") -> None:
        """Says what happened; `path` is the setting it is about, where that is known."""
        self.say("danger", what, why, in_form_words(remedy))
        recipe, said = self._store.recipe, f"{what} {why} {remedy}"
        data = (recipe.data.path, str(sources.data_path(recipe.data.path)))
        is_data = path.startswith("data.") or any(_is_named(text, said) for text in data)
        self.to_data.setVisible(is_data)
        self.to_model.setVisible(path.startswith("model.") or (not is_data and _is_named(recipe.model.source, said)))


def _is_named(path: str, text: str) -> bool:
    """Whether a text speaks of a file or a folder."""
    return bool(path) and (path in text or (len(PurePath(path).name) > 2 and PurePath(path).name in text))
