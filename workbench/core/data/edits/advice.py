"""What looks unintended in a text that was written: never mended unasked, and in one click where that is safe."""

import re
from collections.abc import Callable
from typing import NamedTuple

from workbench.core.data.edits.value import Field

_DOUBLED = re.compile(r"(?<=\S)  +(?=\S)")
_CURLY, _STRAIGHT = re.compile("[“”„‘’‚]"), re.compile("[\"']")  # noqa: RUF001


class Advice(NamedTuple):
    """Something to look at.

    Attributes:
        kind: For a tag, such as "ends in space".
        words: What is so, in a sentence.
        mended: The text without it; None where only a person can say what is meant.
        action: What a button that mends it says; empty without one.
    """

    kind: str
    words: str
    mended: str | None = None
    action: str = ""


def advice_on(field: Field) -> list[Advice]:
    """What looks unintended in one text."""
    text, name = field.text, field.title.lower()
    if not text.strip():
        return [Advice("empty", f"The {name} is empty.")]
    found = []
    if text[-1].isspace():
        what = "a line break" if text[-1] == "\n" else "a space"
        found.append(Advice("ends in space", f"The {name} ends in {what}.", text.rstrip(), "Take it out"))
    if doubled := len(_DOUBLED.findall(text)):
        words = f"The {name} has doubled spaces in {doubled} place{'s' * (doubled > 1)}."
        found.append(Advice("doubled spaces", words, _DOUBLED.sub(" ", text), "Make them one"))
    if _CURLY.search(text) and _STRAIGHT.search(text):
        found.append(Advice("mixed quotes", f"The {name} has curly and straight quotes."))
    return found


def same_as(number: int) -> Advice:
    """Of a row that asks what an earlier one asks."""
    return Advice(f"same as {number}", f"It asks the same as row {number}.")


def replaced(text: str, wanted: str, by: str) -> str:
    """A text with every `wanted` replaced; upper and lower case are the same."""
    if not wanted:
        return text
    with_text: Callable[[re.Match[str]], str] = lambda _: by  # noqa: E731  a backslash in it is one
    return re.sub(re.escape(wanted), with_text, text, flags=re.IGNORECASE)
