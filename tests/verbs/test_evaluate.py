"""`workbench evaluate`: figures as JSON, kept with the run, and what cannot be measured as a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.fakes import tiny_recipe
from tests.runs import PATIENCE_SECONDS, workbench
from workbench.core import places
from workbench.core.evaluation.kept import kept_evaluations
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder


def test_that_a_run_and_its_base_are_measured(tiny_model: Callable[[str], Path], rows: Path, home: Path) -> None:
    run = RunFolder.create(tiny_recipe(tiny_model("llama"), rows, "training.learning_rate=0.05", "samples.count=0"))
    launch.start(run).wait(PATIENCE_SECONDS)
    words = ("evaluate", run.name, "--perplexity", str(rows), "--exact", "held-out", "--limit", "8", "--json")
    done = workbench(*words, code=2)
    assert "held no rows out" in done.stderr
    printed = json.loads(done.stdout)
    (result,) = printed["results"]
    assert (result["metric"], result["rows"], result["comparison"]) == ("perplexity", 8, "ratio")
    assert [side["side"] for side in result["sides"]] == ["base", "tuned"]
    assert result["sides"][1]["value"] < result["sides"][0]["value"]
    assert result["apart"]["high"] < 1
    assert result["verdict"] == "tuned is better than base"
    assert [refused["task"] for refused in printed["refused"]] == ["held-out"]
    assert len(kept_evaluations(run)[0]) == 1
    assert list(places.studies().iterdir()) == []


def test_that_nothing_to_measure_is_a_sentence(tiny_model: Callable[[str], Path]) -> None:
    model = str(tiny_model("llama"))
    assert "Nothing is measured." in workbench("evaluate", model, code=2).stderr
    assert "There is no file" in workbench("evaluate", model, "--exact", "gone.jsonl", code=2).stderr
