"""The rows that a run has kept from its training."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.tokens.prepared.made import asked, recipe, write
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared.of_run import held_out_of, prepared_of
from workbench.core.tokens.prepared.preparing import Preparation


def made(model: Path, data: Path, *changes: str) -> RunFolder:
    """A run that has come as far as its prepared rows."""
    asked_for = recipe(data, *changes)
    run = RunFolder.create(asked_for)
    found = Preparation(asked_for, kept_tokenizer.make(model), lambda *_: None).make(lambda *_: None)
    journal = JournalWriter(run.journal)
    journal.write(found.model_copy(update={"model": str(model)}))
    journal.close()
    return run


def test_that_the_exact_match_file_comes_before_what_the_loss_is_taken_of(tmp_path: Path) -> None:
    data = write(tmp_path / "a.jsonl", asked(20))
    scored = write(tmp_path / "scored.jsonl", [*asked(3, 50), "broken"])
    run = RunFolder.create(recipe(data, f"evaluation.score_path={scored}", "evaluation.rows=4"))
    found = held_out_of(run)
    assert [row.asked for row in found.rows] == [f"What is {n} and {n}?" for n in (50, 51, 52)]
    assert [problem.line for problem in found.problems] == [4]
    assert found.source == "the exact-match file scored.jsonl"


@pytest.mark.slow
def test_that_a_share_of_the_data_is_given_back_as_its_rows_stand_there(
    tmp_path: Path, tiny_model: Callable[[str], Path]
) -> None:
    data = write(tmp_path / "a.jsonl", asked(20))
    run = made(tiny_model("llama"), data, "evaluation.rows=4")
    found = held_out_of(run)
    assert len(found.rows) == 4
    assert found.source == "4 of the data's rows"
    assert {row.asked for row in found.rows} < {f"What is {n} and {n}?" for n in range(20)}
    prepared = prepared_of(run)
    assert prepared is not None
    shutil.rmtree(prepared.folder)  # as the cache does with what was not used for long
    assert held_out_of(run) == found


@pytest.mark.slow
def test_that_a_held_out_file_is_read_less_what_was_trained_on(
    tmp_path: Path, tiny_model: Callable[[str], Path]
) -> None:
    data, held_out = write(tmp_path / "a.jsonl", asked(20)), write(tmp_path / "b.jsonl", asked(3, 19))
    found = held_out_of(made(tiny_model("llama"), data, f"evaluation.path={held_out}"))
    assert [row.asked for row in found.rows] == ["What is 20 and 20?", "What is 21 and 21?"]


@pytest.mark.slow
def test_that_data_which_changed_since_are_not_taken_for_what_was_held_out(
    tmp_path: Path, tiny_model: Callable[[str], Path]
) -> None:
    data = write(tmp_path / "a.jsonl", asked(20))
    run = made(tiny_model("llama"), data, "evaluation.rows=4")
    write(data, asked(25))
    with pytest.raises(UserError, match="are not what they were") as refused:
        held_out_of(run)
    assert "the data changed" in refused.value.why


def test_that_a_run_which_held_nothing_out_says_so(tmp_path: Path) -> None:
    run = RunFolder.create(recipe(write(tmp_path / "a.jsonl", asked(20))))
    with pytest.raises(UserError, match="held no rows out"):
        held_out_of(run)
