"""`workbench compare`, as one types it."""

import json
from pathlib import Path

from tests.core.runs.runs_made import kept, made
from tests.runs import workbench


def test_that_two_runs_are_compared(tmp_path: Path) -> None:
    run, other = kept("finished", "2026-01-02-0304-a"), made("2026-01-02-0304-b", "lora.rank=8", "data.path=mine.csv")
    told = json.loads(workbench("compare", run.name, other.name, "--json").stdout)
    assert told["settings"]["lora.rank"] == [16, 8]
    assert "model.precision" not in told["settings"]
    assert [result["run"] for result in told["results"]] == [run.name, other.name]
    assert [result["right"] for result in told["results"]] == [98, 7]
    assert any("other rows" in sentence for sentence in told["hindrances"])
    done = workbench("compare", run.name, other.name, "--report", str(tmp_path / "both.html"))
    assert "98 of 100" in (tmp_path / "both.html").read_text(encoding="utf-8")
    assert "is a folder" in workbench("compare", run.name, other.name, "--report", str(tmp_path), code=2).stderr
    assert "lora.rank" in done.stdout
    assert "98 of 100" in done.stdout
    assert "other rows" in done.stderr


def test_that_a_run_that_cannot_be_read_is_a_sentence() -> None:
    run, other = made("2026-01-02-0304-a"), made("2026-01-02-0304-b")
    other.job.write_text("not toml")
    assert "job.toml is not valid TOML" in workbench("compare", run.name, other.name, code=2).stderr
    assert "named twice" in workbench("compare", run.name, run.name, "--json", code=2).stderr
