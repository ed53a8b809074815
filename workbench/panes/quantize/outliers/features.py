"""The table of features that pass the threshold: how large, in how many layers, for how many tokens."""

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from workbench.core.quantized.outliers import Feature
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Index, TableRows
from workbench.panes.parts.tables import COLOR, IS_STRONG, TAG, RowTable
from workbench.panes.quantize.outliers.words import magnitude

FEATURE, LARGEST, LAYERS, TOKENS = range(4)
TITLES = ("Feature", "Largest", "Layers", "Tokens")
TIPS = (
    "The number of the feature, counted from 0",
    "Its largest magnitude in any layer",
    "In how many layers any token reaches the threshold",
    "The share of all tokens in all layers that reach it",
)
WIDTHS = {LARGEST: 66, LAYERS: 62, TOKENS: 68}


class FeaturesModel(TableRows):
    """Features, the most widespread first."""

    titles = TITLES
    tips: ClassVar = dict(enumerate(TIPS))
    at_left = (FEATURE,)

    def __init__(self) -> None:
        super().__init__()
        self._outliers: frozenset[int] = frozenset()

    def show(self, features: Sequence[Feature], outliers: frozenset[int]) -> None:
        """Features that pass, and those that the paper calls outliers, whatever the threshold is here."""
        self._outliers = outliers
        self.show_rows(features)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        feature, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(feature, column)
            case Qt.ItemDataRole.TextAlignmentRole if column != FEATURE:
                return int(Qt.AlignmentFlag.AlignRight)
            case _ if role == IS_STRONG:
                return column == FEATURE
            case _ if role == COLOR and column != FEATURE:
                return "text.secondary"
            case _ if role == TAG and column == FEATURE and feature.number in self._outliers:
                return ("outlier", "info", "check")
        return None

    @staticmethod
    def _text(feature: Feature, column: int) -> str:
        match column:
            case 0:
                return grouped(feature.number)
            case 1:
                return magnitude(feature.largest)
            case 2:
                return grouped(feature.layers)
        share = 100 * feature.token_share
        return f"{share:.1f} %" if share >= 0.05 else "< 0.1 %"


class FeaturesTable(RowTable):
    """The table of a FeaturesModel."""

    def __init__(self, theme: Theme, model: FeaturesModel) -> None:
        super().__init__(theme, "Features that reach the threshold")
        self.setModel(model)
        theme.changed.connect(self.share_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_out()

    def share_out(self) -> None:
        """Gives the feature, with its tag, what the figures leave."""
        widths = {column: self._theme.px(width) for column, width in WIDTHS.items()}
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(FEATURE, max(self._theme.px(60), self.viewport().width() - sum(widths.values())))
