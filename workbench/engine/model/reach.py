"""Whether rows and texts as tokens stay within what a model can take."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from workbench.core.model.limits import ModelLimits


def refuse_rows_beyond(
    sequences: Dataset, tokenizer: PreTrainedTokenizerBase, limits: ModelLimits, place_of: Callable[[int], str]
) -> None:
    """Refuses rows with ids or lengths beyond the model's.

    `sequences` has the columns input_ids, the ids of one row or several, and seq_lengths, how many there are of each
    row; `place_of` says where the nth of all rows stands, from 0. Raises UserError.
    """
    beyond: Counter[int] = Counter()
    first = -1
    long_rows, most, done = 0, 0, 0
    columns = (sequences.data.column(name).chunks for name in ("input_ids", "seq_lengths"))
    for chunk, sizes in zip(*columns, strict=True):
        values = chunk.flatten().to_numpy(zero_copy_only=False)
        lengths = sizes.flatten().to_numpy(zero_copy_only=False)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        long_rows += int((lengths > limits.positions).sum()) if limits.positions else 0
        most = max(most, int(lengths.max(initial=0)))
        for row, ids in _rows_beyond(values, starts, lengths, limits.words):
            first = done + row if first < 0 else first
            beyond.update(ids)
        done += len(lengths)
    if beyond:
        limits.refuse_tokens(beyond, _names(tokenizer, beyond), place_of(first))
    limits.refuse_length(most, long_rows)


def refuse_prompts_beyond(
    prompts: Iterable[Sequence[int]], tokenizer: PreTrainedTokenizerBase, limits: ModelLimits
) -> None:
    """Refuses prompts, given as their ids, with ids beyond the model's. Raises UserError."""
    for number, ids in enumerate(prompts, start=1):
        refuse_ids_beyond(ids, tokenizer, limits, f"Prompt {number}")


def refuse_ids_beyond(ids: Iterable[int], tokenizer: PreTrainedTokenizerBase, limits: ModelLimits, what: str) -> None:
    """Refuses a text as ids where one is beyond the model's; `what` names it, as "The text". Raises UserError."""
    beyond = {each: 1 for each in ids if limits.words and each >= limits.words}
    limits.refuse_tokens(beyond, _names(tokenizer, beyond), what)


def _rows_beyond(
    values: NDArray[Any], starts: NDArray[Any], lengths: NDArray[Any], words: int
) -> Iterable[tuple[int, set[int]]]:
    """The rows that hold an id beyond the embedding within their lengths, each with those ids.

    `values` has the shape (tokens,), `starts` (rows + 1,), `lengths` (rows,).
    """
    if not words or not len(values) or values.max() < words:
        return
    places = np.flatnonzero(values >= words)
    owners = np.searchsorted(starts, places, side="right") - 1
    for row in np.unique(owners):
        ids = {int(values[place]) for place in places[owners == row] if place < starts[row] + lengths[row]}
        if ids:
            yield int(row), ids


def _names(tokenizer: PreTrainedTokenizerBase, ids: Iterable[int]) -> dict[int, str]:
    return {number: str(tokenizer.convert_ids_to_tokens(number)) for number in ids}
