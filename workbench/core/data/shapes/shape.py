"""What a shape of rows declares: how it is recognised, checked, put in words, and what is learned from it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.core.data.wrong import Wrong, value_in_words
from workbench.core.recipe.recipe import DataSettings

Row = dict[str, Any]
Turn = dict[str, str]  # {"role": "user", "content": "…"}


@dataclass(frozen=True)
class Example:
    """A small file of a shape, for a person who has none yet."""

    title: str
    fact: str
    text: str
    place: int  # among the examples


class DataShape(ABC):
    """A way in which a row holds what is learned.

    Attributes:
        name: In journals and glances, such as "prompt".
        title: In words, such as "plain text".
        preference: The lower comes first where a file has the columns of several.
        keeps_others: Single values in other columns stay in the row, as groups to score by.
        has_turns: A row is a conversation, which a chat template spells.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    example: ClassVar[Example]
    preference: ClassVar[int]
    keeps_others: ClassVar[bool] = False
    has_turns: ClassVar[bool] = False

    @abstractmethod
    def columns(self, settings: DataSettings) -> tuple[str, ...]:
        """The columns that a file of this shape has, all of them."""

    @abstractmethod
    def checked(self, value: Row, columns: tuple[str, ...]) -> Row:
        """A row as it comes out of a file that has these columns. Raises Wrong."""

    @abstractmethod
    def parts(self, row: Row) -> list[tuple[str, str]]:
        """The texts of a checked row, each with its name: "Prompt", "Assistant"."""

    def asked(self, row: Row) -> str:
        """What stands for a checked row in one line: what is asked, else its first text."""
        return self.parts(row)[0][1]

    def turns(self, row: Row) -> list[Turn]:
        """A checked row as a conversation that ends with the assistant; empty without `has_turns`."""
        return []

    @abstractmethod
    def plain(self, row: Row) -> tuple[str, str] | None:
        """A checked row without a chat template: what is given, and what is learned; None where it needs one."""

    def characters(self, row: Row) -> int:
        """Characters of what is read and learned in a checked row."""
        return sum(len(text) for _, text in self.parts(row))


# -- values ------------------------------------------------------------------------------------------------------------


def filled(value: Row, columns: tuple[str, ...]) -> list[str]:
    """The texts in these columns, none of them empty. Raises Wrong."""
    texts = [text_of(value[name], f'"{name}"') for name in columns]
    empty = [f'"{name}"' for name, text in zip(columns, texts, strict=True) if not text.strip()]
    if empty:
        raise Wrong(
            f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty.",
            "Fill it in, or leave the row out.",
        )
    return texts


def text_of(value: Any, name: str) -> str:
    """A value that is text a tokenizer can take. Raises Wrong."""
    if not isinstance(value, str):
        raise Wrong(
            f"{name} has to be text, and is {value_in_words(value)}.", 'Put it into "quotes", or leave the row out.'
        )
    if "\0" in value:
        raise Wrong(f"{name} has a NUL character at position {value.index(chr(0)) + 1}.", "Take the character out.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(value[error.start]):04X}"
        raise Wrong(f"{name} has half a character ({half}) at position {error.start + 1}.", "Take it out.") from None
    return value
