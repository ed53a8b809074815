"""What some weights say of the next tokens of some rows, kept in a file, and compared with what others say."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from workbench.core.whole_file import whole_file
from workbench.engine.export.rows import Row
from workbench.engine.model.held import held
from workbench.engine.study.perplexity import divergence

# Of FP32 logits that are kept; of more, positions at even distances.
MOST_BYTES = 1_000_000_000
NUMBER_BYTES = 4
# Positions that are compared at once: 50 MB of FP64 with 49 152 tokens.
PIECE = 64


@dataclass(frozen=True)
class Compared:
    """How far logits lie from those kept, over `positions`; KL in nats."""

    kl: float
    same_tokens: int
    positions: int
    largest_difference: float


@dataclass(frozen=True)
class Reading:
    """What was made of the rows; `compared` is None where there was nothing to compare with."""

    perplexity: float
    tokens: int
    compared: Compared | None


def read(
    model: Any, rows: Sequence[Row], kept: Path | None, against: Path | None, progress: Callable[[int], None]
) -> Reading:
    """The perplexity of the wanted tokens, with the logits written to `kept` and compared with those in `against`.

    `progress` is given how many rows are done, and may raise. Raises OSError.
    """
    step = _step(model, rows)
    total, tokens, place = 0.0, 0, 0
    comparer = _Comparer(against) if against is not None else None
    try:
        with _opened(kept) as file, held(model), torch.inference_mode():
            for done, row in enumerate(rows, start=1):
                logits = _logits(model, row)
                targets = torch.tensor([each for each, is_wanted in zip(row.ids, row.wanted, strict=True) if is_wanted])
                for start in range(0, len(logits), PIECE):
                    piece = logits[start : start + PIECE].float().cpu()
                    known = torch.log_softmax(piece, dim=-1)
                    total -= float(known.gather(1, targets[start : start + PIECE, None]).double().sum())
                    chosen = piece[(-place) % step :: step]
                    if file is not None:
                        file.write(chosen.contiguous().numpy().tobytes())
                    if comparer is not None and len(chosen):
                        comparer.see(chosen)
                    place += len(piece)
                tokens += len(logits)
                progress(done)
        found = comparer.found() if comparer is not None else None
    finally:
        if comparer is not None:
            comparer.close()
    mean = total / tokens
    return Reading(math.exp(mean) if mean < 700 else math.inf if mean == mean else math.nan, tokens, found)


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO | None]:
    """A file that is there once it is whole; None without a path."""
    if path is None:
        yield None
        return
    with whole_file(path) as file:
        yield file


def _logits(model: Any, row: Row) -> torch.Tensor:
    """Of the tokens that are wanted, shape (wanted tokens, vocabulary): each by those before it."""
    places = torch.tensor([place - 1 for place, is_wanted in enumerate(row.wanted) if is_wanted])
    given = torch.tensor([row.ids], device=model.device)
    first = int(places[0])
    takes = "logits_to_keep" in signature(model.forward).parameters
    options = {"logits_to_keep": len(row.ids) - first} if takes else {}
    logits: torch.Tensor = model(input_ids=given, use_cache=False, **options).logits[0]
    before = len(row.ids) - len(logits)
    return logits[(places - before).to(logits.device)]


def _step(model: Any, rows: Sequence[Row]) -> int:
    """Of how many positions one is kept."""
    vocabulary = model.config.get_text_config().vocab_size
    tokens = sum(sum(row.wanted) for row in rows)
    return max(1, math.ceil(tokens * vocabulary * NUMBER_BYTES / MOST_BYTES))


class _Comparer:
    """Compares logits with those in a file, position by position."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")  # read and not mapped: what is mapped counts as memory of this process
        self._kl = 0.0
        self._same = self._seen = 0
        self._largest = 0.0

    def see(self, logits: torch.Tensor) -> None:
        """Takes FP32 logits, shape (positions, vocabulary)."""
        kept = torch.from_numpy(np.fromfile(self._file, np.float32, logits.numel()).reshape(logits.shape))
        found = divergence(torch.log_softmax(kept.double(), -1), torch.log_softmax(logits.double(), -1))
        self._kl += float(found.sum())
        self._same += int((kept.argmax(dim=-1) == logits.argmax(dim=-1)).sum())
        self._largest = max(self._largest, float((kept - logits).abs().max()))
        self._seen += len(logits)

    def found(self) -> Compared:
        # Rounding in FP64 may leave a divergence of nothing a little below it.
        return Compared(max(0.0, self._kl / self._seen), self._same, self._seen, self._largest)

    def close(self) -> None:
        self._file.close()
