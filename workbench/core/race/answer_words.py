"""Two answers to one prompt, laid beside each other word by word."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class MarkedAnswer:
    """An answer beside that of the reference: as far as they agree, the first word that differs, and the rest."""

    same: str
    word: str = ""
    rest: str = ""
    ends_sooner: bool = False

    @property
    def is_same(self) -> bool:
        return not (self.word or self.ends_sooner)


def marked(answer: str, reference: str) -> MarkedAnswer:
    """The answer parted at its first word that the reference has not; how words are spaced makes no difference."""
    wanted = _WORD.findall(reference)
    found = list(_WORD.finditer(answer))
    for place, match in enumerate(found):
        if place >= len(wanted) or match.group() != wanted[place]:
            return MarkedAnswer(answer[: match.start()], match.group(), answer[match.end() :])
    return MarkedAnswer(answer, ends_sooner=len(found) < len(wanted))
