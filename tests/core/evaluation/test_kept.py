"""Evaluations kept with their run."""

import json
from datetime import UTC, datetime, timedelta

from workbench.core.evaluation.kept import ANSWERS, FIGURES, FOLDER, Evaluation, keep, kept_evaluations
from workbench.core.job.evaluation_kinds import Measured, SideMeasured, TaskMeasured
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def measured(apart: Measured | None, *, higher_is_better: bool = True, comparison: str = "difference") -> TaskMeasured:
    sides = [
        SideMeasured(side=name, title=name, base_hash="b", adapter_sha256="", strength=0.0, figure=Measured(value=0.5))
        for name in ("base", "tuned")
    ]
    return TaskMeasured.model_validate(
        {
            "task": "t",
            "metric": "accuracy",
            "higher_is_better": higher_is_better,
            "rows": 40,
            "sides": sides,
            "apart": apart,
            "comparison": comparison,
        }
    )


def evaluation(at: datetime) -> Evaluation:
    return Evaluation(
        title="a run",
        made_at=at,
        base_hash="b",
        adapter_sha256="a",
        limit=0,
        versions={"lm-eval": "0.4.13"},
        tasks=[measured(Measured(value=0.2, low=0.1, high=0.3))],
    )


def test_that_what_is_kept_is_read_again_oldest_first() -> None:
    run = RunFolder.create(Recipe())
    keep(run, "second", evaluation(AT + timedelta(hours=1)), [])
    folder = keep(run, "first", evaluation(AT), [{"row": 0, "asked": "Größe"}])
    assert kept_evaluations(run) == ([evaluation(AT), evaluation(AT + timedelta(hours=1))], [])
    assert json.loads((folder / ANSWERS).read_text("utf-8")) == {"row": 0, "asked": "Größe"}


def test_that_a_damaged_evaluation_is_told_and_hides_no_other() -> None:
    run = RunFolder.create(Recipe())
    keep(run, "one", evaluation(AT), [])
    damaged = run.path / FOLDER / "two" / FIGURES
    damaged.parent.mkdir()
    damaged.write_text('{"format": 2}', "utf-8")
    found, told = kept_evaluations(run)
    assert found == [evaluation(AT)]
    assert told == [f"{damaged} cannot be read: it is not as this version writes them."]


def test_that_the_verdict_is_what_the_interval_says() -> None:
    sure, unsure = Measured(value=0.2, low=0.1, high=0.3), Measured(value=0.2, low=-0.1, high=0.5)
    assert measured(sure).verdict == "tuned is better than base"
    assert measured(unsure).verdict == "these 40 rows do not tell them apart"
    assert measured(sure, higher_is_better=False).verdict == "base is better than tuned"
    ratio = Measured(value=0.5, low=0.4, high=0.9)
    assert measured(ratio, higher_is_better=False, comparison="ratio").verdict == "tuned is better than base"
    assert measured(None).verdict == ""
