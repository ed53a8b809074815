"""What the forms of studies share: the model, the text that is read, the buttons, and how far the study is."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.problems import shortened
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Bar
from workbench.panes.parts.controls import button, icon_button, plain_tip
from workbench.panes.parts.fields import ChoiceBox, words_with
from workbench.panes.parts.model_field import ModelField, add_model_row
from workbench.panes.parts.page import ActionBar, FormColumn, FormGroup

OURS = "The program\u2019s own"
LONGEST_NAME = 24


class StudyForm(QObject):
    """Fields that tell what was chosen; what follows from it is the view's.

    Signals:
        start_wanted, cancel_wanted: The two buttons.
    """

    start_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, form: FormColumn, source: str, start: str) -> None:
        super().__init__(form)
        self._theme = theme
        self.source = FormGroup(theme, source)
        self.model = ModelField(theme)
        add_model_row(self.source, self.model)
        self.start = button(start, theme, "play", "primary")
        self.cancel = button("Cancel", theme, "x")
        self.cancel.hide()
        self.start.clicked.connect(self.start_wanted)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.progress = Bar(theme)
        self.progress.hide()

    def _add_groups(self, form: FormColumn, *groups: QWidget) -> None:
        """Puts the groups into the form, and the buttons below them."""
        for group in groups:
            form.add_group(group)
        form.end()
        form.action_bar.add(self.start, stretch=1)
        form.action_bar.add(self.cancel, stretch=1)
        self._place_progress(form.action_bar)

    def _place_progress(self, bar: ActionBar) -> None:
        outer = bar.layout()
        assert outer is not None
        outer.addWidget(self.progress)

    def keep_room_for_progress(self, is_kept: bool) -> None:
        """Where room is kept nothing moves when the bar comes."""
        keeps = self.progress.sizePolicy()
        keeps.setRetainSizeWhenHidden(is_kept)
        self.progress.setSizePolicy(keeps)

    def show_busy(self, is_busy: bool, *, is_cancelling: bool = False) -> None:
        """Shows that a study is under way; what it was asked cannot be changed meanwhile."""
        self.start.setVisible(not is_busy)
        self.cancel.setVisible(is_busy)
        self.cancel.setEnabled(not is_cancelling)
        self.progress.setVisible(is_busy)
        self.model.find_folder.setEnabled(not is_busy)
        self.model.find_file.setEnabled(not is_busy)


class TextChoice(ChoiceBox):
    """Which text is read: the program's own, or a file that is looked for.

    Signals:
        shown: The path of the chosen file, empty for the program's own.
    """

    shown = Signal(str)

    def __init__(self, theme: Theme, help: str = "") -> None:
        super().__init__(theme)
        self._help = help
        self.setAccessibleName("Text")
        self.setToolTip(help)
        self.addItem(OURS, "")
        self.find_file = icon_button("Find a text file", theme, "file")
        self.find_file.clicked.connect(self._ask)
        self.activated.connect(lambda _row: self._show())

    @property
    def path(self) -> str:
        """The chosen file; empty for the program's own."""
        return str(self.currentData())

    def show_path(self, path: str) -> None:
        """Shows a file as the chosen one."""
        self.choose(path, shortened(Path(path).name, LONGEST_NAME))
        self._show()

    def _show(self) -> None:
        self.setToolTip(plain_tip(self.path) or self._help)
        self.shown.emit(self.path)

    def _ask(self) -> None:
        start = str(Path(self.path).parent) if self.path else str(Path.home())
        kinds = "Text (*.txt *.md);;All files (*)"
        found, _kind = QFileDialog.getOpenFileName(self.window(), "Find a text file", start, kinds)
        if found:
            self.show_path(found)


def add_text_row(group: FormGroup, text: TextChoice) -> None:
    group.add_row(words_with("Text", text.find_file), text)
