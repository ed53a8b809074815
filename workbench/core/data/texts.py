"""Texts that models are measured on: the program's own, and a person's file."""

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.core import places, sources
from workbench.core.problems import UserError, shown

# Of a longer file the beginning is read: it has more tokens than any study takes.
MOST_BYTES = 4_000_000
_LONGEST_CHARACTER_BYTES = 4  # of UTF-8


@dataclass(frozen=True)
class Text:
    name: str
    text: str
    is_cut: bool  # the file goes on


def our_text() -> Path:
    """Plain prose in English, 2 149 words: a story, an explanation, a description."""
    return places.resources() / "texts" / "prose.txt"


def our_prompts() -> tuple[str, ...]:
    return tuple(json.loads((places.resources() / "texts" / "prompts.json").read_text(encoding="utf-8")))


def read_text(path: str) -> Text:
    """The beginning of a text file; no path is our text. Raises UserError."""
    chosen = sources.expanded(path) if path else our_text()
    said = shown(str(chosen), 300)
    try:
        with chosen.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(
            f"The text {said} cannot be read: {error.strerror or error}.", remedy="Choose a file that is there."
        ) from None
    except ValueError:
        raise UserError(f"{said} is not a file's name.", remedy="Choose a file that is there.") from None
    is_cut, data = len(data) > MOST_BYTES, data[:MOST_BYTES]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not is_cut or error.start < MOST_BYTES - _LONGEST_CHARACTER_BYTES:
            raise UserError(
                f"The text {said} is not UTF-8: byte {error.start:,} fits no character.",
                remedy="Save it as UTF-8, or choose another file.",
            ) from None
        text = data[: error.start].decode("utf-8-sig")  # the cut went through a character
    if not text.strip():
        raise UserError(f"The text {said} is empty.", remedy="Choose a file with some sentences in it.")
    return Text(chosen.name, text, is_cut)
