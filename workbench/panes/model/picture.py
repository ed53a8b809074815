"""The picture of the Model page: the precisions, what they cost, and the same in Python."""

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.memory import ledger
from workbench.core.model.python_lines import python_lines
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import FOUR_BIT
from workbench.numerics.formats import FORMATS, bits_per_weight
from workbench.panes.charts.legends import Legend, Mark, patch
from workbench.panes.look.theme import Theme
from workbench.panes.model.precision_cards import CardFacts, PrecisionCards
from workbench.panes.model.precision_settings import PrecisionSettings
from workbench.panes.model.weights_chart import WeightsChart
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.card_grid import Place, place_cards, share_room
from workbench.panes.parts.cards import Card
from workbench.panes.parts.code_card import CodeCard
from workbench.panes.parts.controls import ElidedLabel, button, divider, label, unhide
from workbench.panes.parts.room import room_for
from workbench.panes.parts.rule_notice import RULE_PATH, RuleNotice

# Weights that take more than this share of what is free leave too little to train with.
TIGHT_SHARE = 0.8
ASIDE_WIDTH = 392
# Below the first width of the picture the chart needs the place of the code, below the second sentences find no room;
# below this height there is none to spare.
NARROW_PICTURE = 860
TIGHT_PICTURE = 760
SHORT_PICTURE = 570
FURTHER = "Training needs more than weights: adapters, activations, logits."


class ModelPicture(QObject):
    """Lays itself out in the page's picture, and follows the store's recipe, the model and the card.

    Signals:
        precision_chosen: The name of a precision.
        memory_wanted: The page of the memory is to be shown.
    """

    precision_chosen = Signal(str)
    memory_wanted = Signal()

    def __init__(self, store: RecipeStore, gpu: GpuWatch, theme: Theme, picture: QWidget) -> None:
        super().__init__(picture)
        self._store = store
        self._gpu = gpu
        self._theme = theme
        self._shape: ModelShape | None = None
        self._sizes: dict[str, tuple[int, int]] = {}
        self.place = ""  # in the words of the action bar
        head = in_row(
            label("Precision of the frozen weights", "heading"),
            (ElidedLabel("fewer bits, less memory, more rounding", "small"), 1),
            gap=8,
        )
        self.cards = PrecisionCards(theme)
        self.cards.chosen.connect(self.precision_chosen)
        self._is_short = False
        store.changed.connect(self._make_room)
        self.rule = RuleNotice(store, theme)
        self.settings = PrecisionSettings(store, theme)
        self.chart = WeightsChart(theme)
        self.chart.chosen.connect(self.precision_chosen)
        self.code = CodeCard(theme)
        self._chart_card = self._chart()
        self._grid = QGridLayout(picture)
        self._grid.addLayout(head, 0, 0, 1, 2)
        self._grid.setRowStretch(4, 1)
        theme.follow(self._restyle)

    def _chart(self) -> Card:
        card = Card(self._theme, "Memory of the weights")
        for color, words in (("weights", "quantized layers"), ("unquantized", "embeddings, head, norms")):
            card.add_to_head(
                Legend(self._theme, (Mark(10, 10, patch, f"memory.{color}"), 6.0, words), words, height=14)
            )
        card.body.addWidget(self.chart, 1)
        self._foot = QWidget()
        self._further = ElidedLabel(FURTHER, "small")
        self.link = button("See Memory", self._theme, kind="link")
        self.link.clicked.connect(self.memory_wanted)
        in_row((self._further, 1), self.link, 0, gap=4, of=self._foot)
        self._divider = divider()
        card.body.addWidget(self._divider)
        card.body.addWidget(self._foot)
        return card

    # -- layout -------------------------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        edge, px = self._theme.size("size.page_padding"), self._theme.px
        self._grid.setContentsMargins(edge, px(12), edge, px(12))
        self._grid.setSpacing(self._theme.size("space.card_gap"))
        self._further.setMaximumWidth(self._further.natural_width())

    def arrange(self, room: QSize, *, is_wide: bool) -> None:
        """The code beside the chart, in a wide window beside the cards; in little room and before a class not at all.

        What else can be done without goes where the height is short.
        """
        px, is_projector = self._theme.px, self._theme.projector
        is_short = is_projector or room.height() < px(SHORT_PICTURE)
        is_alone = is_projector or room.width() < px(NARROW_PICTURE)
        spans = 1 if is_wide and not is_alone else 2
        places: dict[QWidget, Place] = {
            self.cards: (1, 0, 1, spans),
            self.rule: (2, 0, 1, spans),
            self.settings: (3, 0, 1, spans),
            self._chart_card: (4, 0, 1, 2 if is_wide or is_alone else 1),
            self.code: (1, 1, 3, 1) if is_wide else (4, 1, 1, 1),
        }
        place_cards(self._grid, places)  # before any is shown: without a parent it would be a window
        is_tight = room.width() < px(TIGHT_PICTURE)
        self.cards.set_compact(is_short or is_tight)
        self.settings.set_narrow(is_tight)
        self._foot.setHidden(is_short)
        self._divider.setHidden(is_short)
        self._is_short = is_short
        self._make_room()
        self.code.setHidden(is_alone)
        self.code.keep_room(is_wide)
        share_room(self._grid, (1, 0) if is_wide else (11, 8), ())
        self._grid.setColumnMinimumWidth(1, self._theme.px(ASIDE_WIDTH) if is_wide else 0)
        self._further.setMaximumWidth(self._further.natural_width())

    def _make_room(self, _paths: object = None) -> None:
        """Where the height is short the rule takes the place of the settings, before it shows itself."""
        is_broken = any(problem.path == RULE_PATH for problem in self._store.problems)
        if self._is_short and is_broken:
            self.settings.hide()
        else:
            unhide(self.settings)

    # -- showing ------------------------------------------------------------------------------------------------------

    def show_shape(self, shape: ModelShape | None) -> None:
        """Shows what the model would take in every precision, and the recipe's choice."""
        recipe, model = self._store.recipe, self._store.recipe.model
        self._shape = shape
        room = room_for(recipe, self._gpu.cards[0] if self._gpu.cards else None)
        self.place = "on the card" if room.is_card else "in memory"
        self._sizes = {}
        facts = {}
        for name in FORMATS:
            if shape is not None and shape.parameters:
                self._sizes[name] = ledger.weights_bytes(shape, name, model.double_quant, model.compute_dtype)
            size = sum(self._sizes.get(name, (0, 0)))
            bits = bits_per_weight(name, double_quant=model.double_quant and name in FOUR_BIT)
            place = "this card" if room.is_card else "this machine's memory"
            facts[name] = CardFacts(size, bits, _verdict(size, room.free_bytes), place)
        self.cards.show_facts(facts)
        self.cards.set_value(model.precision)
        where = "on this card" if room.is_card else "in this machine"
        self.chart.show_sizes(self._sizes, room.free_bytes, f"{room.free_bytes / 1e9:.1f} GB free {where}")
        self.chart.set_value(model.precision)
        self.settings.show_shape(shape)
        self.code.show_code(python_lines(recipe, shape))

    def chosen_size(self) -> int:
        """Bytes of the weights in the recipe's precision; 0 where the model is not known."""
        return sum(self._sizes.get(self._store.recipe.model.precision, (0, 0)))


def _verdict(size_bytes: int, free_bytes: int) -> str:
    if not size_bytes:
        return ""
    if size_bytes > free_bytes:
        return "too large"
    return "tight" if size_bytes > TIGHT_SHARE * free_bytes else "fits"
