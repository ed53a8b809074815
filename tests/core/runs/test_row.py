"""A run in the list: found by words and by tags."""

from datetime import datetime
from pathlib import Path

import pytest

from workbench.core.job.run_folder import RunState
from workbench.core.runs.row import RunRow

ROW = RunRow(
    name="2026-01-02-0304-qwen-questions",
    path=Path("runs"),
    state=RunState.FINISHED,
    started_at=datetime(2026, 1, 2, 3, 4),
    made_at=0.0,
    model="Qwen/Qwen2.5-0.5B",
    data="questions.xlsx",
    title="The first Überlauf",
    tags=("for the paper", "Rank 8"),
    notes="learns too slowly\nwith 1e-4",
)


@pytest.mark.parametrize(
    "words",
    ["", "  ", "qwen", "QUESTIONS xlsx", "überlauf first", "paper 1e-4 0.5b", "rank slowly", "2026-01-02"],
)
def test_that_it_is_found_by_words_of_its_names_model_data_tags_and_notes(words: str) -> None:
    assert ROW.holds(words)


@pytest.mark.parametrize("words", ["llama", "qwen llama", "finished", "paperrank"])
def test_that_all_of_the_words_have_to_be_there(words: str) -> None:
    assert not ROW.holds(words)


def test_that_it_is_found_by_all_of_its_tags() -> None:
    assert ROW.has_tags()
    assert ROW.has_tags("FOR THE PAPER", "rank 8")
    assert not ROW.has_tags("rank 8", "rank")


def test_that_it_is_called_as_a_person_calls_it() -> None:
    assert ROW.called == "The first Überlauf"
