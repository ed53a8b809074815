"""What a whole model loses, as a picture: the map of errors, the ten worst matrices, and the sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.problems import UserError
from workbench.core.quantized.matrix_errors import Measure, stored_bytes, worst
from workbench.core.quantized.model import csv_text
from workbench.core.quantized.model_errors import ModelErrors, Place
from workbench.core.units import grouped
from workbench.numerics.quantization_scheme import Scheme
from workbench.panes.charts.legends import Legend, Mark
from workbench.panes.look.theme import Theme
from workbench.panes.parts import save_as
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.card_grid import fix_width, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Card, Message, ScopedCard
from workbench.panes.parts.controls import ElidedLabel, Segmented, button, label, unhide
from workbench.panes.quantize.whole.choice import FormatChoice
from workbench.panes.quantize.whole.legend import paint_scale
from workbench.panes.quantize.whole.map import ErrorMap
from workbench.panes.quantize.whole.sizes import SizeBars, SizeRow
from workbench.panes.quantize.whole.table import MOST, WorstTable
from workbench.panes.quantize.whole.words import (
    MEASURE_TIPS,
    MEASURE_TITLES,
    bits_in_words,
    format_color,
    format_title,
    scheme_in_words,
    value_in_words,
)

NOT_YET = "The matrices that lose most are listed here once they are measured."
NO_SIZES = "The sizes in each format stand here once a model is chosen."
LEFT_OUT = "Norms and biases keep their precision and are left out."
HINT = "A click on a cell, or the arrows, tell what is lost there."
STORED = "formats.BF16"
WIDE_COLUMN = 430


@dataclass(frozen=True)
class Opened:
    """A model of which the headers are read."""

    path: Path
    tensors: tuple[StoredTensor, ...]  # its matrices

    @property
    def numbers(self) -> int:
        return sum(tensor.numbers for tensor in self.tensors)

    @property
    def stored_bytes(self) -> int:
        return sum(stored_bytes(tensor.numbers, tensor.dtype) for tensor in self.tensors)

    def size_in(self, scheme: Scheme) -> int:
        return sum(scheme.size_bytes(tensor.numbers, tensor.row_length) for tensor in self.tensors)


class WholePicture(QWidget):
    """Shows what it is given; which format, which measure and which cell are chosen here.

    Signals:
        said: A short sentence: what became of an export.
    """

    said = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.errors = ModelErrors()
        self._schemes: dict[str, Scheme] = {}
        self._is_wide = False
        self.message_card = Message(theme)
        self.message_card.add_close()
        self.message_card.hide()
        self.map_card = ScopedCard(theme, "Error of every matrix", mode=Qt.TextElideMode.ElideMiddle, is_apart=True)
        self.legend = Legend(theme, height=20)
        self.map_card.add_to_head(self.legend)
        self.format = FormatChoice(theme)
        self.measure = Segmented([(by.value, title) for by, title in MEASURE_TITLES.items()], "Measure")
        for by, tip in MEASURE_TIPS.items():
            self.measure.button_of(by.value).setToolTip(tip)
        self.measure.set_value(Measure.SNR.value)
        self.map_card.body.addLayout(in_row(self.format, 1, self.measure, gap=10))
        self.map = ErrorMap(theme)
        self.map_card.body.addWidget(self.map, 1)
        self.cell = label("", "small", wraps=True)
        self.map_card.body.addWidget(self.cell)
        self.table_card = Card(theme, "Ten worst")
        self.table_card.set_margins(0, 0, 0, 8)
        self.table = WorstTable(theme)
        self.table.empty_words = NOT_YET
        self.table_card.body.addWidget(self.table)
        self.export = button("Export CSV", theme, "export", "flat")
        self.table_card.add_to_head(self.export)
        self.size_card = ScopedCard(theme, "Size of all matrices", mode=Qt.TextElideMode.ElideMiddle, is_apart=True)
        self.sizes = SizeBars(theme)
        self.sizes.notice = NO_SIZES
        self.size_card.body.addWidget(self.sizes, 1)
        self.kept = ElidedLabel(LEFT_OUT, "small")
        self.size_card.body.addWidget(self.kept)
        self.grid = QGridLayout(self)
        self.place_cards(is_wide=False)
        self.format.chosen.connect(lambda _name: self._show())
        self.measure.chosen.connect(lambda _name: self._show())
        self.map.chosen.connect(lambda line, column: self.choose((line, column)))
        self.table.picked.connect(self._choose_name)
        self.export.clicked.connect(self._export)
        theme.changed.connect(lambda: self.place_cards(is_wide=self._is_wide))

    def place_cards(self, *, is_wide: bool) -> None:
        """The map above the table and the sizes; in a wide window beside them; the projector does without the table."""
        self._is_wide = is_wide
        theme, grid = self.theme, self.grid
        keep_edge(grid, theme)
        sizes = (2, 1, 1, 1) if is_wide or not theme.projector else (2, 0, 1, 2)
        place_cards(
            grid,
            {
                self.message_card: (0, 0, 1, 2),
                self.map_card: (1, 0, 2, 1) if is_wide else (1, 0, 1, 2),
                self.table_card: (1, 1, 1, 1) if is_wide else (2, 0, 1, 1),
                self.size_card: sizes,
            },
        )
        if theme.projector:
            self.table_card.hide()
        else:
            unhide(self.table_card)
        for card in (self.table_card, self.size_card):
            fix_width(card, theme.px(WIDE_COLUMN) if is_wide else 0)
        rows = (52, 48) if is_wide else (70, 30) if theme.projector else (56, 44)
        share_room(grid, (1, 0) if is_wide else (58, 42), rows, first_row=1)
        self.measure.setFixedHeight(theme.size("size.control"))
        self.export.setFixedHeight(theme.px(20))  # the head is as high as one without a button
        self.cell.setFixedHeight(round(2.3 * theme.size("font.small")) + theme.px(6))

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def by(self) -> Measure:
        return Measure(self.measure.value())

    def say(self, error: UserError) -> None:
        self.message_card.say_error(error)

    def show_errors(
        self, errors: ModelErrors, formats: Sequence[str], schemes: Sequence[Scheme], *, can_export: bool
    ) -> None:
        """What is found so far; `formats` are offered, `schemes` are those of the study."""
        self.errors = errors
        self._schemes = {scheme.name: scheme for scheme in schemes}
        if self.map.grid is not errors.grid:
            self.map.show_grid(errors.grid)
        self.format.offer([(name, format_title(name)) for name in dict.fromkeys(formats)])
        self.export.setEnabled(can_export and bool(errors.rows))
        self._show()

    def _show(self) -> None:
        name, by = self.format.value(), self.by
        self.map.show_found(self.errors.at(name), by)
        scheme = self._schemes.get(name)
        self.map_card.scope.set_text(scheme_in_words(scheme) if scheme else "")
        found = self.map.found.values()
        known = sorted((bad, value_in_words(each, by)) for each in found if (bad := each.badness(by)) is not None)
        palest, darkest = (known[0][1], known[-1][1]) if known else ("", "")
        self.legend.show_pieces(
            (palest, 7, Mark(72, 8, paint_scale), 6, darkest, 3) if known else (),
            f"Pale: {palest}, dark: {darkest}, where more is lost" if known else "",
        )
        self.table.show_rows(worst(self.errors.of(name), by, MOST), by)
        self.table_card.scope.setText(f"in {format_title(name)}, by {MEASURE_TITLES[by]}" if self.table.rows else "")
        self._say_cell()

    def show_sizes(self, opened: Opened | None, schemes: Sequence[Scheme], block_size: int) -> None:
        """What the model takes in these formats, which its shapes tell."""
        if opened is None or not opened.tensors:
            self.sizes.show_rows(())
            self.size_card.scope.set_text("")
            return
        dtypes = {tensor.dtype for tensor in opened.tensors}
        title = f"As {dtypes.pop()}" if len(dtypes) == 1 else "As stored"
        bits = bits_in_words(opened.stored_bytes, opened.numbers)
        rows = [SizeRow(title, opened.stored_bytes, bits, STORED)]
        for scheme in schemes:
            size = opened.size_in(scheme)
            title = format_title(scheme.name) + (" + DQ" if scheme.double_quant else "")
            rows.append(SizeRow(title, size, bits_in_words(size, opened.numbers), format_color(scheme.name)))
        self.sizes.show_rows(rows)
        has_blocks = any(scheme.has_choice_of_blocks for scheme in schemes)
        self.size_card.scope.set_text(f"blocks of {grouped(block_size)}" if has_blocks else "")

    def choose(self, place: Place) -> None:
        """Marks a cell, and tells what is lost there."""
        self.map.choose(place)
        cell = self.errors.grid.cell(*place)
        self.table.follow(cell.names if cell else ())
        self._say_cell()

    def _choose_name(self, name: str) -> None:
        self.map.choose(self.errors.grid.find(name))
        self._say_cell()

    def _say_cell(self) -> None:
        place = self.map.place
        words = self.map.words_of(place) if place is not None else ""
        if not words and (self.map.grid.lines or self.map.grid.outside):
            words = HINT
        self.cell.setText(words)

    # -- files --------------------------------------------------------------------------------------------------------

    def _export(self) -> None:
        """Asks where to, and writes all that was measured there."""
        save_as.ask_where(self, "Export the errors", "quantized.csv", save_as.CSV, self.write_csv)

    def write_csv(self, path: Path) -> None:
        """Writes a line for each matrix and format, and says how that went."""
        save_as.save_and_say(path, csv_text(self.errors.rows), self.said.emit)
