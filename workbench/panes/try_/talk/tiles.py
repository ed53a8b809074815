"""The tiles over the conversation: how fast each answers, what memory is held, and how long the conversation is."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.gpu_watch import GpuWatch
from workbench.core.machine.memory import machine_memory
from workbench.core.units import grouped
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Tile
from workbench.panes.try_.form.choices import Choices
from workbench.panes.try_.talk.conversation import Conversation, Part, Said
from workbench.panes.try_.talk.exchange_view import COLORS

NONE_YET = "\u2013"


class Tiles(QWidget):
    """Follows the conversation's newest answers."""

    def __init__(
        self, theme: Theme, chat: ChatControl, choices: Choices, conversation: Conversation, gpu: GpuWatch
    ) -> None:
        super().__init__()
        self._theme = theme
        self._chat, self._choices, self._conversation, self._gpu = chat, choices, conversation, gpu
        self.speakers = [Tile(theme, "", mark=COLORS["base"]), Tile(theme, "", mark=COLORS["tuned"])]
        self.memory = Tile(theme, "Memory")
        self.length = Tile(theme, "Conversation")
        self.has_all = True
        self._line = in_row(*((tile, 5) for tile in self.speakers), (self.memory, 3), (self.length, 3), of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._line.setSpacing(self._theme.size("space.card_gap"))

    def show_all(self, has_all: bool) -> None:
        """In a narrow window and in the projector the answers' tiles alone."""
        self.has_all = has_all
        self.memory.setVisible(has_all)
        self.length.setVisible(has_all)

    def refresh(self, names: Sequence[str]) -> None:
        """Shows how the conversation stands; `names` are those who answer, the one at the left first."""
        for place, tile in enumerate(self.speakers):
            tile.setVisible(place < len(names) or not names)
            if place < len(names):
                self._show_speaker(tile, names[place])
            elif not names:
                tile.set_name(("Base", "Tuned")[place])
                tile.show_figure(NONE_YET, "tokens/s")
        total = self._gpu.cards[0].total_bytes if self._gpu.cards else machine_memory().total_bytes
        held = self._chat.peak_bytes
        self.memory.show_figure(f"{held / 1e9:.2f}" if held else NONE_YET, f"of {total / 1e9:.1f} GB")
        positions = self._chat.loaded.positions if self._chat.loaded is not None else 0
        of = f"of {grouped(positions)} tokens" if positions else "tokens"
        self.length.show_figure(grouped(self._conversation.tokens), of)

    def _show_speaker(self, tile: Tile, name: str) -> None:
        part = self._conversation.part_of(name)
        tile.set_name(self._name_of(name, part), COLORS[part])
        newest = self._newest(name)
        if newest is None or newest.last is None:
            tile.show_figure(NONE_YET, "tokens/s")
            return
        last = newest.last
        tile.show_figure(f"{last.tokens_per_second:.1f}", f"tokens/s, first after {last.first_token_seconds:.2f} s")

    def _newest(self, name: str) -> Said | None:
        for exchange in reversed(self._conversation.exchanges):
            said = exchange.said.get(name)
            if said is not None and said.last is not None:
                return said
        return None

    def _name_of(self, name: str, part: Part) -> str:
        known = self._choices.known
        title = self._conversation.title_of(name)
        if known is None:
            return title
        if part == "base":
            model = Path(known.recipe.model.source).name if known.recipe is not None else known.title
            stored = self._chat.loaded.stored_as.split(" with ")[0].split(",")[0] if self._chat.loaded else ""
            if not stored and known.recipe is not None:
                stored = FORMATS[known.recipe.model.precision].title
            return ", ".join(filter(None, (f"{title}: {model}", stored)))
        if part == "tuned":
            run = next(
                (entry.title for entry in self._choices.runs if known.run and entry.name == str(known.run.path)), ""
            )
            checkpoint = self._choices.checkpoint
            step = str(checkpoint.step) if checkpoint is not None and checkpoint.step else ""
            return f"{title}: {', '.join(filter(None, (run or known.title, step)))}"
        return title
