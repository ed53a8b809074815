"""What is said of a run: the cells of the table, and its recipe in words."""

import re
from datetime import date, datetime

from workbench.core import places
from workbench.core.figures import measured_text, percent, setting_text
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunState
from workbench.core.memory import reconcile
from workbench.core.recipe.recipe import Recipe, stored_as
from workbench.core.runs.row import RunRow
from workbench.core.units import bytes_in_words, counted, grouped
from workbench.numerics.formats import FORMATS
from workbench.panes.parts.form_rows import choice_in_words

NOT_KNOWN = "\u2013"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Word, state and icon of a tag.
TAG_OF_STATE: dict[RunState, tuple[str, str, str]] = {
    RunState.RUNNING: ("Running", "info", "play"),
    RunState.PAUSED: ("Paused", "warn", "pause"),
    RunState.FINISHED: ("Finished", "success", "check"),
    RunState.STOPPED: ("Stopped", "none", "stop"),
    RunState.CANCELLED: ("Cancelled", "none", "x"),
    RunState.CRASHED: ("Crashed", "danger", "warning-circle"),
}


def precision_in_words(precision: str) -> str:
    """How the weights are stored, in a word: "NF4"."""
    return FORMATS[precision].title if precision in FORMATS else precision


def steps_in_words(row: RunRow) -> str:
    return f"{grouped(row.step)} of {grouped(row.steps)}" if row.steps else grouped(row.step) if row.step else NOT_KNOWN


def model_in_words(source: str) -> str:
    """The last part of a model's id or folder."""
    if source == "starter":
        return places.STARTER
    return re.split(r"[/\\]", source.rstrip("/\\"))[-1]


def data_in_words(source: str) -> str:
    """The last part of a dataset's id or file, without its ending."""
    return re.sub(r"(?<=.)\.[A-Za-z0-9]{1,8}(\.[A-Za-z0-9]{1,4})?$", "", model_in_words(source))


def loss_in_words(value: float | None) -> str:
    return NOT_KNOWN if value is None else measured_text(value)


def day_in_words(moment: datetime) -> str:
    """ "today 14:12", "23 Nov 14:12", "23 Nov 2025"."""
    days = (date.today() - moment.date()).days
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'} {moment:%H:%M}"
    day = f"{moment.day} {MONTHS[moment.month - 1]}"
    return f"{day} {moment:%H:%M}" if moment.year == date.today().year else f"{day} {moment.year}"


def now_in_words(row: RunRow) -> str:
    """Where a run is, as far as the list knows."""
    match row.state:
        case RunState.RUNNING if not row.step:
            return "It is starting."
        case RunState.RUNNING:
            return f"It is running: step {steps_in_words(row)}."
        case RunState.PAUSED:
            return f"It is paused at step {grouped(row.step)}."
    return f"{TAG_OF_STATE[row.state][0]} at step {steps_in_words(row)}." if row.step else TAG_OF_STATE[row.state][0]


def recipe_in_words(recipe: Recipe, weights: str = "") -> dict[str, str]:
    """What decides a run, by the titles of the card; `weights` says how they were stored, where that is known."""
    training, lora = recipe.training, recipe.lora
    rows = training.batch_size * training.accumulation
    length = f"{grouped(training.max_steps)} steps" if training.max_steps else f"{training.epochs:g} epochs"
    return {
        "Precision": weights or stored_as(recipe),
        "Adapter": f"LoRA, rank {lora.rank}, alpha {lora.alpha}" if lora.enabled else "none: all weights are trained",
        "Length": length,
        "Batch": f"{counted(rows, 'sequence')} a step, {grouped(training.max_length)} tokens long",
        "Learning rate": f"{setting_text(training.learning_rate)}, {choice_in_words(training.schedule).lower()}",
    }


def memory_in_words(history: History) -> str:
    """ "2.39 GB, 3 % above the prediction": what training took; nothing where no prediction or peak is known."""
    peak = next((row for row in reconcile.milestones(history) if row.name == "peak"), None)
    if peak is None or peak.difference_share is None or peak.measured_bytes is None:
        return ""
    side = "above" if peak.difference_share > 0 else "below"
    share = abs(peak.difference_share)
    how = f"{percent(share)} {side} the prediction" if round(100 * share) else "as predicted"
    return f"{bytes_in_words(peak.measured_bytes)}, {how}"
