"""The cards of the view Export and where they stand."""

from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import Place, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Message
from workbench.panes.runs.export.elsewhere_card import ElsewhereCard
from workbench.panes.runs.export.files_card import FilesCard
from workbench.panes.runs.export.gguf_card import GgufCard
from workbench.panes.runs.export.progress_card import ProgressCard
from workbench.panes.runs.export.ways_card import WaysCard

SIDE = 392  # of a wide window's second column, in pixels of the drawing


class ExportPicture:
    """Fills a widget with a message and the cards; what they show is the view's.

    The ways to merge across the top, then types beside progress, then how it is used beside where it lies; in a wide
    window progress and files have a column of their own.
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
        self._grid = QGridLayout()
        self._rows = in_column(self.message, (self._grid, 1), of=of)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        keep_edge(self._rows, self._theme)
        self._grid.setSpacing(self._theme.size("space.card_gap"))

    def arrange(self, *, has_ways: bool, has_gguf: bool, is_narrow: bool, is_wide: bool) -> None:
        """What is seen, and where: for the projector the ways to merge alone, as a picture for a class."""
        alone = self._theme.projector and has_ways
        places: dict[QWidget, Place] = {self.ways: (0, 0, 1, 3)}
        if is_wide:
            places = {self.ways: (0, 0, 1, 2), self.gguf: (1, 0, 1, 2), self.elsewhere: (2, 0, 1, 2)}
            places |= {self.progress: (0, 2, 2, 1), self.files: (2, 2, 1, 1)}
        else:
            places |= {self.gguf: (1, 0, 1, 1), self.progress: (1, 1, 1, 2) if has_gguf else (1, 0, 1, 3)}
            places |= {self.elsewhere: (2, 0, 1, 3 if is_narrow else 2), self.files: (2, 2, 1, 1)}
        place_cards(self._grid, places)  # before they are shown: a card without a place would be a window
        self.ways.setVisible(has_ways)
        self.gguf.setVisible(has_gguf and not alone)
        self.progress.setVisible(not alone)
        self.elsewhere.setVisible(not self._theme.projector)
        self.files.setVisible(not self._theme.projector and not is_narrow)
        share_room(self._grid, (50, 14, 0 if is_wide else 36), (1 if alone else 0, 60, 40))
        self._grid.setColumnMinimumWidth(2, self._theme.px(SIDE) if is_wide else 0)
