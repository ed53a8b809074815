"""The card that has to hold it: this one, this computer's memory, or one that is assumed."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.gpu_watch import CardStatus, GpuWatch
from workbench.core.machine.memory import machine_memory
from workbench.core.problems import shortened
from workbench.panes.look.theme import Theme
from workbench.panes.memory.model import Card, MemoryModel, assumed
from workbench.panes.memory.words import amount
from workbench.panes.parts.controls import ElidedLabel, Segmented, label
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.page import FormGroup

# What NVIDIA's cards have, in GB, with one that many have.
SIZES_GB = {
    6: "RTX 2060", 8: "RTX 4060", 10: "RTX 3080", 11: "RTX 2080 Ti", 12: "RTX 4070", 16: "RTX 4080", 20: "RTX 4000",
    24: "RTX 4090", 32: "RTX 5090", 40: "A100", 48: "RTX A6000", 64: "", 80: "H100", 96: "RTX PRO 6000", 128: "",
    141: "H200", 192: "",
}  # fmt: skip
DEFAULT_GB = 12
CPU = "cpu"
# A smaller change of what is free, as a share of the memory, is not worth a redraw.
NEWS_SHARE = 0.01
LONGEST_NAME = 22


class CardGroup(QObject):
    """Keeps the model's card: the real one as soon as there is one, unless another was chosen."""

    changed = Signal()

    def __init__(self, model: MemoryModel, gpu: GpuWatch, theme: Theme) -> None:
        super().__init__()
        self._model = model
        self._gpu = gpu
        self._is_chosen = False
        self.group = FormGroup(theme, "Card")
        self.choice = ChoiceBox(theme)
        self.choice.setAccessibleName("Card")
        self.choice.setMaxVisibleItems(20)
        self.choice.setToolTip("The card of this computer, or one that is assumed")
        self.choice.activated.connect(lambda _row: self._use_chosen())
        self.free = ElidedLabel("", "")
        self.units = Segmented([("GB", "GB"), ("GiB", "GiB")], "Units")
        self.units.setToolTip("GB are powers of ten, GiB powers of two: 12 GiB are 12.9 GB")
        self.units.set_value(model.unit)
        self.units.chosen.connect(model.set_unit)
        self.group.add_row(label("Card", "label"), self.choice)
        self.group.add_row(label("Free", "label"), self.free)
        self.group.add_row(label("Units", "label"), self.units)
        self._names: tuple[str, ...] | None = None
        self._fill()
        gpu.changed.connect(self._look)
        model.changed.connect(self.refresh)
        self._look()

    def _fill(self) -> None:
        """Lists the cards there are, this computer, and the sizes."""
        cards = self._gpu.cards
        names = tuple(card.name for card in cards)
        if names == self._names:
            return
        self._names = names
        kept = self.choice.currentData()
        self.choice.clear()
        for card in cards:
            more = f" {card.index}" if names.count(card.name) > 1 else ""
            short = shortened(card.name.removeprefix("NVIDIA ").removeprefix("GeForce "), LONGEST_NAME)
            self.choice.addItem(f"{short}{more}, this one", ("card", card.index))
        if cards:
            self.choice.insertSeparator(self.choice.count())
        for size, name in SIZES_GB.items():
            self.choice.addItem(f"{size} GB{f', as {name}' if name else ''}", ("size", size))
        self.choice.insertSeparator(self.choice.count())
        self.choice.addItem("This computer, CPU", (CPU, 0))
        row = next((row for row in range(self.choice.count()) if self.choice.itemData(row) == kept), -1)
        if row < 0 or not self._is_chosen:
            default = ("card", cards[0].index) if cards else ("size", DEFAULT_GB)
            row = next(row for row in range(self.choice.count()) if self.choice.itemData(row) == default)
        self.choice.setCurrentIndex(row)

    def choose(self, kind: str, value: int) -> None:
        """Chooses ("card", its number), ("size", GB) or ("cpu", 0)."""
        row = next(row for row in range(self.choice.count()) if self.choice.itemData(row) == (kind, value))
        self.choice.setCurrentIndex(row)
        self._use_chosen()

    def _use_chosen(self) -> None:
        self._is_chosen = True
        self._model.show_card(self._card())

    def _card(self) -> Card:
        kind, value = self.choice.currentData()
        if kind == "size":
            return assumed(value)
        if kind == CPU:
            memory = machine_memory()
            return Card("this computer", memory.available_bytes, memory.total_bytes, CPU, CPU)
        card = next(card for card in self._gpu.cards if card.index == value)
        return Card(card.name, _free(card), card.total_bytes, card.name)

    def _look(self) -> None:
        """The driver has said something new."""
        self._fill()
        card, shown = self._card(), self._model.card
        is_news = abs(card.free_bytes - shown.free_bytes) > NEWS_SHARE * max(1, card.total_bytes)
        if (card.name, card.total_bytes) != (shown.name, shown.total_bytes) or is_news:
            self._model.show_card(card)
        else:
            self.refresh()

    def refresh(self) -> None:
        card, unit = self._model.card, self._model.unit
        free = f"{amount(card.free_bytes, unit)} {unit}"
        if card.name:
            self.free.set_text(f"{free} of {amount(card.total_bytes, unit)}")
        else:
            self.free.set_text(f"{free}, all of it")
        self.group.fact.setText("" if self._gpu.cards else self._absent())
        self.group.fact.setToolTip(self._gpu.reason)

    def _absent(self) -> str:
        """What is said where this computer has no card that is known."""
        card = self._model.card
        return f"none found here: {card.title} assumed" if self._gpu.reason and not card.name else ""


def _free(card: CardStatus) -> int:
    return card.total_bytes - card.used_bytes + card.ours_bytes
