"""Whether rows and texts as tokens stay within what a model can take."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from workbench.core.model.limits import ModelLimits


def refuse_rows_beyond(rows: Dataset, tokenizer: PreTrainedTokenizerBase, limits: ModelLimits, longest: int) -> None:
    """Refuses rows with ids or lengths beyond the model's, of what stays of each within `longest` tokens.

    `rows` has a column input_ids, a list of ints a row. Raises UserError.
    """
    beyond: Counter[int] = Counter()
    first = 0
    long_rows, most, done = 0, 0, 0
    for chunk in rows.data.column("input_ids").chunks:
        values = chunk.flatten().to_numpy(zero_copy_only=False)
        starts = chunk.offsets.to_numpy() - chunk.offsets[0].as_py()
        lengths = np.minimum(np.diff(starts), longest)
        long_rows += int((lengths > limits.positions).sum()) if limits.positions else 0
        most = max(most, int(lengths.max(initial=0)))
        for row, ids in _rows_beyond(values, starts, lengths, limits.words):
            first = first or done + row + 1
            beyond.update(ids)
        done += len(lengths)
    limits.refuse_tokens(beyond, _names(tokenizer, beyond), f"Row {first}")
    limits.refuse_length(most, long_rows)


def refuse_prompts_beyond(prompts: Sequence[str], tokenizer: PreTrainedTokenizerBase, limits: ModelLimits) -> None:
    """Refuses prompts with ids beyond the model's. Raises UserError."""
    for number, prompt in enumerate(prompts, start=1):
        refuse_ids_beyond(tokenizer(prompt, verbose=False)["input_ids"], tokenizer, limits, f"Prompt {number}")


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
