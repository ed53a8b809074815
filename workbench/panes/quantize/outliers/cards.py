"""The picture of the Outliers view: the map, the features that pass, and the product with its two parts."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.core.quantized.outliers import Feature, Magnitudes, Seen
from workbench.core.units import grouped
from workbench.panes.charts.legends import Legend, Mark, patch
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.card_grid import Place, fix_width, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Card, Message, ScopedCard
from workbench.panes.parts.controls import ElidedLabel, icon_button, unhide
from workbench.panes.quantize.outliers.features import FeaturesModel, FeaturesTable
from workbench.panes.quantize.outliers.map import OutlierMap
from workbench.panes.quantize.outliers.matrices import MatricesPicture, Shapes, what_goes
from workbench.panes.quantize.outliers.paint import paint_scale
from workbench.panes.quantize.outliers.products import ProductErrors
from workbench.panes.quantize.outliers.reader import ProductReader
from workbench.panes.quantize.outliers.words import cell_in_words, magnitude, rule_in_words, threshold_in_words

AT_WORK = "What the model makes of the text is drawn here once it has read it."
NOTHING_YET = "Read the text, and every feature of every layer is drawn here."
NO_SHAPES = "The two products, with the real shapes of the chosen layer, come after reading."
WIDE_COLUMN, HEAD = 392, 24
# How columns and rows share the room: in a wide window, for the projector, and else.
WIDE, PROJECTOR, NARROW = ((1, 0), (46, 27, 27)), ((53, 47), (62, 38, 0)), ((42, 58), (40, 34, 26))


class OutlierCards(QObject):
    """Cards that show what they are given."""

    def __init__(self, theme: Theme, view: QWidget) -> None:
        super().__init__(view)
        self.theme = theme
        self.message_card = Message(theme)
        self.message_card.add_close()
        self.message_card.hide()
        self.map_card = ScopedCard(theme, "Largest magnitudes", "by layer and feature", is_apart=True)
        self.map_card.set_margins(14, 0, 14, 8)
        self.map_card.body.setSpacing(2)
        self.map = OutlierMap(theme)
        self.map.words = NOTHING_YET
        self.legend = Legend(theme, height=20)
        self.farther = icon_button("Farther", theme, "magnifying-glass-minus")
        self.closer = icon_button("Closer", theme, "magnifying-glass-plus")
        for made in (self.legend, self.farther, self.closer):
            self.map_card.add_to_head(made)
        self.cell = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.map_card.body.addWidget(self.map, 1)
        self.map_card.body.addWidget(self.cell)
        self.features = FeaturesModel()
        self.table = FeaturesTable(theme, self.features)
        self.table_card = Card(theme, "Features that reach 6.0")
        self.table_card.set_margins(0, 0, 0, 8)
        self.rule = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.table_card.body.addWidget(self.table, 1)
        self._below = in_row(self.rule)
        self.table_card.body.addLayout(self._below)
        self.product_card = ScopedCard(theme, "Error of the product", is_apart=True)
        self.product_card.set_margins(0, 0, 0, 1)
        self.errors = ProductErrors(theme)
        self.product_card.body.addWidget(self.errors)
        self.matrices_card = ScopedCard(theme, "Two products, then one sum", is_apart=True)
        self.matrices_card.set_margins(14, 0, 14, 6)
        self.matrices = MatricesPicture(theme)
        self.matrices_card.body.addWidget(self.matrices)
        for card in (self.map_card, self.table_card, self.product_card, self.matrices_card):
            card.set_least_head(HEAD)  # as high as the head with buttons
        self.grid = QGridLayout(view)
        self.show_busy(is_busy=False)

    def show_busy(self, *, is_busy: bool) -> None:
        self.map.words = AT_WORK if is_busy else NOTHING_YET
        self.map.viewport().update()

    def show_cell(self, seen: Magnitudes, layer: int, feature: int, step: int, tokens: tuple[str, ...]) -> None:
        """Layer and feature as the chosen ones."""
        self.map.choose(layer, feature)
        self.cell.set_text(cell_in_words(seen, layer, feature, step, tokens))

    def _show_scale(self, limit: float | None, threshold: str) -> None:
        """The magnitude of the strongest shade, None where nothing is drawn, and the threshold."""
        lit = (Mark(10, 10, patch, "heat.below", advance=15), f"reaches {threshold}")
        strip = ("0", 5, Mark(56, 8, paint_scale, advance=61), f"{magnitude(limit)}+", 14) if limit else ()
        ends = f"Blue from 0 to {magnitude(limit)} and beyond, " if limit else ""
        self.legend.show_pieces((*strip, *lit, 25 if limit else 53), f"{ends}vermillion from {threshold} on")

    def show_threshold(self, seen: Seen | None, magnitudes: Magnitudes | None, step: int) -> None:
        """What passes a threshold of what was read."""
        value = threshold_in_words(step)
        self.table_card.title.setText(f"Features that reach {value}")
        self._show_scale(self.map.limit if magnitudes else None, value)
        if magnitudes is None or seen is None:
            self.table.empty_words = "Nothing has been read yet."
            return
        about, site = seen.about, magnitudes.site
        passing: tuple[Feature, ...] = tuple(magnitudes.passing(step))
        top = magnitude(magnitudes.top)
        self.table.empty_words = f"No feature reaches {value} here: the largest magnitude is {top}. Go lower."
        self.features.show(passing, magnitudes.outliers)
        self.table_card.scope.setText(f"{grouped(len(passing))} of {grouped(site.features)}")
        self.map.show_step(step, passing)
        self.map_card.scope.set_text(
            f"{about.layers} layers, {grouped(site.features)} features, {grouped(len(about.tokens))} tokens"
        )
        self.rule.set_text(rule_in_words(passing, step, magnitudes.outliers))
        self.show_cell(magnitudes, self.map.layer, self.map.feature, step, about.tokens)

    def show_product(self, products: ProductReader, step: int) -> None:
        """What is known of the product."""
        place, factors = products.place, products.factors
        columns = products.columns
        self.errors.show_errors(products.errors, None if columns is None else len(columns))
        if place is None or factors is None or columns is None:
            self.matrices.words = NO_SHAPES if products.error is None else str(products.error)
            self.matrices.show_shapes(None)
            self.matrices_card.scope.set_text("")
            self.product_card.scope.set_text("" if place is None else f"layer {place.layer}, {place.linear.name}")
            return
        outputs = len(factors.weight)
        cut = f", the first {grouped(outputs)} outputs" if outputs < factors.all_rows else ""
        self.product_card.scope.set_text(f"layer {place.layer}, {place.linear.name}{cut}")
        tokens, features = factors.inputs.shape
        shapes = Shapes(tokens, features, outputs, columns, step)
        self.matrices.show_shapes(shapes)
        whose = f"the first {tokens} tokens through layer {place.layer}, {place.linear.name}"
        self.matrices_card.scope.set_text(", ".join(filter(None, (whose, what_goes(shapes)))))

    def arrange(self, *, is_wide: bool) -> None:
        """Three rows; in a wide window the table is a column of its own, and the projector does without it."""
        theme, projector = self.theme, self.theme.projector
        keep_edge(self.grid, theme)
        if projector:
            self.table_card.hide()
        else:
            unhide(self.table_card)
        maps, product, matrices = (1, 0, 1, 2), (2, 1, 1, 1), (3, 0, 1, 2)
        if is_wide:
            maps, product, matrices = (1, 0, 1, 1), (2, 0, 1, 1), (3, 0, 1, 1)
        elif projector:
            maps, product, matrices = (1, 0, 1, 1), (1, 1, 1, 1), (2, 0, 1, 2)
        places: dict[QWidget, Place] = {self.map_card: maps, self.product_card: product, self.matrices_card: matrices}
        table = (1, 1, 3, 1) if is_wide else (2, 0, 1, 1)
        place_cards(self.grid, {self.message_card: (0, 0, 1, 2), **places, self.table_card: table})
        pad = theme.size("size.card_padding")
        self._below.setContentsMargins(pad, 0, pad, 0)
        fix_width(self.table_card, theme.px(WIDE_COLUMN) if is_wide else 0)
        shares, rows = WIDE if is_wide else PROJECTOR if projector else NARROW
        share_room(self.grid, shares, rows, first_row=1)
