"""What was asked of a run and what came of it, in words."""

from typing import Any

from workbench.core.figures import measured_text, setting_text
from workbench.core.memory.reconcile import NOT_KNOWN
from workbench.core.runs.result import RunResult
from workbench.core.ticks import clock
from workbench.core.units import bytes_in_words, grouped


def value_in_words(value: Any) -> str:
    """A setting's value; a dash where it has none, or an empty one."""
    match value:
        case None | "" | ():
            return NOT_KNOWN
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return setting_text(value)
        case tuple():
            return ", ".join(map(str, value))
    return str(value)


def outcome_in_words(result: RunResult) -> dict[str, str]:
    """What came of it by its titles; nothing where it was not measured."""
    after = result.scored("after")
    return {
        "State": str(result.state),
        "Steps": grouped(result.history.step),
        "Loss": "" if result.loss_last is None else measured_text(result.loss_last),
        "Evaluation loss": "" if result.evaluation_loss is None else measured_text(result.evaluation_loss),
        "Exact match": f"{after.right} of {after.rows}" if after else "",
        "Answers right": result.judged.in_words if result.judged else "",
        "Peak memory": bytes_in_words(result.peak_bytes) if result.peak_bytes else "",
        "Peak memory predicted": bytes_in_words(result.predicted_peak_bytes) if result.predicted_peak_bytes else "",
        "Time": clock(result.seconds) if result.seconds else "",
        "Tokens": grouped(result.tokens) if result.tokens else "",
        "Tokens a second": grouped(round(result.tokens_per_second)) if result.tokens_per_second else "",
    }
