"""A race in words: how far it is, and its figures as a table to copy and to save."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.job.events import Phase
from workbench.core.job.phases import how_far
from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import MEASURES, Measure, title_of
from workbench.core.race.race import Race

# Where in the work on one precision a phase begins and ends, by seconds of the starter on a CPU.
_STRETCHES = {"load": (0.1, 0.2), "measure": (0.2, 0.7), "sample": (0.7, 1.0)}
# The part of it that is measuring, where each precision is trained as well.
_MEASURING = 0.5
_PHASE_WORDS = {
    "start": "starting",
    "load": "loading",
    "quantize": "quantizing",
    "measure": "measuring",
    "sample": "answering",
    "train": "training",
}

FULL_NAMES = {"nf4-dq": "NF4 + double quantization"}
BITS = {
    "fp32": "32",
    "fp16": "16",
    "bf16": "16",
    "int8": "8 +",  # a scale for each row: how much that is depends on how long they are
    "nf4": "4.5",
    "nf4-dq": "4.127",
    "fp4": "4.5",
}
WHAT_IT_IS = {
    "fp32": "8 bits of exponent, 23 of fraction",
    "fp16": "5 bits of exponent, 10 of fraction: nothing beyond 65\u202f504",
    "bf16": "8 bits of exponent, 7 of fraction: FP32's range, about 3 digits",
    "int8": "LLM.int8(): 8 bits a weight and 32 for each row; outlier features stay in 16 bits",
    "nf4": "4 bits a weight and an absmax of 32 bits for every 64: 16 levels, close where weights are dense",
    "nf4-dq": "NF4 whose absmax values are quantized to 8 bits, with 32 bits for every 256 of them",
    "fp4": "4 bits a weight and an absmax of 32 bits for every 64: 16 levels, spaced like a float's",
}


@dataclass(frozen=True)
class RaceRow:
    """A precision in the table: measured, or what is known of it before that."""

    precision: str
    found: PrecisionMeasured | None = None
    is_running: bool = False
    waits: bool = False  # for others that run before it
    size_bytes: int = 0  # computed; 0 where the model's layers are not known

    @property
    def title(self) -> str:
        return title_of(self.precision)

    @property
    def problem(self) -> str:
        return self.found.problem if self.found else ""

    @property
    def has_run(self) -> bool:
        return self.found is not None and not self.found.problem


def full_name(precision: str) -> str:
    return FULL_NAMES.get(precision, title_of(precision))


def without_unit(measure: Measure, row: PrecisionMeasured) -> str:
    """A figure whose unit stands in the column's title."""
    return measure.words(row).removesuffix(f" {measure.unit}") if measure.unit == "tokens/s" else measure.words(row)


def precisions_in_words(count: int) -> str:
    return f"{count} precision{'s' * (count != 1)}"


# -- how far it is -----------------------------------------------------------------------------------------------------


def now_in_words(names: Sequence[str], done: int, phase: Phase | None) -> str:
    """Which precision it is at, and with what, in one line: "BF16, 3 of 7: measuring, 4 of 9 windows"."""
    if phase is None:
        return "Starting the engine"
    if phase.name not in _PHASE_WORDS or done >= len(names):
        return how_far(phase)
    name = title_of(names[done])
    unit = phase.unit.removesuffix(f" of {name}")
    count = f", {phase.done} of {phase.total} {unit}".rstrip() if phase.total else ""
    return f"{name}, {done + 1} of {len(names)}: {_PHASE_WORDS[phase.name]}{count}"


def share_done(names: Sequence[str], done: int, phase: Phase | None, *, trains: bool) -> float:
    """How much of a race is over, from 0 to 1."""
    if phase is None or not names:
        return 0.0
    within = 0.0
    part = phase.done / phase.total if phase.total else 0.0
    if phase.name == "train":
        within = _MEASURING + (1 - _MEASURING) * part
    elif phase.name in _STRETCHES:
        first, last = _STRETCHES[phase.name]
        within = (first + (last - first) * part) * (_MEASURING if trains else 1.0)
    return min(1.0, (done + min(1.0, within) * (done < len(names))) / len(names))


# -- tables ------------------------------------------------------------------------------------------------------------


def table_text(race: Race) -> str:
    """The table as it is read, its cells parted by tabs."""
    lines = ["\t".join(["Precision", *(measure.title for measure in MEASURES)])]
    for row in race.rows:
        cells = [row.problem] if row.problem else [measure.words(row) for measure in MEASURES]
        lines.append("\t".join([title_of(row.precision), *cells]))
    return "\n".join(lines) + "\n"


def csv_text(race: Race) -> str:
    """The figures in full, one line a precision; what was not taken is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [measure.name for measure in MEASURES]
    writer.writerow(["precision", *names, "reference", "problem"])
    for row in race.rows:
        figures = [measure.value(row) for measure in MEASURES]
        cells = ["" if value is None else repr(value) for value in figures]
        writer.writerow([row.precision, *cells, row.reference, row.problem])
    return text.getvalue()
