"""Memory of a card that its driver has put into the machine's own."""

from workbench.core.job.events import Memory
from workbench.core.units import bytes_in_words

# Of a card in use; a driver begins to move memory out before the last byte is taken.
FULL_SHARE = 0.95


def spilled_bytes(memory: Memory, free_at_start_bytes: int) -> int:
    """At least so much of what the allocator holds lies outside the card; 0 where all of it may lie on it.

    Windows' driver lends a full card the machine's memory (shared GPU memory) in place of refusing, and steps become
    many times slower. `card_used_bytes` is what lies on the card, of all programs.
    """
    reserved, total, used = memory.reserved_bytes, memory.card_total_bytes, memory.card_used_bytes
    if not total:
        return 0
    # More than the card has, or more than anybody has on it, cannot lie on it.
    certain = max(reserved - total, reserved - used if used else 0, 0)
    if certain or not free_at_start_bytes or used < FULL_SHARE * total:
        return certain
    return max(0, reserved - free_at_start_bytes)


def spill_in_words(memory: Memory, free_at_start_bytes: int) -> str:
    """The sentence for a person; nothing where nothing has spilled."""
    spilled = spilled_bytes(memory, free_at_start_bytes)
    if not spilled:
        return ""
    return (
        f"The card is full: {bytes_in_words(spilled)} of this run lie in the machine's shared memory, where steps take "
        "many times as long. Halve training.batch_size and double training.accumulation, or close other programs."
    )
