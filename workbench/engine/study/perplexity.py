"""How well a model predicts a text, and how far its next-token distributions lie from another's."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

# Tokens that the model reads at once, and how many of them are new: each is predicted from at least 256 before it.
CONTEXT, STRIDE = 512, 256
# Positions whose distributions are worked out at once: 13 MB of FP32 with 49 152 tokens.
PIECE = 64
# All distributions of the reference that are kept on the disk; of a longer text, positions at even distances.
REFERENCE_BYTES = 256_000_000
NUMBER_BYTES = 4


class Witness(Protocol):
    """Whoever looks at the distributions of the next token."""

    def see(self, log_probabilities: torch.Tensor) -> None:
        """Takes FP32 log-probabilities, shape (positions, vocabulary), of the next chosen positions."""


@dataclass(frozen=True)
class Reading:
    """What a model made of a text."""

    perplexity: float
    tokens: int  # that were predicted: all but the first
    context: int


def read(
    model: Any, ids: torch.Tensor, chosen: torch.Tensor, witness: Witness, progress: Callable[[int, int], None]
) -> Reading:
    """The perplexity of a text by sliding windows, the exponential of the mean loss over all its tokens but the first.

    As in "Perplexity of fixed-length models" (huggingface.co/docs/transformers/perplexity): windows of CONTEXT tokens
    that move on by STRIDE, and of each only the tokens count that no window before it has counted. Log-probabilities
    are worked out in FP32, piece by piece, and summed in FP64. `ids` has the shape (tokens,). `chosen` says which
    tokens' distributions the witness is shown: a bool for each of `ids`, the first of which is never predicted.
    """
    context = min(CONTEXT, _most_positions(model))
    windows = list(_windows(len(ids), context))
    total = torch.zeros((), dtype=torch.float64)
    for done, (start, first, end) in enumerate(windows, start=1):
        for place, logits in _pieces(model, ids[start:end], first - start):
            targets = ids[start + place : start + place + len(logits)].to(logits.device)
            known = torch.log_softmax(logits.float(), dim=-1)
            total -= known.gather(1, targets.unsqueeze(1)).double().sum().cpu()
            shown = known[chosen[start + place : start + place + len(logits)].to(known.device)]
            if len(shown):
                witness.see(shown)
        progress(done, len(windows))
    counted = len(ids) - 1
    mean = float(total) / counted
    return Reading(math.exp(mean) if mean < 700 else math.inf if mean == mean else math.nan, counted, context)


def _most_positions(model: Any) -> int:
    most = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return most if isinstance(most, int) and most > 1 else CONTEXT


def _windows(tokens: int, context: int) -> Iterator[tuple[int, int, int]]:
    """Where each window starts, the first token that it counts, and where it ends."""
    stride = min(STRIDE, max(1, context // 2))
    counted = 1
    for start in range(0, tokens, stride):
        end = min(start + context, tokens)
        if end > counted:
            yield start, counted, end
        counted = end
        if end == tokens:
            return


def _pieces(model: Any, ids: torch.Tensor, first: int) -> Iterator[tuple[int, torch.Tensor]]:
    """Logits of the tokens of a window from `first` on, with the place of the first of each piece."""
    given = ids.unsqueeze(0).to(model.device)
    wanted = len(ids) - first + 1  # those that predict them, and the last, which predicts nothing
    options = {"logits_to_keep": wanted} if "logits_to_keep" in signature(model.forward).parameters else {}
    with torch.inference_mode():
        logits = model(input_ids=given, use_cache=False, **options).logits[0, -wanted:-1]
        for start in range(0, len(logits), PIECE):
            yield first + start, logits[start : start + PIECE]


def chosen_positions(tokens: int, vocabulary: int) -> torch.Tensor:
    """Which tokens' distributions are kept: all but the first, or as many at even distances as REFERENCE_BYTES take.

    A bool a token: shape (tokens,).
    """
    most = max(1, REFERENCE_BYTES // (NUMBER_BYTES * vocabulary))
    chosen = torch.zeros(tokens, dtype=torch.bool)
    chosen[1 :: math.ceil((tokens - 1) / most)] = True
    return chosen


class Keeper:
    """Writes the reference's log-probabilities into a file that appears whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.partial")
        self._file = self._partial.open("wb")

    def see(self, log_probabilities: torch.Tensor) -> None:
        """Writes them down: FP32, shape (positions, vocabulary)."""
        self._file.write(log_probabilities.cpu().contiguous().numpy().tobytes())

    def finish(self) -> None:
        self._file.close()
        self._partial.replace(self._path)


class Comparer:
    """The Kullback-Leibler divergence of the distributions seen from those kept: the mean of sum p (log p - log q)."""

    def __init__(self, path: Path, vocabulary: int) -> None:
        self._file = path.open("rb")  # read and not mapped: what is mapped counts as memory of this process
        self._vocabulary = vocabulary
        self._divergence = 0.0
        self._same = 0
        self._seen = 0

    def see(self, log_probabilities: torch.Tensor) -> None:
        """Compares them with the next of those kept: FP32, shape (positions, vocabulary)."""
        for seen in log_probabilities.cpu().split(PIECE // 4):
            kept = torch.from_numpy(np.fromfile(self._file, np.float32, seen.numel()).reshape(-1, self._vocabulary))
            self._divergence += float(divergence(kept, seen).sum())
            self._same += int((kept.argmax(dim=-1) == seen.argmax(dim=-1)).sum())
            self._seen += len(seen)

    def close(self) -> None:
        self._file.close()

    @property
    def mean_divergence(self) -> float:
        """In nats."""
        return self._divergence / self._seen

    @property
    def same_top_token(self) -> float:
        return self._same / self._seen


def divergence(kept: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """KL(kept || seen) of log-probabilities, shape (positions, vocabulary), in nats, FP64: shape (positions,).

    What has no chance in `kept` adds nothing.
    """
    kept, seen = kept.double(), seen.double()
    return torch.where(kept == -math.inf, 0.0, kept.exp() * (kept - seen)).sum(dim=-1)
