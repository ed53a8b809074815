"""Rows packed into sequences: which row goes into which, so that as little room as can be is left over."""

from collections import defaultdict, deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.recipe.recipe import TrainingSettings


class Packing(NamedTuple):
    """Rows by the sequence they stand in.

    Attributes:
        rows: Indices of the rows in the order of the sequences, shape (rows,).
        firsts: Where in `rows` each sequence begins, and their number at the end, shape (sequences + 1,).
    """

    rows: NDArray[np.int64]
    firsts: NDArray[np.int64]

    @property
    def sequences(self) -> int:
        return len(self.firsts) - 1


def one_a_sequence(count: int) -> Packing:
    """Each of `count` rows in a sequence of its own, in their order."""
    return Packing(np.arange(count), np.arange(count + 1))


def held_by_a_step(training: TrainingSettings, rows: int, tokens: int, fill: float) -> tuple[int, int]:
    """About how many rows and tokens a step reads, of `rows` of `tokens` in sequences filled to this share."""
    reads = training.batch_size * training.accumulation * training.max_length * fill
    held = min(tokens, round(reads))
    return (max(1, round(rows * held / tokens)) if tokens else 0), held


def best_fit(lengths: NDArray[np.int64], room: int) -> Packing:
    """The rows by best fit decreasing: the longest first, each into the fullest sequence that still has room for it.

    `lengths` are those of the rows in tokens, shape (rows,), each from 1 to `room`. The sequences are as many as TRL's
    packing "bfd" makes (trl/data_utils.py), which keeps rows whole as well.
    """
    longest_first = np.argsort(-lengths, kind="stable")
    with_space: defaultdict[int, deque[int]] = defaultdict(deque)
    spaces = 0  # bit s is set where a sequence has s tokens of room left
    sequences = 0
    chosen = np.empty(len(lengths), np.int64)
    for place, length in enumerate(lengths[longest_first].tolist()):
        fitting = spaces >> length
        if fitting:
            space = length + (fitting & -fitting).bit_length() - 1
            candidates = with_space[space]
            sequence = candidates.popleft()
            if not candidates:
                spaces ^= 1 << space
        else:
            space, sequence = room, sequences
            sequences += 1
        chosen[place] = sequence
        if space > length:
            with_space[space - length].append(sequence)
            spaces |= 1 << (space - length)
    firsts = np.concatenate([[0], np.cumsum(np.bincount(chosen, minlength=sequences))])
    return Packing(longest_first[np.argsort(chosen, kind="stable")], firsts.astype(np.int64))
