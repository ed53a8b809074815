"""What quantization loses of each matrix of a model."""

import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.core.crew import Crew
from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.problems import UserError
from workbench.core.quantized.tensor import Cancelled, Measuring, why_not
from workbench.core.quantized.tensor_facts import TensorFacts, facts_of
from workbench.core.whole_file import save_whole
from workbench.numerics.quantization_scheme import Scheme

# Tensors are begun until this many numbers wait: the threads have work where one tensor ends and the next begins.
AHEAD_NUMBERS = 1 << 24


def matrices(tensors: Sequence[StoredTensor]) -> list[StoredTensor]:
    """Those that can be quantized and have rows: norms and biases keep their precision in every format."""
    return [tensor for tensor in tensors if len(tensor.shape) > 1 and not why_not(tensor)]


def measured(
    tensors: Sequence[StoredTensor], schemes: Sequence[Scheme], is_cancelled: Cancelled | None = None
) -> Iterator[list[TensorFacts]]:
    """One tensor after the other, in every scheme; one that cannot be quantized says so in its facts.

    Several are at work at the same time, and `is_cancelled` is asked by several threads.

    Raises MeasuringCancelled, and UserError where a file cannot be read any more.
    """
    begun: deque[tuple[StoredTensor, Measuring]] = deque()
    with Crew(sum(tensor.numbers for tensor in tensors)) as crew:
        for tensor in tensors:
            begun.append((tensor, Measuring(tensor, schemes, crew, is_cancelled)))
            while sum(waiting.numbers for waiting, _ in begun) > AHEAD_NUMBERS:
                yield _facts(*begun.popleft(), schemes)
        while begun:
            yield _facts(*begun.popleft(), schemes)


def _facts(tensor: StoredTensor, measuring: Measuring, schemes: Sequence[Scheme]) -> list[TensorFacts]:
    try:
        return measuring.facts()
    except UserError as error:
        if _is_unreadable(tensor):
            raise
        return [facts_of(tensor, scheme, problem=error.why) for scheme in schemes]


def _is_unreadable(tensor: StoredTensor) -> bool:
    try:
        tensor.number_at(0)
    except UserError:
        return True
    return False


def write_csv(path: Path, facts: Sequence[TensorFacts]) -> None:
    """A line each, the file whole or not at all. Raises UserError."""
    save_whole(path, csv_text([fact.row() for fact in facts]))


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as `TensorFacts.row` gives them as comma-separated values, a line each under their names."""
    lines = [{**row, "shape": "x".join(map(str, row["shape"]))} for row in rows]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
