"""What a run can become, read before anything is asked."""

from pathlib import Path

import pytest

from tests.exports import ANSWER, QUESTION, exportable_run
from workbench.core.export.known import targets
from workbench.core.export.offered import offered, planned
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.problems import UserError


def request(path: Path, *items: str, out: Path | None = None) -> ExportRequest:
    return ExportRequest(run=str(path), items=items or ("adapter",), out=str(out) if out else "", name="bicycle")


def test_that_each_target_has_its_size_or_why_it_cannot_be_made(tmp_path: Path) -> None:
    run = exportable_run()
    found = offered(request(run.path, out=tmp_path / "out"))
    names = [target.name for target in targets() if target.name != "measure"]
    assert [target.name for target in found.targets] == names
    adapter = found.target("adapter")
    assert adapter is not None
    assert adapter.size_bytes == sum(path.stat().st_size for path in run.adapter.iterdir())
    assert all(target.why_not or target.size_bytes or target.offers for target in found.targets[:3])
    assert found.ways == ("nf4", "original")
    assert found.measure_seconds
    assert found.free_bytes > 0


def test_that_a_run_in_16_bits_has_one_way_and_nothing_to_measure() -> None:
    found = offered(request(exportable_run("bf16").path))
    assert found.ways == ("original",)
    rounded = found.target("merged-nf4")
    assert rounded is not None
    assert "never rounded" in rounded.why_not


def test_that_the_question_is_one_the_run_has_answered() -> None:
    found = offered(request(exportable_run().path))
    assert (found.question, found.answer) == (QUESTION, ANSWER)
    assert (found.evaluations, found.last_step) == (1, 240)


def test_that_a_run_without_an_adapter_is_a_sentence() -> None:
    run = exportable_run(end="crashed")
    for path in run.adapter.iterdir():
        path.unlink()
    run.adapter.rmdir()
    with pytest.raises(UserError, match="has no adapter yet"):
        offered(request(run.path))


def test_that_a_plan_is_told_before_it_is_asked_for(tmp_path: Path) -> None:
    found = planned(request(exportable_run().path, "adapter", "merged", out=tmp_path / "out"))
    assert [step.item for step in found.plan.steps] == ["adapter", "merged"]
    assert found.plan.size_bytes == sum(step.size_bytes for step in found.plan.steps)
    assert found.problem == ""


def test_that_what_a_step_refers_to_stays_beside_it(tmp_path: Path) -> None:
    plan = planned(request(exportable_run().path, "ollama", out=tmp_path / "out")).plan
    passing = {step.item: step.is_passing for step in plan.steps}
    assert passing == {"merged-nf4": True, "gguf:q8_0": False, "ollama": False}
