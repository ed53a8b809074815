"""One thing that an export makes, by its name: a target, and a type where that has several."""

from typing import NamedTuple


class Item(NamedTuple):
    """Such as "merged", or "gguf:q8_0"."""

    to: str
    type: str = ""

    def __str__(self) -> str:
        return f"{self.to}:{self.type}" if self.type else self.to


def item_of(text: str) -> Item:
    """The item that a request or an order names."""
    to, _, kind = text.partition(":")
    return Item(to, kind)
