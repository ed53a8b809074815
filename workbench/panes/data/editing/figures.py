"""Every row of a draft in figures, as it came from its file and as it stands now, and what all of them come to."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.edits.advice import advice_on
from workbench.core.data.edits.value import Value, asked, fields
from workbench.core.tokens.prepared.kinds import KINDS, bits
from workbench.core.tokens.row_count import RowCount

ADVICE = ("ends in space", "doubled spaces", "mixed quotes", "empty")
FIGURE = np.dtype(
    [
        ("kept", "i4"),  # tokens after the longest row
        ("learned", "i4"),
        ("total", "i4"),  # tokens before it
        ("state", "u1"),
        ("advice", "u1"),  # a bit for each of ADVICE
        ("told", "u8"),  # a bit for each of KINDS
        ("asked", "i8"),  # hash of the question; 0 where it is empty
        ("whole", "i8"),  # hash of the row
    ]
)
COUNTED, LEFT_OUT, ESTIMATED = 1, 2, 4
# What was only changed on the way is nothing to look at.
_TO_LOOK_AT = np.uint64(bits({name for name, kind in KINDS.items() if kind.done != "changed"}))
Figures = NDArray[Any]  # of FIGURE, shape (rows,)
Numbers = NDArray[np.int64]  # shape (rows,)


def figure_of(value: Value, count: RowCount) -> tuple[int, ...]:
    """The figures of one row, in the order of FIGURE."""
    state = COUNTED | LEFT_OUT * count.is_left_out | ESTIMATED * count.is_estimate
    question = asked(value).strip()
    return (
        count.total - count.cut,
        count.learned,
        count.total,
        state,
        advice_bits(value),
        bits({kind for kind, _ in count.told}),
        hash_of(question) if question else 0,
        hash_of(json.dumps(value, sort_keys=True)),
    )


def advice_bits(value: Value) -> int:
    """What looks unintended in the texts of a row: a bit for each of ADVICE."""
    found = {advice.kind for field in fields(value) for advice in advice_on(field)}
    return sum(1 << place for place, kind in enumerate(ADVICE) if kind in found)


def hash_of(text: str) -> int:
    """64 bits with a sign, never 0: of a million different texts, two are alike once in 37 million times."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


class Sums(NamedTuple):
    """What rows come to; of those that are not counted yet nothing is in it but their number."""

    rows: int = 0
    used: int = 0
    tokens: int = 0
    learned: int = 0
    to_look_at: int = 0
    is_estimate: bool = False


class Twins(NamedTuple):
    """Rows that ask what an earlier one asks: both int64 of shape (rows found,), the first ascending."""

    rows: Numbers
    first: Numbers

    def first_of(self, row: int) -> int | None:
        """The row that asks the same first; None where this one is the first."""
        place = int(np.searchsorted(self.rows, row))
        return int(self.first[place]) if place < len(self.rows) and self.rows[place] == row else None


NO_TWINS = Twins(np.zeros(0, np.int64), np.zeros(0, np.int64))


def figures_in_order(order: Numbers, base: Figures, written: dict[int, tuple[int, ...]]) -> Figures:
    """The figures of rows as they stand; those that are written anew in place of the file's."""
    found = np.zeros(len(order), FIGURE)
    is_of_file = order < len(base)
    found[is_of_file] = base[order[is_of_file]]
    if written:
        rows = np.fromiter(written, np.int64)
        by_row = np.argsort(rows)
        made = np.array(list(written.values()), FIGURE)[by_row]
        rows = rows[by_row]
        places = np.minimum(np.searchsorted(rows, order), len(rows) - 1)
        is_written = rows[places] == order
        found[is_written] = made[places[is_written]]
    return found


def sums_of(order: Numbers, figures: Figures, *, keeps_equals: bool) -> tuple[Sums, Twins]:
    """What rows come to, and which of them ask the same; equal ones are used once unless all are kept."""
    counted = (figures["state"] & COUNTED) > 0
    left_out = (figures["state"] & LEFT_OUT) > 0
    is_later, first = _later(figures["asked"])
    if not keeps_equals:
        left_out = left_out | _later(np.where(left_out, 0, figures["whole"]))[0]
    used = counted & ~left_out
    to_look_at = left_out | is_later | (figures["advice"] > 0) | ((figures["told"] & _TO_LOOK_AT) > 0)
    sums = Sums(
        len(order),
        int(np.count_nonzero(used)),
        int(figures["kept"][used].sum(dtype=np.int64)),
        int(figures["learned"][used].sum(dtype=np.int64)),
        int(np.count_nonzero(to_look_at)),
        bool(((figures["state"] & ESTIMATED) > 0).any()),
    )
    rows, firsts = order[is_later], order[first[is_later]]
    by_row = np.argsort(rows)
    return sums, Twins(rows[by_row], firsts[by_row])


def _later(hashes: Numbers) -> tuple[NDArray[np.bool_], Numbers]:
    """Which have an equal one before them (0 is equal to none), and where the first of these stands."""
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    found = first[inverse]
    return (found < np.arange(len(hashes))) & (hashes != 0), found


def counted_figures(values: Sequence[Value], counts: Sequence[RowCount]) -> list[tuple[int, ...]]:
    return [figure_of(value, count) for value, count in zip(values, counts, strict=True)]
