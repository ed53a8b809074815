"""The memory that a run would have."""

from dataclasses import dataclass

from workbench.bridge.gpu_watch import CardStatus
from workbench.core.machine.memory import machine_memory
from workbench.core.memory.corrections import CPU
from workbench.core.recipe.recipe import Recipe


@dataclass(frozen=True)
class Room:
    """What memory there is for a run; `others_bytes` are what other programs hold, `name` is the driver's or "cpu"."""

    is_card: bool
    total_bytes: int
    free_bytes: int
    name: str = CPU

    @property
    def others_bytes(self) -> int:
        return max(0, self.total_bytes - self.free_bytes)


def room_for(recipe: Recipe, card: CardStatus | None) -> Room:
    """The memory of the device a recipe would run on: the card's, or this machine's."""
    if card is not None and recipe.model.device != "cpu":
        return Room(True, card.total_bytes, card.total_bytes - card.used_bytes + card.ours_bytes, card.name)
    memory = machine_memory()
    return Room(False, memory.total_bytes, memory.available_bytes)
