"""The cards of the view Export and where they stand."""

from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Message
from workbench.panes.runs.export.elsewhere_card import ElsewhereCard
from workbench.panes.runs.export.files_card import FilesCard
from workbench.panes.runs.export.gguf_card import GgufCard
from workbench.panes.runs.export.progress_card import ProgressCard
from workbench.panes.runs.export.ways_card import WaysCard


class ExportPicture:
    """Fills a widget with a message and the cards; what they show is the view's.

    The ways to merge across the top, then types beside progress, then how it is used beside where it lies.
    """

    def __init__(self, theme: Theme, of: QWidget) -> None:
        self._theme = theme
        self.message = Message(theme)
        self.message.add_close()
        self.message.hide()
        self.ways = WaysCard(theme)
        self.gguf = GgufCard(theme)
        self.progress = ProgressCard(theme)
        self.elsewhere = ElsewhereCard(theme)
        self.files = FilesCard(theme)
        self._middle, self._lowest = QWidget(), QWidget()
        in_row((self.gguf, 50), (self.progress, 49), of=self._middle)
        in_row((self.elsewhere, 64), (self.files, 36), of=self._lowest)
        self._rows = in_column(self.message, self.ways, (self._middle, 56), (self._lowest, 44), of=of)
        self._has_ways = False
        self._is_narrow = False
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        keep_edge(self._rows, self._theme)
        for part in (self._middle, self._lowest):
            layout = part.layout()
            assert layout is not None
            layout.setSpacing(self._theme.size("space.card_gap"))

    def arrange(self, *, has_ways: bool, has_gguf: bool, is_narrow: bool) -> None:
        """What is seen: for the projector the ways to merge alone, as a picture for a class."""
        self._has_ways, self._is_narrow = has_ways, is_narrow
        alone = self._theme.projector and has_ways
        self.ways.setVisible(has_ways)
        self.gguf.setVisible(has_gguf)
        self._middle.setVisible(not alone)
        self._lowest.setVisible(not self._theme.projector)
        self.files.setVisible(not is_narrow)
        self._rows.setStretch(self._rows.indexOf(self.ways), 1 if alone else 0)
