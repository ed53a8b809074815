"""How far an export is, by what its journal says."""

import pytest

from tests.exports import STEPS, plan
from workbench.core.export.progress import ExportSeen, seen
from workbench.core.job.events import Phase
from workbench.core.job.export_kinds import (
    ExportedFile,
    PlannedStep,
    StepBegun,
    StepChecked,
    StepDone,
    StepRefused,
    StepRejected,
    WeightsMeasured,
)


def begun(step: PlannedStep) -> StepBegun:
    return StepBegun(item=step.item, title=step.title)


def done(step: PlannedStep) -> StepDone:
    files = [ExportedFile(name=f"{step.path}/a", size_bytes=2)]
    return StepDone(item=step.item, title=step.title, path=step.path, size_bytes=2, files=files, seconds=1)


def states(found: ExportSeen) -> list[str]:
    return [step.state for step in found.steps]


def test_that_nothing_is_seen_of_an_export_that_has_no_plan_yet() -> None:
    found = seen([], Phase(name="start"))
    assert (found.steps, found.at_work, found.share, found.seconds_left) == ((), None, 0.0, 0.0)


def test_that_steps_wait_are_made_and_are_done_with_what_was_compared() -> None:
    checked = StepChecked(item="adapter", title="Adapter", name="loaded back", ok=True, found="equal")
    phase = Phase(name="export", file="merged-nf4", done=1, total=4, unit="bytes")
    found = seen([plan(), begun(STEPS[0]), checked, done(STEPS[0]), begun(STEPS[1])], phase, {"merged-nf4": 0.25})
    assert states(found) == ["done", "works", "waits", "waits"]
    assert found.steps[0].checks == (checked,)
    assert found.steps[0].size_bytes == 2
    assert found.at_work is not None
    assert found.at_work.share == 0.25
    assert found.done_count == 1
    assert found.share == pytest.approx((5 + 60 / 4) / 105)
    assert found.seconds_left == 45 + 40


def test_that_a_bar_stays_where_it_is_while_what_was_written_is_compared() -> None:
    phase = Phase(name="quantize", file="reference", done=1, total=9)
    found = seen([plan(), begun(STEPS[1])], phase, {"merged-nf4": 1.0})
    assert found.at_work is not None
    assert (found.at_work.share, found.at_work.phase) == (1.0, phase)


def test_that_a_phase_of_another_step_moves_nothing() -> None:
    phase = Phase(name="export", file="adapter", done=1, total=4)
    found = seen([plan(), begun(STEPS[0]), done(STEPS[0]), begun(STEPS[1])], phase)
    assert found.at_work is not None
    assert found.at_work.phase is None


def test_that_a_rejected_step_says_why_and_keeps_its_path_and_the_rest_goes_on() -> None:
    rejected = StepRejected(item="merged-nf4", title="Merged", path="merged-nf4.rejected", what="It differs.")
    refused = StepRefused(item="gguf:q8_0", title="GGUF", what="It needs Merged.", remedy="Export it again.")
    found = seen([plan(), begun(STEPS[1]), rejected, refused])
    assert states(found) == ["waits", "rejected", "refused", "waits"]
    assert (found.steps[1].path, found.steps[1].problem) == ("merged-nf4.rejected", "It differs.")
    assert found.steps[2].problem == "It needs Merged. Export it again."


def test_that_a_changed_plan_keeps_what_has_begun_and_takes_the_rest_anew() -> None:
    found = seen([plan(), begun(STEPS[0]), done(STEPS[0]), plan([STEPS[0], STEPS[3]])])
    assert [step.item for step in found.steps] == ["adapter", "ollama"]
    assert states(found) == ["done", "waits"]
    later = seen([plan(), begun(STEPS[0]), done(STEPS[0]), plan([STEPS[3]])])
    assert [step.item for step in later.steps] == ["adapter", "ollama"]


def test_that_what_is_made_for_others_alone_is_not_counted() -> None:
    passing = STEPS[1].model_copy(update={"is_passing": True})
    found = seen([plan([passing, STEPS[2]]), begun(passing), done(passing)])
    assert [step.item for step in found.kept] == ["gguf:q8_0"]
    assert found.done_count == 0


def test_that_what_was_measured_is_found_by_its_item() -> None:
    event = WeightsMeasured(item="merged", title="Merged", perplexity=2.2, kl=0.01, tokens=10, rows=2)
    assert seen([plan(), event]).measured == {"merged": event}
