"""How an answer compares with the one that was expected: exact match, token F1, valid JSON."""

import json
import re
import string
import unicodedata
from collections import Counter
from dataclasses import dataclass

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = frozenset(string.punctuation)


@dataclass(frozen=True)
class Ignored:
    """What does not count in an exact match, beside white space around a text, which never does.

    Attributes:
        json_layout: Spaces and the order of keys, where both texts are JSON.
    """

    case: bool = False
    punctuation: bool = False
    json_layout: bool = False

    def tidy(self, text: str) -> str:
        """What is compared of a text."""
        text = text.strip()
        if self.json_layout and is_json_container(text):
            text = json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if self.case:
            text = text.casefold()
        if self.punctuation:
            plain = "".join(" " if unicodedata.category(letter)[0] == "P" else letter for letter in text)
            text = " ".join(plain.split())
        return text

    @property
    def in_words(self) -> str:
        found = ["outer white space"]
        found += [
            words
            for words, counts in (
                ("case", self.case),
                ("punctuation", self.punctuation),
                ("the layout of JSON", self.json_layout),
            )
            if counts
        ]
        return ", ".join(found)


OUTER_SPACE = Ignored()


def is_exact(text: str, expected: str, ignored: Ignored = OUTER_SPACE) -> bool:
    """Whether a text is the expected one."""
    return ignored.tidy(text) == ignored.tidy(expected)


def token_f1(text: str, expected: str) -> float:
    """The harmonic mean of the shares of words that both have, from 0 to 1, as the official script of SQuAD counts it.

    Words are what stands between spaces once case, ASCII punctuation and the articles a, an and the are gone
    (evaluate-v2.0.py of Rajpurkar et al., arXiv 1606.05250 and 1806.03822); where one has none, 1 if neither has.
    """
    found, wanted = _squad_words(text), _squad_words(expected)
    if not found or not wanted:
        return float(found == wanted)
    common = sum((Counter(found) & Counter(wanted)).values())
    if not common:
        return 0.0
    precision, recall = common / len(found), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


def _squad_words(text: str) -> list[str]:
    plain = "".join(letter for letter in text.lower() if letter not in _PUNCTUATION)
    return _ARTICLES.sub(" ", plain).split()


def is_json(text: str) -> bool:
    """Whether the whole text is one value of RFC 8259, which has no NaN; white space around it is allowed."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def is_json_container(text: str) -> bool:
    """Whether it is a JSON object or array, as a task of JSON expects: a number alone does not count."""
    return text.lstrip()[:1] in ("{", "[") and is_json(text)


def _refuse(constant: str) -> None:
    raise ValueError(constant)
