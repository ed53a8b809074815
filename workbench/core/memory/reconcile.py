"""What was predicted of a run's memory beside what was measured, moment by moment and line by line."""

from dataclasses import dataclass

from workbench.core.figures import MINUS, THIN_SPACE
from workbench.core.job.events import MilestoneName, Predicted
from workbench.core.job.history import History
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.line_names import LINE_OF_PART, LINES, TITLES
from workbench.core.units import bytes_in_words

# In the order in which they are passed; what the ledger speaks of at each.
_MILESTONES: tuple[tuple[MilestoneName, str], ...] = (
    ("after load", "After loading"),
    ("dry run", "Dry run"),
    ("first optimizer step", "First full step"),
    ("peak", "In training"),
)
REST = "rest"
NOT_KNOWN = "\u2013"
TOTAL = "total"


@dataclass(frozen=True)
class Row:
    """One figure twice, in bytes; None where the ledger says nothing of it, or nothing could measure it."""

    name: str
    title: str
    predicted_bytes: int | None
    measured_bytes: int | None

    @property
    def difference_bytes(self) -> int | None:
        """How much more was measured than predicted."""
        if self.predicted_bytes is None or self.measured_bytes is None:
            return None
        return self.measured_bytes - self.predicted_bytes

    @property
    def difference_share(self) -> float | None:
        """The same as a share of what was predicted."""
        if self.difference_bytes is None or not self.predicted_bytes:
            return None
        return self.difference_bytes / self.predicted_bytes


def milestones(history: History, predicted: Predicted | None = None) -> list[Row]:
    """The moments of the attempt that is running or ran last; `predicted` takes the place of the run's own.

    On a card both sides are what torch's allocator holds, so without overhead; on a CPU the resident set.
    """
    predicted = predicted or history.predicted
    began = history.attempt_seconds[-1] if history.attempt_seconds else 0.0
    found: dict[str, int] = {
        entry.name: entry.memory.peak_bytes
        for entry, seconds in zip(history.milestones, history.milestone_seconds, strict=True)
        if seconds >= began
    }
    if "first optimizer step" in found and len(history.steps):  # the peak of a run that does not state it at its end
        found.setdefault("peak", max(found["first optimizer step"], history.steps[-1].memory.peak_bytes))
    return [
        Row(name, title, None if predicted is None else _predicted_at(predicted, name), found[name])
        for name, title in _MILESTONES
        if name in found
    ]


def lines(history: History, predicted: Predicted | None = None) -> list[Row]:
    """The ledger's lines, and their sum at the end; nothing where no step has been looked into.

    What a CPU's tensors do not tell apart stands in one row, REST: what the process held at most beside the others.
    """
    predicted, found = predicted or history.predicted, history.attributed
    if found is None:
        return []
    parts = {} if predicted is None else predicted.lines
    rows = [Row(name, TITLES[name], parts.get(name), found.lines[name]) for name in LINES if name in found.lines]
    others = [name for name in LINES if name not in found.lines]
    if found.method == "snapshot":  # the allocator's peak holds no overhead
        others = [name for name in others if name != "overhead"]
    peak = found.peak_bytes
    if found.method == "tensors":
        peak = max([peak, *(row.measured_bytes or 0 for row in milestones(history) if row.name == "peak")])
    rest = max(0, peak - sum(found.lines.values()))
    title = ", ".join(TITLES[name].lower() for name in others).capitalize() or "Everything else"
    rows.append(Row(REST, title, sum(parts[name] for name in others) if parts else None, rest))
    total = None
    if predicted is not None:
        total = predicted.peak_bytes if found.method == "tensors" else predicted.allocated_bytes
    rows.append(Row(TOTAL, "In training", total, peak))
    return rows


def ledger_of(predicted: Predicted) -> Ledger:
    """What the journal keeps of a prediction as a ledger, without its formulas."""
    parts = {part: predicted.lines.get(line, 0) for part, line in LINE_OF_PART.items()}
    return Ledger(parts, predicted.after_load_bytes, predicted.peak_bytes, predicted.moment)


def row_in_words(row: Row) -> tuple[str, str, str, str]:
    """Predicted, measured, and the difference in bytes and percent, each with a dash where it is not known."""
    predicted = NOT_KNOWN if row.predicted_bytes is None else bytes_in_words(row.predicted_bytes)
    measured = NOT_KNOWN if row.measured_bytes is None else bytes_in_words(row.measured_bytes)
    difference, share = row.difference_bytes, row.difference_share
    if difference is None:
        return predicted, measured, NOT_KNOWN, NOT_KNOWN
    sign = "+" if difference > 0 else MINUS if difference < 0 else ""
    percent = NOT_KNOWN if share is None else share_in_words(share, 1)
    return predicted, measured, f"{sign}{bytes_in_words(abs(difference))}", percent


def share_in_words(share: float, digits: int = 0) -> str:
    """A difference in percent with its sign, such as "+3 %"; without one where it rounds to nothing."""
    size = f"{abs(share):.{digits}%}"
    sign = "" if float(size[:-1]) == 0 else "+" if share > 0 else MINUS
    return f"{sign}{size[:-1]}{THIN_SPACE}%"


def _predicted_at(predicted: Predicted, name: str) -> int:
    is_on_card = predicted.device == "cuda"
    if name == "after load":
        loaded = predicted.lines["frozen_weights"] + predicted.lines["unquantized_weights"]
        return loaded if is_on_card else predicted.after_load_bytes
    return predicted.allocated_bytes if is_on_card else predicted.peak_bytes
