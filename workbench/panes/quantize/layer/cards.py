"""The cards of a layer's picture: histogram, map of the blocks, and one block."""

from PySide6.QtCore import Qt

from workbench.core.quantized.layer_block import OpenGroup
from workbench.core.quantized.layer_study import LayerStudy
from workbench.panes.charts.legends import Legend, Mark, block, line
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import icon_button, label
from workbench.panes.quantize.layer.bytes import ByteStrip
from workbench.panes.quantize.layer.chain import Chain, chain_of
from workbench.panes.quantize.layer.histogram import LevelHistogram, level_color
from workbench.panes.quantize.layer.map import BlockMap, MapLegend
from workbench.panes.quantize.layer.words import (
    axis_in_words,
    bytes_in_words,
    group_word,
    groups_in_words,
    heading_of,
    open_in_words,
    rule_in_words,
)


class HistogramCard(ScopedCard):
    """The weights and the levels, with what is pointed at in the head."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Weights")
        self.legend = Legend(theme)
        self.add_to_head(self.legend)
        self.histogram = LevelHistogram(theme)
        self.histogram.described.connect(self._show_chosen)
        self.set_margins(0, 0, 0, 4)
        self.body.addWidget(self.histogram)
        theme.changed.connect(self._show_legend)

    def show_study(self, study: LayerStudy) -> None:
        self.title.setText(heading_of(study))
        self.histogram.show_study(study)
        self._show_legend()

    def say(self, notice: str) -> None:
        """A sentence in the place of a histogram."""
        self.title.setText("Weights")
        self.histogram.say(notice)
        self.scope.set_text("")
        self._show_legend()

    def show_bands(self, has_bands: bool) -> None:
        self.histogram.show_bands(has_bands)
        self._show_legend()

    def _show_legend(self) -> None:
        study = self.histogram.study
        self.legend.setVisible(study is not None and not self.theme.projector)
        if study is not None:
            has_bands = self.histogram.has_bands and not study.grid.is_dense
            bands = (14, Mark(11, 11, block, "surface.pressed", advance=17), "goes to this level") if has_bands else ()
            weights, level = (
                Mark(11, 11, block, "memory.weights", advance=17),
                Mark(11, 2, line, level_color(study), advance=17),
            )
            self.legend.show_pieces(
                (weights, "weights", 14, level, "level", *bands, 3.0),
                f"Legend: weights, level{', goes to this level' if has_bands else ''}",
            )

    def _show_chosen(self, words: str) -> None:
        study = self.histogram.study
        if study is not None:
            self.scope.set_text(words or axis_in_words(study.scheme))


class MapCard(ScopedCard):
    """The absmax of every group, and by what rule a column stands out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "absmax of each block")
        self.map = BlockMap(theme)
        self.legend = MapLegend(theme)
        self.rule = label("", "caption", wraps=True)
        self.rule.setMinimumHeight(1)
        for part in (self.map, self.legend, self.rule):
            self.body.addWidget(part, int(part is self.map))
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.rule.setVisible(not self.theme.projector)  # the legend says it when asked

    def show_study(self, study: LayerStudy | None, so_far: str = "") -> None:
        """`so_far` says what of a large tensor has been read."""
        word = "block" if study is None else group_word(study.scheme)
        self.title.setText(f"absmax of {'the' if word == 'tensor' else 'each'} {word}")
        self.scope.set_text(so_far or ("" if study is None else groups_in_words(study)))
        self.map.show_study(study)
        self.legend.show_study(study)
        self.rule.setText("" if study is None else rule_in_words(study))


class BlockCard(ScopedCard):
    """The bytes of one group, where they go, and its constants."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "One block, down to its bytes")
        self.before = icon_button("Bytes before (Page Up)", theme, "caret-left")
        self.after = icon_button("Bytes after (Page Down)", theme, "caret-right")
        self.bytes = ByteStrip(theme)
        self.before.clicked.connect(lambda: self.bytes.turn(-1))
        self.after.clicked.connect(lambda: self.bytes.turn(1))
        self.bytes.moved.connect(self._say)
        for made in (self.before, self.after):
            self.add_to_head(made)
        self.sentence = label("", "small", wraps=True)
        self.sentence.setTextFormat(Qt.TextFormat.RichText)  # our own words and numbers alone
        self.chain = Chain(theme)
        self.body.addWidget(self.bytes, 1)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.chain)
        self._say()

    def show_group(self, opened: OpenGroup | None) -> None:
        self.bytes.show_group(opened)
        if opened is None:
            self.sentence.setText("")
            self.chain.show_links([])
            return
        word = group_word(opened.study.scheme)
        self.title.setText(f"{'The' if word == 'tensor' else 'One'} {word}, down to its bytes")
        sentence, bits = bytes_in_words(opened)
        self.sentence.setText(f"{sentence} <b>{bits}</b>.")
        self.chain.show_links(chain_of(opened))

    def _say(self) -> None:
        opened, weights = self.bytes.opened, self.bytes.weights
        self.before.setEnabled(self.bytes.has_before)
        self.after.setEnabled(self.bytes.has_after)
        words = ""
        if opened is not None:
            words = open_in_words(opened, weights.start, len(weights), has_stored=self.bytes.has_stored)
        self.scope.set_text(words)
