"""A real weight: the tensors of a model, one of them as a heat map, and one of its weights bit by bit."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from workbench.bridge.tasks import run_task
from workbench.core.figures import MINUS
from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.problems import UserError
from workbench.core.quantized.requantized import StoredWeight, stored_weight
from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.weight.heat import HeatMap
from workbench.panes.bits.weight.weight_card import WeightCard
from workbench.panes.bits.weight.weight_source import TensorSource
from workbench.panes.charts.heat_colors import number_in_words, paint_scale
from workbench.panes.charts.legends import Legend, Mark
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, icon_button, label

SOURCE_WIDTH, SOURCE_WIDTH_PROJECTED = 250, 230
EMPTY = "Choose a model at the left, or find a folder or a safetensors file: its weights will be drawn here."

SCALE_TIP = (
    "Vermillion is below zero, blue above. The strongest colour stands for this magnitude and for all beyond it: one "
    "weight in two hundred. Grey with a cross is an infinity or NaN."
)


class WeightView(QWidget):
    """Takes the place of the rows and cards of the Bits page while it is open.

    Signals:
        closed: Back to the page.
    """

    closed = Signal()

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self._wanted: tuple[StoredTensor, int] | None = None
        self._is_reading = False
        self.source = TensorSource(theme)
        self.card = WeightCard(theme)
        self.map = HeatMap(theme)
        self.legend = Legend(
            theme, role="caption", color="text.tertiary", height=18, least_width=220, rounds_words=True
        )
        self.legend.setToolTip(SCALE_TIP)
        self.sight = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.notice = label(EMPTY, "sentence", wraps=True)
        self.notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture = self._make_picture()
        self._line = in_row(self.source, (self._picture, 1), self.card, of=self)
        self.source.picked.connect(self._show_tensor)
        self.map.chosen.connect(self._choose)
        self.map.moved.connect(self._say_sight)
        self.map.limit_known.connect(self._show_limit)
        self.map.failed.connect(self._fail)
        self.card.open_wanted.connect(self._open_in_bits)
        theme.follow(self._restyle)
        self._show_tensor(None)

    def _make_picture(self) -> Card:
        picture = Card(self._theme, "Weights")
        picture.scope.hide()
        picture.title.hide()
        self.name = ElidedLabel("", "heading", Qt.TextElideMode.ElideLeft)
        picture.head.insertWidget(0, self.name, 100)
        self.farther = icon_button("Farther away (-)", self._theme, "minus")
        self.closer = icon_button("Closer (+)", self._theme, "plus")
        self.whole = icon_button("Whole tensor (0)", self._theme, "arrows-out")
        self.back = icon_button("Back to the rows", self._theme, "x")
        self.farther.clicked.connect(lambda: self.map.zoom_by(-1))
        self.closer.clicked.connect(lambda: self.map.zoom_by(1))
        self.whole.clicked.connect(self.map.show_whole)
        self.back.clicked.connect(self.closed)
        for made in (self.farther, self.closer, self.whole, self.back):
            picture.add_to_head(made)
        shown = QWidget()
        self._stack = QStackedLayout(shown)
        self._stack.addWidget(self.map)
        self._stack.addWidget(self.notice)
        picture.body.addWidget(shown, 1)
        picture.body.addLayout(in_row(self.legend, (self.sight, 1), gap=12))
        return picture

    def _restyle(self) -> None:
        self._line.setSpacing(self._theme.size("space.card_gap"))
        width = SOURCE_WIDTH_PROJECTED if self._theme.projector else SOURCE_WIDTH
        self.source.setFixedWidth(self._theme.px(width))
        self.sight.setVisible(not self._theme.projector)  # there is no room for both
        self.sight.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.look_around()
        self.source.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_source(self, path: Path) -> None:
        """Shows the tensors of a model folder or of a safetensors file."""
        self.source.open(path)

    # -- one tensor ---------------------------------------------------------------------------------------------------

    def _show_tensor(self, tensor: StoredTensor | None) -> None:
        problem = EMPTY if tensor is None else tensor.problem
        self.name.set_text("Weights" if tensor is None else tensor.name)
        self.notice.setText(problem)
        self._stack.setCurrentWidget(self.notice if problem else self.map)
        for made in (self.farther, self.closer, self.whole):
            made.setEnabled(not problem)
        self.legend.setVisible(not problem)
        self._wanted = None
        self.card.show_weight(None)
        self.map.show_tensor(tensor)
        self._say_sight()
        if tensor is not None and not problem:
            self.map.choose(0)

    def _show_limit(self, limit: float) -> None:
        end = number_in_words(limit)
        self.legend.show_pieces(
            (f"{MINUS}{end}", 6, Mark(140, 8, paint_scale, least=40), 6, f"+{end}"),
            f"Colours from {f'{MINUS}{end} to {end}' if limit else 'all zero'}",
        )

    def _say_sight(self) -> None:
        self.sight.set_text(self.map.in_words())
        has_map = self.map.tensor is not None and not self.map.tensor.problem
        self.closer.setEnabled(has_map and not self.map.is_closest)
        self.farther.setEnabled(has_map and not self.map.is_whole)
        self.whole.setEnabled(has_map and not self.map.is_whole)

    def _fail(self, error: UserError) -> None:
        self.source.say(error)
        self.notice.setText(str(error))
        self._stack.setCurrentWidget(self.notice)

    # -- one weight ---------------------------------------------------------------------------------------------------

    def _choose(self, place: int) -> None:
        tensor = self.map.tensor
        if tensor is not None:
            self._wanted = (tensor, place)
            if not self._is_reading:
                self._read()

    def _read(self) -> None:
        """Reads the weight that was chosen last: with an arrow key held down, many are passed by."""
        if self._wanted is None:
            return
        tensor, place = self._wanted
        self._wanted = None
        self._is_reading = True

        def take_weight(weight: StoredWeight) -> None:
            self._is_reading = False
            if tensor is self.map.tensor and self._wanted is None:
                self.card.show_weight(weight)
            self._read()

        def fail(error: UserError) -> None:
            self._is_reading = False
            if tensor is self.map.tensor:
                self._fail(error)
            self._read()

        run_task(lambda: stored_weight(tensor, place), take_weight, fail, parent=self)

    def _open_in_bits(self, weight: StoredWeight) -> None:
        """Shows the weight in its own format and the quantized ones at its scales, besides the rows there are."""
        stored = weight.tensor.format
        assert stored is not None
        self._model.set_formats(formats_for(weight, self._model.formats))
        self._model.set_number(weight.number)
        self._model.select(self._model.formats.index(stored))
        self.closed.emit()


def formats_for(weight: StoredWeight, shown: Sequence[NumberFormat]) -> list[NumberFormat]:
    """The rows with those of the weight in their places; what was not among them follows."""
    stored = weight.tensor.format
    assert stored is not None
    wanted = {stored.slug: stored} | {
        made.format.slug: made.format for made in weight.requantized if made.format is not None
    }
    known = {format_.slug for format_ in shown}
    return [wanted.get(format_.slug, format_) for format_ in shown] + [
        format_ for slug, format_ in wanted.items() if slug not in known
    ]
