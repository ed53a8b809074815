"""Each event of a run as one line for a log."""

from typing import Literal, assert_never

from workbench.core.job.events import (
    Attributed,
    CheckpointSaved,
    Continued,
    Ended,
    Evaluated,
    Event,
    Healed,
    Milestone,
    Notice,
    Paused,
    Phase,
    Planned,
    Predicted,
    Resumed,
    Sample,
    Scored,
    Started,
    Step,
    Unrecognized,
)
from workbench.core.job.phases import how_far
from workbench.core.job.study_base import Finding
from workbench.core.problems import in_a_row, shown
from workbench.core.units import bytes_in_words, count_in_words, grouped

LineKind = Literal["step", "evaluation", "sample", "checkpoint", "notice", "unreadable", "other"]
LONGEST = 400


def kind_of(event: Event) -> LineKind:
    """What a log is filtered by."""
    match event:
        case Step():
            return "step"
        case Evaluated():
            return "evaluation"
        case Sample() | Scored():
            return "sample"
        case CheckpointSaved():
            return "checkpoint"
        case Notice() | Healed():
            return "notice"
        case Unrecognized():
            return "unreadable"
        case _:
            return "other"


def in_words(event: Event) -> str:
    """What happened, on one line."""
    match event:
        case Step():
            return f"step {event.step} loss {_number(event.loss)} norm {_number(event.grad_norm)}"
        case Evaluated():
            best = ", the best so far" if event.is_best else ""
            return f"evaluation {_number(event.loss)} at step {event.step}{best}"
        case Sample():
            right = {True: "matches", False: "differs", None: "answered"}[event.is_right]
            return f"sample {right}: {shown(_flat(event.prompt))} -> {shown(_flat(event.answer))}"
        case Scored():
            return f"exact match {event.right} of {event.rows} {event.when} training"
        case CheckpointSaved():
            return f"checkpoint {event.step} saved, {bytes_in_words(event.size_bytes)}, verified"
        case Started():
            versions = ", ".join(f"{name} {version}" for name, version in event.versions.items() if version)
            return f"attempt {event.attempt} began, process {event.pid}{': ' if versions else ''}{versions}"
        case Phase():
            words = how_far(event)
            return words[:1].lower() + words[1:]
        case Planned():
            return (
                f"{grouped(event.steps)} steps planned on {shown(event.device)}, "
                f"{count_in_words(event.trainable_parameters)} of {count_in_words(event.parameters)} parameters trained"
            )
        case Predicted():
            return f"{bytes_in_words(event.peak_bytes)} predicted at the {event.moment}"
        case Attributed():
            named = sum(event.lines.values())
            rest = bytes_in_words(event.rest_bytes)
            return f"memory of step {event.step}: {bytes_in_words(named)} by name, {rest} more"
        case Healed():
            return shown(_flat(healed_in_words(event)), LONGEST)
        case Milestone():
            return f"{event.name}: {bytes_in_words(event.memory.peak_bytes)} at most so far"
        case Resumed():
            skipped = f"; skipped {shown(_flat('; '.join(event.skipped)), LONGEST)}" if event.skipped else ""
            return f"resumed from step {event.step}{skipped}"
        case Paused():
            after = f" after step {event.step}" if event.step else ""
            return f"paused{after}{': ' if event.why else ''}{shown(_flat(event.why), LONGEST)}"
        case Continued():
            return f"continued after step {event.step}" if event.step else "continued"
        case Notice():
            return f"notice: {shown(_flat(event.text), LONGEST)}"
        case Ended():
            words = in_a_row(event.what, event.why, event.remedy)
            return f"{event.state} at step {event.step}{': ' if words else ''}{shown(_flat(words), LONGEST)}"
        case Finding():
            return shown(_flat(event.in_words()), LONGEST)
        case Unrecognized():
            return f"unreadable line: {shown(_flat(event.text), LONGEST)}"
        case _:
            assert_never(event)


def healed_in_words(event: Healed) -> str:
    """What was done when memory ran out, as a sentence."""
    rows = "1 sequence" if event.micro_batch == 1 else f"{event.micro_batch} sequences"
    return (
        f"The memory was not enough: now {rows} at once and {event.accumulation} batches a step, "
        f"the same steps in less memory. Training goes on after step {event.step}."
    )


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.4g}"


def _flat(text: str) -> str:
    return " ".join(text[: 4 * LONGEST].split())
