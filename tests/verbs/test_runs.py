"""`workbench runs`, `tag`, `rename` and `notes`, as one types them."""

import json
from typing import Any

from tests.core.runs.runs_made import kept, made
from tests.runs import workbench
from workbench.core.job.label import LABEL, NOTES


def listed(*words: str) -> list[dict[str, Any]]:
    return list(json.loads(workbench("runs", *words, "--json").stdout))


def test_that_a_run_is_named_tagged_noted_and_found_by_all_of_it() -> None:
    first, other = made("2026-01-02-0304-a"), made("2026-01-02-0304-b", "model.source=org/name")
    assert json.loads(workbench("tag", first.name, "for the paper", "rank 8", "--json").stdout) == {
        "run": first.name,
        "name": first.name,
        "tags": ["for the paper", "rank 8"],
    }
    workbench("rename", first.name, "the good one")
    workbench("notes", "the good one", "slow but\nsteady")
    assert workbench("notes", "the good one").stdout == "slow but\nsteady\n"
    (row,) = listed("--tag", "Rank 8", "--search", "steady GOOD starter")
    assert row == {
        "run": first.name,
        "name": "the good one",
        "state": "finished",
        "step": 4,
        "steps": 4,
        "model": "starter",
        "precision": "nf4",
        "data": "shopping",
        "loss": 1.0,
        "evaluation_loss": 0.5,
        "right": 7,
        "scored": 10,
        "judged_by": "exact match",
        "peak_memory_bytes": 2_000_000,
        "seconds": 2.0,
        "tags": ["for the paper", "rank 8"],
        "notes": "slow but\nsteady",
    }
    assert [row["run"] for row in listed("--search", "org/name")] == [other.name]
    assert [row["run"] for row in listed()] == [first.name, other.name]
    assert listed("--tag", "rank 8", "--tag", "other") == []
    workbench("tag", first.name, "rank 8", "--off")
    assert listed("--tag", "rank 8") == []
    said = workbench("tag", first.name).stdout
    assert said == "Tags of run the good one: for the paper.\n"


def test_that_the_table_shows_what_is_known_and_leaves_out_what_nobody_has() -> None:
    run = kept("finished")
    table = workbench("runs").stdout
    assert "Right" in table
    assert "98 of 100" in table
    assert "2.39 GB" in table
    assert "Tags" not in table
    workbench("tag", run.name, "keep")
    assert "keep" in workbench("runs").stdout
    assert workbench("runs", "--tag", "other").stdout == "None of 1 run is like that.\n"


def test_that_what_cannot_be_said_of_a_run_is_a_sentence() -> None:
    run = made("2026-01-02-0304-a")
    assert 'It has no tag "a".' in workbench("tag", run.name, "a", "--off", code=2).stderr
    assert '"a,b" is not a tag.' in workbench("tag", run.name, "a,b", code=2).stderr
    assert "There is no run" in workbench("tag", "other", "a", code=2).stderr
    (run.path / LABEL).write_text("not toml")
    (run.path / NOTES).write_bytes(b"\xff")
    done = workbench("runs", "--json", code=2)
    assert [row["name"] for row in json.loads(done.stdout)] == [run.name]
    assert LABEL in done.stderr
    assert NOTES in done.stderr
    assert LABEL in workbench("tag", run.name, "a", code=2).stderr
