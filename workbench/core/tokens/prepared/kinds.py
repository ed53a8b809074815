"""Every kind of thing that is told of rows as they are prepared, and what is done with such rows."""

from typing import Literal, NamedTuple

from workbench.core.data.row_kinds import CHANGES, PROBLEMS, RowKind
from workbench.core.tokens.token_kinds import FAULTS, FINDINGS
from workbench.core.units import counted

Done = Literal["left out", "cut", "changed", "told"]


class ToldKind(NamedTuple):
    """A kind with what is done.

    Attributes:
        bit: Its place in the table of rows.
        is_bad: Whether such a row counts among those of which a run takes a share at most.
    """

    kind: RowKind
    done: Done
    bit: int
    is_bad: bool

    @property
    def title(self) -> str:
        return self.kind.name[:1].upper() + self.kind.name[1:]


DUPLICATE, NEAR_DUPLICATE, LEAKED, NEAR_LEAKED, SECRET = (
    "duplicate",
    "near duplicate",
    "leaked",
    "nearly leaked",
    "secret",
)
CUT = ("cut at the end", "cut at the start", "turns left out")
_OWN = (
    RowKind(DUPLICATE, "equal an earlier row", "Set data.duplicates = keep to learn them as often as they stand."),
    RowKind(NEAR_DUPLICATE, "are nearly the same as an earlier row", "Look whether they were meant to be told apart."),
    RowKind(LEAKED, "are held out and the same as a row that is trained on", "Nothing has to be done."),
    RowKind(NEAR_LEAKED, "are held out and nearly the same as a row that is trained on", "Nothing has to be done."),
    RowKind(SECRET, "hold what looks like a key or a card number", "Take it out: a model can say it again."),
)
_LEFT_OUT = {*PROBLEMS, *FAULTS, DUPLICATE, LEAKED, NEAR_LEAKED}


def _told(bit: int, kind: RowKind) -> ToldKind:
    done: Done = "told"
    if kind.name in _LEFT_OUT:
        done = "left out"
    elif kind.name in CUT:
        done = "cut"
    elif kind.name in CHANGES:
        done = "changed"
    return ToldKind(kind, done, bit, is_bad=kind.name in PROBLEMS or kind.name in FAULTS)


KINDS = {
    kind.name: _told(bit, kind)
    for bit, kind in enumerate((*PROBLEMS.values(), *FAULTS.values(), *FINDINGS.values(), *CHANGES.values(), *_OWN))
}
assert len(KINDS) <= 64, "each kind is a bit of a 64-bit number"


def of_rows(count: int, name: str) -> str:
    """What is so with rows of a kind: "1 row cannot be read", "12 rows are cut at their end"."""
    verb, _, rest = KINDS[name].kind.words.partition(" ")
    if count == 1:
        verb = {"are": "is", "have": "has", "cannot": "cannot"}.get(verb, f"{verb}s")
        rest = f" {rest} ".replace(" their ", " its ").replace(" and are ", " and is ").strip()
    return f"{counted(count, 'row')} {verb} {rest}"


def bits(names: "set[str] | tuple[str, ...] | list[str]") -> int:
    """The kinds of these names as a number."""
    found = 0
    for name in names:
        found |= 1 << KINDS[name].bit
    return found


def names_of(number: int) -> list[str]:
    """The names of the kinds in a number, in the order of KINDS."""
    return [name for name, kind in KINDS.items() if number >> kind.bit & 1]
