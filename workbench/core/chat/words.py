"""Words of a text that another text has not, as runs to be marked."""

import re
import unicodedata
from typing import NamedTuple

# Beyond it marks would say no more than that the texts have nothing in common.
MOST_MARKED_SHARE = 0.8
# Scripts that put no space between words: each character counts by itself. Thai to Myanmar, then kana to ideographs.
_WITHOUT_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WITHOUT_SPACES += "\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_WITHOUT_SPACES}]|[^\\s{_WITHOUT_SPACES}]+")


class Marks(NamedTuple):
    """What is marked of a text.

    Attributes:
        runs: Of each run of words its first character and the one behind its last, without outer punctuation.
        is_wholly_different: Whether so much would be marked that nothing is.
    """

    runs: tuple[tuple[int, int], ...]
    is_wholly_different: bool


class _Word(NamedTuple):
    start: int
    end: int
    key: str


def marks(text: str, other: str) -> Marks:
    """Runs of words of `text` that `other` has not, compared without case and outer punctuation."""
    known = {word.key for word in _words(other)}
    words = _words(text)
    is_new = [word.key not in known for word in words]
    if sum(is_new) > MOST_MARKED_SHARE * len(words):
        return Marks((), is_wholly_different=True)
    runs: list[tuple[int, int]] = []
    for place, (word, is_marked) in enumerate(zip(words, is_new, strict=True)):
        if is_marked and place and is_new[place - 1]:
            runs[-1] = (runs[-1][0], word.end)
        elif is_marked:
            runs.append((word.start, word.end))
    return Marks(tuple(runs), is_wholly_different=False)


def _words(text: str) -> list[_Word]:
    """What has a letter or a sign of its own; punctuation that stands alone is left out."""
    found = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        while start < end and _is_punctuation(text[start]):
            start += 1
        while end > start and _is_punctuation(text[end - 1]):
            end -= 1
        if start < end:
            found.append(_Word(start, end, unicodedata.normalize("NFC", text[start:end]).casefold()))
    return found


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter)[0] == "P" or letter == "`"
