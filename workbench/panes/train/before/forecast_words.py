"""What a forecast says, in the words of the Train page."""

from workbench.core.memory.corrections import Corrected
from workbench.core.memory.fitting import Verdict
from workbench.core.plan.forecast import ForecastPhase
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.parts.room import Room
from workbench.panes.parts.run_words import NOT_KNOWN
from workbench.panes.train.before.forecaster import Reading
from workbench.panes.train.before.phase_strip import Segment, short_time


def data_in_words(reading: Reading) -> str:
    assert reading.glance is not None
    rows = reading.glance.rows
    evaluation = reading.recipe.evaluation
    held = round(rows * evaluation.fraction) if evaluation.fraction else 0
    parts = [f"{grouped(rows - held)} rows to train"]
    if held:
        parts.append(f"{grouped(held)} held out")
    elif evaluation.path:
        parts.append("a file held out")
    left_out = reading.glance.problem_count
    parts.append(f"{grouped(left_out)} left out" if left_out else "no problems found")
    return ", ".join(parts)


def problems_in_words(count: int) -> str:
    return "1 problem was found in it" if count == 1 else f"{grouped(count)} problems were found in it"


def samples_in_words(reading: Reading) -> str:
    samples = reading.recipe.samples
    count = len(samples.prompts) or samples.count
    kept = "Everything is kept in one run folder."
    if not count:
        return kept
    prompts = "one prompt is" if count == 1 else f"{grouped(count)} prompts are"
    answers = "The answer to" if count == 1 else "The answers to"
    taken = prompts.rpartition(" ")
    return f"{answers} {taken[0]} {taken[2]} taken before and after, so that you can see what was learned. {kept}"


def time_in_words(seconds: float | None) -> tuple[str, str]:
    """A figure and its unit: ("4", "minutes")."""
    if seconds is None:
        return NOT_KNOWN, "not known yet"
    if seconds < 90:
        return str(max(1, round(seconds))), "seconds"
    if seconds < 5400:
        return str(round(seconds / 60)), "minutes"
    return f"{seconds / 3600:.1f}", "hours"


def memory_in_words(needed: int, there_is: int) -> tuple[str, str]:
    """A figure and what it is out of, with the unit once where both have the same."""
    (figure, unit), whole = bytes_in_words(needed).split(" "), bytes_in_words(there_is)
    return (figure, f"of {whole}") if whole.endswith(unit) else (f"{figure} {unit}", f"of {whole}")


def verdict_in_words(verdict: Verdict, room: Room) -> str:
    """The verdict with its margin: "Tight: 0.9 GB to spare, 8 %"."""
    spare = bytes_in_words(abs(verdict.spare_bytes))
    if verdict.spare_bytes < 0:
        return f"Does not fit: {spare} too much"
    share = verdict.spare_bytes / max(1, room.free_bytes)
    return f"{verdict.word.capitalize()}: {spare} to spare, {share:.0%}".replace("%", " %")


def basis_in_words(corrected: Corrected) -> str:
    """On what a predicted peak rests."""
    if not corrected.correction.runs:
        return "By the formulas alone: no run of such a model has finished here yet."
    plain, learned = bytes_in_words(corrected.uncorrected_bytes), corrected.correction.in_words
    return f"{bytes_in_words(corrected.peak_bytes)}: {plain} by the formulas, {learned}."


def segment(phase: ForecastPhase) -> Segment:
    return Segment(phase.name, "" if phase.seconds is None else short_time(phase.seconds), phase.name == "Train")
