"""How a run ended, in the sentences of the Train page."""

import re

from workbench.bridge.outcome import Outcome
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunState
from workbench.core.memory.ledger import Ledger
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.charts.memory_blocks import PART_HELP
from workbench.panes.parts.form_rows import in_form_words
from workbench.panes.parts.run_words import memory_in_words

_SIZES = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "kB": 1e3, "MB": 1e6, "GB": 1e9}
_ASKED = re.compile(r"[Tt]ried to allocate ([\d.]+) ?(bytes|KiB|MiB|GiB|TiB)")
_FREE = re.compile(r"of which ([\d.]+) ?(bytes|KiB|MiB|GiB|TiB) is free")
_MACHINE_FREE = re.compile(r"The machine has ([\d.]+) (bytes|kB|MB|GB) free")  # engine/__main__.py


def ended_in_words(outcome: Outcome, history: History) -> tuple[str, str, str]:
    """What happened, why, and what to do."""
    forced = "It did not obey in time and was ended by force." if outcome.was_forced else ""
    if forced and "by force" in outcome.what:
        forced = ""
    match outcome.state:
        case _ if outcome.is_out_of_memory:
            why = f"{_lost(history)} {outcome.why}".strip()
            return out_of_memory_words(outcome, history), why, in_form_words(outcome.remedy)
        case RunState.FINISHED:
            memory = memory_in_words(history)
            beside = f"Memory {memory}." if memory else ""
            parts = (_reached(history), beside, healed_in_words(history), outcome.why, forced)
            return outcome.what, " ".join(filter(None, parts)), ""
        case RunState.STOPPED:
            why = _reached(history) if history.step else ""
            return outcome.what, " ".join(filter(None, (outcome.why, forced, why))), in_form_words(outcome.remedy)
        case _:
            why = " ".join(filter(None, (outcome.why, forced)))
            return outcome.what, why, in_form_words(outcome.remedy)


def healed_in_words(history: History) -> str:
    """That memory ran out and a smaller batch went on."""
    if not history.heals:
        return ""
    last = history.heals[-1]
    rows = "1 sequence" if last.micro_batch == 1 else f"{last.micro_batch} sequences"
    return f"Memory ran out after step {grouped(last.step)}; it went on with {rows} at once, the same rows a step."


def out_of_memory_words(outcome: Outcome, history: History) -> str:
    """The headline: where it happened, with what was asked for and what was free where the library said so."""
    where = f"at step {grouped(history.step + 1)}" if history.steps else "before the first step was done"
    asked, free = _bytes_in(_ASKED, outcome.why), _bytes_in(_FREE, outcome.why)
    if asked is None:
        return f"Out of memory {where}."
    is_card = "CUDA" in outcome.why
    if not is_card:
        free = _bytes_in(_MACHINE_FREE, outcome.why)
    had = f" and had {bytes_in_words(free)} free" if free is not None else ""
    if free is not None and free > asked and not is_card:
        had = f"; {bytes_in_words(free)} are free, so a limit is set for the process"
    whose = "the card" if is_card else "the memory"
    return f"Out of memory {where}: {whose} was asked for {bytes_in_words(asked)} more{had}."


def _bytes_in(pattern: re.Pattern[str], text: str) -> float | None:
    match = pattern.search(text)
    return float(match[1]) * _SIZES[match[2]] if match else None


def largest_part_in_words(ledger: Ledger, history: History) -> str:
    """Which of the parts that a recipe decides takes most, and what is lost."""
    name = max((part for part in ledger.parts if part != "overhead"), key=lambda part: ledger.parts[part])
    most = f"The largest part: {name}, {bytes_in_words(ledger.parts[name])}. {PART_HELP.get(name, '')}"
    return f"{most} {_lost(history)}".strip()


def _lost(history: History) -> str:
    """How many steps are lost since the last checkpoint."""
    kept = history.checkpoints[-1].step if history.checkpoints else 0
    lost = history.step - kept
    if lost <= 0:
        return "Nothing is lost." if kept else ""
    steps = "1 step is lost" if lost == 1 else f"{grouped(lost)} steps are lost"
    return f"{steps}, nothing else."


def _reached(history: History) -> str:
    """What training came to: its loss and its answers; time and memory stand in their tiles."""
    parts = []
    if history.steps:
        parts.append(f"Loss {history.steps[0].loss:.3g} to {history.steps[-1].loss:.3g}")
    if history.evaluations:
        parts.append(f"evaluation loss {history.evaluations[-1].loss:.3g}")
    before = next((score for score in history.scores if score.when == "before"), None)
    after = next((score for score in reversed(history.scores) if score.when == "after"), None)
    if before and after:
        parts.append(f"exact matches {before.right} to {after.right} of {after.rows}")
    text = ", ".join(parts)
    if not text:
        return ""
    return f"{text[:1].upper()}{text[1:]}."
