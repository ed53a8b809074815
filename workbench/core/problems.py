"""What a person can mend, said in three sentences: what happened, why, and what to do."""

from dataclasses import dataclass
from difflib import get_close_matches

SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a setting; `path` is the setting's, such as "model.precision"."""

    path: str
    text: str
    remedy: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.text} {self.remedy}".strip()


class UserError(Exception):
    """Raised for whatever a person can cause and mend; ends the program with exit code 2 and no traceback."""

    def __init__(self, what: str, *, why: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return in_a_row(self.what, self.why, self.remedy)


def in_a_row(*sentences: str) -> str:
    """What happened, why and what to do, one sentence behind the other; those that are empty are left out."""
    return " ".join(filter(None, sentences))


def nearest(word: str, known: list[str]) -> str:
    """A clause naming the known word nearest to `word`, or nothing where none is near."""
    match = get_close_matches(word, known, n=1, cutoff=0.5)
    return f' The nearest one is "{match[0]}".' if match else ""


def shortened(text: str, most: int = 40) -> str:
    """A name within a sentence: its start and its end."""
    half = most // 2
    return text if len(text) <= most else f"{text[: half - 1]}…{text[-half:]}"


def shown(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """At most `most` characters of it, none of which a terminal obeys."""
    start = "".join(character if character.isprintable() else "?" for character in text[:most])
    return start + "…" if len(text) > most else start
