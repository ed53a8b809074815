"""The table of features that pass the threshold: how large, in how many layers, for how many tokens."""

from collections.abc import Sequence
from typing import Any

from workbench.core.quantized.outliers import Feature
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import COLOR, IS_STRONG, TAG, RowTable
from workbench.panes.quantize.outliers.words import magnitude

FEATURE = 0
COLUMNS = (
    Column("Feature", least=60, tip="The number of the feature, counted from 0", is_text=True),
    Column("Largest", 66, tip="Its largest magnitude in any layer"),
    Column("Layers", 62, tip="In how many layers any token reaches the threshold"),
    Column("Tokens", 68, tip="The share of all tokens in all layers that reach it"),
)


class FeaturesModel(TableRows):
    """Features, the most widespread first."""

    columns = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self._outliers: frozenset[int] = frozenset()

    def show(self, features: Sequence[Feature], outliers: frozenset[int]) -> None:
        """Features that pass, and those that the paper calls outliers, whatever the threshold is here."""
        self._outliers = outliers
        self.show_rows(features)

    def cell_look(self, feature: Feature, column: int, role: int) -> Any:
        match role:
            case _ if role == IS_STRONG:
                return column == FEATURE
            case _ if role == COLOR and column != FEATURE:
                return "text.secondary"
            case _ if role == TAG and column == FEATURE and feature.number in self._outliers:
                return ("outlier", "info", "check")
        return None

    def cell_text(self, feature: Feature, column: int) -> str:
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
        super().__init__(theme, "Features that reach the threshold", COLUMNS)
        self.setModel(model)
