"""The form of the Hub view: what is looked for, which of it, whose account, and where models are kept."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from workbench.bridge.timers import once_after
from workbench.core.units import bytes_in_digits
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import NO_LIMIT
from workbench.panes.parts.controls import ElidedLabel, Segmented, Switch, button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.hub_account import Account
from workbench.panes.parts.page import FormColumn, FormGroup

# From the last key until the Hub is asked.
SEARCH_MILLISECONDS = 300
ORDERS = (("downloads", "Most downloaded"), ("size", "Smallest first"), ("updated", "Newest first"))
ANY = ("", "Any")


class SearchField(QLineEdit):
    """What is looked for on the Hub, told when the keys have rested; Enter tells it at once.

    Signals:
        searched: The words, without the blanks around them.
        left_down: The down arrow: on to what was found.
    """

    searched = Signal(str)
    left_down = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._told = ""
        self.setPlaceholderText("Name or author, or org/name")
        self.setAccessibleName("Find a model on the Hub")
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)  # the window takes them
        icon = self.addAction(theme.icon("magnifying-glass", "text.tertiary"), self.ActionPosition.LeadingPosition)
        theme.changed.connect(lambda: icon.setIcon(theme.icon("magnifying-glass", "text.tertiary")))
        self._patience = once_after(self, SEARCH_MILLISECONDS, self._tell)
        self.textChanged.connect(lambda _text: self._patience.start())
        self.returnPressed.connect(self._tell)

    @property
    def words(self) -> str:
        return self.text().strip()

    @property
    def is_waiting(self) -> bool:
        """Whether a key was pressed that is not told yet."""
        return self._patience.isActive()

    def show_words(self, words: str) -> None:
        """Puts words there, which are told at once."""
        self.setText(words)
        self._tell()

    def _tell(self) -> None:
        self._patience.stop()
        if self.words != self._told:
            self._told = self.words
            self.searched.emit(self.words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class HubForm(FormColumn):
    """The form's fields; what follows from them is the view's.

    Signals:
        source_wanted: "starter" or "folder": another kind of source.
        filter_changed: One of the filters or the order was changed by hand.
        offline_wanted: Whether nobody is to be asked.
    """

    source_wanted = Signal(str)
    filter_changed = Signal()
    offline_wanted = Signal(bool)

    def __init__(self, theme: Theme, kinds: Sequence[tuple[str, str]]) -> None:
        super().__init__(theme)
        self._theme = theme
        self.kind = Segmented(kinds, "Where from")
        self.kind.set_value("hub")
        self.kind.chosen.connect(self._turn)
        self.search = SearchField(theme)
        self._from = QWidget()
        self._search_place = in_column(label("Where from", "heading"), self.kind, self.search, gap=8, of=self._from)
        self.add_group(self._from)
        self.add_group(self._filters())
        self.account = Account(theme, "for gated models alone", "not needed for open models")
        self.add_group(self.account)
        self.add_group(self._places())
        self.end()
        self.primary = button("Download", theme, "download-simple", "primary")
        self.action_bar.add(self.primary, stretch=1)

    def _filters(self) -> FormGroup:
        theme = self._theme
        self.only = FormGroup(theme, "Only those that")
        self.fits, self.of_fitting = Switch(theme), label("", "fact")
        self.is_open, self.licence, self.order = Switch(theme), ChoiceBox(theme), ChoiceBox(theme)
        self.licence.addItem(ANY[1], ANY[0])
        for value, words in ORDERS:
            self.order.addItem(words, value)
        self.fits_label = self._add(self.only, "Fit this card", self.fits, self.of_fitting)
        self._add(self.only, "Licence", self.licence, None)
        self._add(self.only, "Open to all", self.is_open, label("without an account", "fact"))
        weights = QWidget()
        in_row(label("safetensors"), 1, label("never pickles", "fact"), of=weights)
        self.only.add_row(label("Weights", "label"), weights)
        self._add(self.only, "Order", self.order, None)
        for switch in (self.fits, self.is_open):
            switch.clicked.connect(self.filter_changed)
        for choice in (self.licence, self.order):
            choice.activated.connect(lambda _row: self.filter_changed.emit())
        return self.only

    def _add(self, group: FormGroup, name: str, field: QWidget, words: QWidget | None) -> QLabel:
        field.setAccessibleName(name)
        if words is not None:
            line = QWidget()
            in_row(field, words, 1, gap=6, of=line)
            field = line
        title = label(name, "label")
        group.add_row(title, field)
        return title

    def _places(self) -> FormGroup:
        theme = self._theme
        self.kept = FormGroup(theme, "Where they are kept")
        self.folder = ElidedLabel()
        self.kept.add_row(label("Folder", "label"), self.folder)
        self.offline = Switch(theme)
        self.offline.clicked.connect(self.offline_wanted)
        self._asks_nobody = label("ask no one", "fact")
        self._add(self.kept, "Offline", self.offline, self._asks_nobody)
        return self.kept

    # -- showing ------------------------------------------------------------------------------------------------------

    def take_search(self) -> None:
        """Puts the search back to where it is drawn: while the form is folded it stands in the picture."""
        if self.search.parentWidget() is not self._from:
            self._search_place.addWidget(self.search)
        self.search.setMinimumWidth(0)
        self.search.setMaximumWidth(NO_LIMIT)

    def show_licences(self, licences: Sequence[tuple[str, str]]) -> None:
        """The licences to choose from: each with its words."""
        chosen = self.licence.currentData()
        self.licence.clear()
        for value, words in (ANY, *licences):
            self.licence.addItem(words, value)
        self.licence.setCurrentIndex(max(0, self.licence.findData(chosen)))

    def show_folder(self, folder: str, free_bytes: int) -> None:
        """Where models lie, and how much room there is."""
        self.folder.set_text(folder)
        self.folder.setToolTip(plain_tip(folder))
        self.kept.fact.setText(f"{bytes_in_digits(free_bytes)} free" if free_bytes else "")

    def show_offline(self, *, is_offline: bool, why: str = "") -> None:
        """`why` is what keeps it offline whatever the switch says."""
        self.offline.setChecked(is_offline)
        self.offline.setEnabled(not why)
        self._asks_nobody.setText(why or "ask no one")

    def _turn(self, kind: str) -> None:
        if kind != "hub":
            self.kind.set_value("hub")
            self.source_wanted.emit(kind)
