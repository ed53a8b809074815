"""How far the ledger has been off on this machine, learned from finished runs by card and model family.

What is kept of a run is measured over predicted, of one figure: on a card the peak of torch's allocator, which holds no
overhead; on a CPU the resident peak in training. The correction is the median of the newest runs, so a single odd run
moves nothing.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from workbench.core import places
from workbench.core.job.events import Predicted
from workbench.core.job.history import History
from workbench.core.memory import reconcile
from workbench.core.memory.ledger import Ledger
from workbench.core.problems import UserError
from workbench.core.units import bytes_in_words
from workbench.core.whole_file import write_whole

# To be raised with every change of core/memory/ledger.py that moves a peak: runs that another formula predicted do
# not count.
FORMULA = 1
CPU = "cpu"
# The newest runs of a card and family that count.
MOST_RUNS = 15
LEAST_FACTOR, MOST_FACTOR = 0.5, 2.0
# The second step is the first with all of the optimizer's states in place.
LEAST_STEPS = 2
FORMAT = 1


@dataclass(frozen=True)
class Correction:
    """What the prediction of a card and family is to be multiplied by, and on how many runs that rests."""

    card: str
    family: str
    factor: float = 1.0
    runs: int = 0

    @property
    def in_words(self) -> str:
        """In words, such as "learned from 4 runs: 3 % more"; nothing where no run has taught anything."""
        if not self.runs:
            return ""
        share = round(100 * (self.factor - 1))
        how = f"{abs(share)} % {'more' if share > 0 else 'less'}" if share else "no change"
        return f"learned from {self.runs} run{'s' * (self.runs != 1)}: {how}"


@dataclass(frozen=True)
class Corrected:
    """A peak as it was predicted, and as runs before have taught; `peak_bytes` holds the overhead."""

    uncorrected_bytes: int
    peak_bytes: int
    allocated_bytes: int
    correction: Correction

    @property
    def in_words(self) -> str:
        learned = self.correction.in_words
        return f"{bytes_in_words(self.peak_bytes)}{f', {learned}' if learned else ''}"


def path() -> Path:
    return places.home() / "corrections.json"


def corrected(ledger: Ledger, correction: Correction) -> Corrected:
    """What a prediction becomes by a correction: on a card all but the overhead, on a CPU the whole."""
    allocated, overhead = ledger.allocated_bytes, ledger.parts["overhead"]
    if correction.card == CPU:
        peak = round(ledger.peak_bytes * correction.factor)
        return Corrected(ledger.peak_bytes, peak, max(0, peak - overhead), correction)
    more = round(allocated * correction.factor)
    return Corrected(ledger.peak_bytes, more + overhead, more, correction)


def plain_limit(limit_bytes: int, corrected: Corrected) -> int:
    """The limit for predictions near this one that do not know yet what was learned."""
    if not corrected.peak_bytes:
        return limit_bytes
    return round(limit_bytes * corrected.uncorrected_bytes / corrected.peak_bytes)


def learned(card: str, family: str) -> Correction:
    """What runs on this card (by its name, or "cpu") with models of this family have taught."""
    ratios = [row["measured_bytes"] / row["predicted_bytes"] for row in _of(_read(), card, family)]
    if not ratios:
        return Correction(card, family)
    return Correction(card, family, min(MOST_FACTOR, max(LEAST_FACTOR, median(ratios))), len(ratios))


def reason_not_to_count(history: History) -> str:
    """Why a run teaches nothing, as a sentence; nothing where it does."""
    predicted, ended, planned = history.predicted, history.ended, history.planned
    if ended is None or ended.state != "finished":
        return "It did not finish."
    if predicted is None:
        return "Nothing was predicted of it."
    if predicted.formula != FORMULA:
        return "Another version predicted it."
    if planned is None or ended.step - planned.from_step < LEAST_STEPS:
        return "It took too few steps to be measured."
    if history.heals:
        return "Memory ran out, and it went on with other settings."
    if _measured_bytes(history) <= 0:
        return "Its memory was not measured."
    return ""


def lesson_in_words(history: History) -> str:
    """What a run that has ended teaches the next predictions, and on how many runs those rest."""
    reason, predicted = reason_not_to_count(history), history.predicted
    if reason or predicted is None:
        return f"The next prediction stays as it is. {reason}"
    so_far = learned(predicted.card, predicted.family)
    where = "this computer" if predicted.card == CPU else f"the {predicted.card}"
    if not so_far.runs:
        return f"What {predicted.family} models on {where} have taught was reset since."
    return f"The next prediction for {predicted.family} models on {where} counts it in: {so_far.in_words}."


def add(name: str, history: History) -> bool:
    """Learns from a run that has ended; False where it teaches nothing. Raises UserError where it cannot be kept."""
    if reason_not_to_count(history):
        return False
    predicted = history.predicted
    assert predicted is not None
    row = {
        "run": name,
        "formula": predicted.formula,
        "card": predicted.card,
        "family": predicted.family,
        "predicted_bytes": _predicted_bytes(predicted),
        "measured_bytes": _measured_bytes(history),
    }
    with _held():
        rows = [kept for kept in _read() if kept["run"] != name]
        _write([*rows, row])
    return True


def reset(card: str = "", family: str = "") -> None:
    """Forgets what was learned of a card and a family; without either, of all. Raises UserError."""
    with _held():
        rows = _read()
        kept = [row for row in rows if (card and row["card"] != card) or (family and row["family"] != family)]
        if kept != rows:
            _write(kept)


def _predicted_bytes(predicted: Predicted) -> int:
    return predicted.allocated_bytes if predicted.device == "cuda" else predicted.peak_bytes


def _measured_bytes(history: History) -> int:
    rows = [row for row in reconcile.milestones(history) if row.name == "peak"]
    return rows[-1].measured_bytes or 0 if rows else 0


# -- the file ----------------------------------------------------------------------------------------------------------


def _of(rows: list[dict[str, Any]], card: str, family: str) -> list[dict[str, Any]]:
    """The newest that count of a card and family."""
    wanted = (FORMULA, card, family)
    return [row for row in rows if (row["formula"], row["card"], row["family"]) == wanted][-MOST_RUNS:]


def _read() -> list[dict[str, Any]]:
    """The rows that can be understood; a file that a person has spoilt teaches nothing."""
    try:
        document = json.loads(path().read_bytes())
    except (OSError, ValueError):
        return []
    rows = document.get("runs") if isinstance(document, dict) and document.get("format") == FORMAT else None
    return [row for row in rows if _is_good(row)] if isinstance(rows, list) else []


def _is_good(row: Any) -> bool:
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("run", "card", "family")):
        return False
    numbers = [row.get(name) for name in ("formula", "predicted_bytes", "measured_bytes")]
    return all(type(number) is int and 0 < number < math.inf for number in numbers)


def _held() -> Any:
    """The lock of the file: two runs may end at once."""
    from filelock import FileLock  # as in run_folder

    try:
        path().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _trouble(error) from None
    return FileLock(path().with_name(f".{path().name}.lock"))


def _write(rows: list[dict[str, Any]]) -> None:
    """Writes the file whole or not at all; of each card and family the newest rows alone."""
    kept: list[dict[str, Any]] = []
    for card, family in dict.fromkeys((row["card"], row["family"]) for row in rows):
        kept += _of(rows, card, family)
    text = json.dumps({"format": FORMAT, "runs": kept}, indent=1, ensure_ascii=False)
    try:
        write_whole(path(), text)
    except OSError as error:
        raise _trouble(error) from None


def _trouble(error: OSError) -> UserError:
    return UserError(
        f"What was learned of memory cannot be kept in {path()}: {error.strerror or error}.",
        remedy="Make room or grant writing there.",
    )
