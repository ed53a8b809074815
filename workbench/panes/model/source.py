"""Where the model comes from: the starter, the Hub, or a folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.core import sources
from workbench.core.model.shape import ModelShape
from workbench.core.problems import shortened
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme, polish
from workbench.panes.model.list import MOST_ROWS, MOST_ROWS_WIDE, Entry, ModelList, folder_entry
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, breakable, button, icon_button, label, plain_tip
from workbench.panes.parts.fields import TextField

STARTER = "starter"
KINDS = ((STARTER, "Starter"), ("hub", "Hub"), ("folder", "Folder"))
HUB_ADDRESS = "https://huggingface.co/"
LONGEST_ID = 96  # characters, huggingface_hub 2.4, utils/_validators.py
LONGEST_PROBLEM = 400


def kind_of(source: str) -> str:
    """Which of KINDS a recipe's model.source is."""
    if source == STARTER:
        return STARTER
    return "folder" if sources.model_path(source) is not None else "hub"


class ModelSource(QWidget):
    """Three ways to name a model.

    Signals:
        chosen: What a recipe calls the model that was chosen.
        asked: The id of the model that the Hub is to be asked about.
    """

    chosen = Signal(str)
    asked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._source = STARTER
        self._last: dict[str, str] = {}  # what was chosen last, by kind
        self._offered: dict[str, list[Entry]] = {STARTER: [], "hub": [], "folder": []}
        self._known: dict[str, Entry] = {}  # what was read of it
        self._note = ""
        self.kind = Segmented(KINDS, "Where from")
        self.kind.chosen.connect(self._turn)
        self.hub_id, self.ask = TextField(), button("Look it up", theme, "magnifying-glass")
        self.ask.setToolTip("Asks the Hub what the model is made of; its weights are not downloaded yet")
        self.ask.clicked.connect(self._ask)
        self._hub_line = self._line(self.hub_id, self.ask, "org/name", "Hub id")
        self.folder, self.browse = TextField(), icon_button("Find a model folder", theme, "folder-open")
        self.browse.clicked.connect(self.find_folder)
        self._folder_line = self._line(self.folder, self.browse, "A folder, or drop one", "Model folder")
        self.hub_id.edited.connect(self._take_id)
        self.hub_id.returnPressed.connect(self._ask)
        self.folder.edited.connect(self._take_folder)
        self.problem = label("", "problem", wraps=True)
        self.note = label("", "fact", wraps=True)
        self.list = ModelList(theme)
        self.list.picked.connect(self._emit_chosen)
        lines = (self._hub_line, self._folder_line, self.problem, self.list, self.note)
        in_column(label("Where from", "heading"), self.kind, *lines, gap=8, of=self)
        self.show_problem("")
        self._show_kind(STARTER)

    @staticmethod
    def _line(field: TextField, beside: QWidget, hint: str, name: str) -> QWidget:
        made = QWidget()
        field.setPlaceholderText(hint)
        field.setAccessibleName(name)
        field.setAcceptDrops(False)  # the window takes them
        in_row((field, 1), beside, gap=6, of=made)
        return made

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        return self._source

    def show_source(self, source: str) -> None:
        """Shows what the recipe names."""
        kind = kind_of(source)
        self._source = self._last[kind] = source
        if kind == "hub":
            self.hub_id.show_text(source)
            self.hub_id.setToolTip(plain_tip(source))
        elif kind == "folder":
            self.folder.show_text(source)
            self.folder.setToolTip(plain_tip(source))
            self.folder.end(False)  # of a long path the name is what tells
        self._show_kind(kind)

    def show_offered(self, offered: Mapping[str, Sequence[Entry]]) -> None:
        """Takes the models at hand, by kind."""
        self._offered |= {kind: list(entries) for kind, entries in offered.items()}
        self._show_list()

    def know(self, source: str, shape: ModelShape) -> None:
        """Takes what was read of a model: its row says it from now on."""
        size = bytes_in_words(shape.stored_bytes) if shape.stored_bytes else ""
        if kind_of(source) == "folder":
            self._known[source] = folder_entry(Path(source), size)
        else:
            owner, _, name = ("HuggingFaceTB", "", shape.name) if source == STARTER else source.rpartition("/")
            owner = ", ".join(part for part in (owner, shape.licence) if part)
            self._known[source] = Entry(source, name, owner, size, shape.is_local)
        self._show_list()

    def show_problem(self, text: str) -> None:
        """Says what is wrong with the model that is chosen, under its field."""
        self.problem.setText(breakable(text[:LONGEST_PROBLEM]))
        self.problem.setVisible(bool(text))
        field = {"hub": self.hub_id, "folder": self.folder}.get(self.kind.value())
        for each in (self.hub_id, self.folder):
            polish(each, state="danger" if text and each is field else "")
            each.setAccessibleDescription(text if each is field else "")

    def problem_text(self) -> str:
        return "" if self.problem.isHidden() else self.problem.text()

    def show_note(self, text: str) -> None:
        """Says in a line what is known of the chosen model, or what is being done about it."""
        self._note = text
        self._say_note()

    def set_busy(self, is_busy: bool) -> None:
        """While the Hub is asked it cannot be asked again."""
        self.ask.setMinimumWidth(max(self.ask.minimumWidth(), self.ask.sizeHint().width()))
        self.ask.setEnabled(not is_busy)
        self.ask.setText("Asking" if is_busy else "Look it up")

    def set_wide(self, is_wide: bool) -> None:
        self.list.set_most(MOST_ROWS_WIDE if is_wide else MOST_ROWS)

    def _show_kind(self, kind: str) -> None:
        self.kind.set_value(kind)
        self._hub_line.setVisible(kind == "hub")
        self._folder_line.setVisible(kind == "folder")
        self._show_list()

    def _show_list(self) -> None:
        kind = self.kind.value()
        entries = [self._known.get(entry.source, entry) for entry in self._offered[kind]]
        if kind == kind_of(self._source) and self._source in self._known:
            known = self._known[self._source]
            entries += [] if known in entries else [known]
        self.list.show_entries(entries, self._source)
        self._say_note()

    def _say_note(self) -> None:
        kind, note = self.kind.value(), self._note
        if kind != kind_of(self._source):
            note = {
                "hub": "Choose a model here, or write its id and look it up.",
                "folder": "A folder with config.json and safetensors; it can be dropped on the window too.",
            }.get(kind, "")
            note = f"{note} Until then the model is {self._name()}."
        self.note.setText(breakable(note))
        self.note.setVisible(bool(note))

    def _name(self) -> str:
        known = self._known.get(self._source)
        return shortened(known.name if known else self._source)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _turn(self, kind: str) -> None:
        """Another kind: what was chosen of it last, or nothing yet."""
        self.show_problem("")
        self._show_kind(kind)
        last = STARTER if kind == STARTER else self._last.get(kind, "")
        if last:
            self._emit_chosen(last)
        elif kind == "hub":
            self.hub_id.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.folder.setFocus(Qt.FocusReason.OtherFocusReason)

    def _id(self) -> str:
        """The id that is written, or nothing where it is none, which is said."""
        text = self.hub_id.text().strip().removeprefix(HUB_ADDRESS).strip("/")
        path = sources.model_path(text) if text else None
        if not text:
            self.show_problem("Write the id of a model, such as org/name.")
        elif path is not None and (len(text) > LONGEST_ID or not path.is_dir()):
            self.show_problem('An id of the Hub is org/name, in letters, digits, ".", "-" and "_".')
        else:
            return text
        return ""

    def _take_id(self, text: str) -> None:
        if text and (model_id := self._id()):
            self._emit_chosen(model_id)

    def _ask(self) -> None:
        if model_id := self._id():
            self._emit_chosen(model_id)
            self.asked.emit(model_id)

    def _take_folder(self, text: str) -> None:
        if not text:
            return
        try:
            path = Path(text).expanduser().absolute()  # a bare name would be an id of the Hub
            path.exists()
        except (OSError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.show_problem(f"This cannot be a path: {reason}.".replace("..", "."))
            return
        self._emit_chosen(str(path))

    def find_folder(self) -> None:
        """Lets a person find a folder."""
        typed = sources.expanded(self.folder.text() or str(Path.home()))
        start = typed if typed.is_dir() else Path.home()
        from PySide6.QtWidgets import QFileDialog

        folder = QFileDialog.getExistingDirectory(self.window(), "Find a model folder", str(start))
        if folder:
            self._emit_chosen(folder)

    def _emit_chosen(self, source: str) -> None:
        self.show_problem("")
        self.chosen.emit(source)
