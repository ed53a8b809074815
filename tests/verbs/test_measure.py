"""`workbench measure` refuses what cannot be raced before a process is started."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.races import race, row
from tests.runs import workbench
from workbench.core import places
from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.race import STARTER
from workbench.verbs import measure as measure_verb


@pytest.fixture
def folder(tiny_model: Callable[[str], Path]) -> Path:
    return tiny_model("llama")


def refused(*words: str) -> str:
    done = workbench("measure", *words, "--json", code=2)
    assert done.stdout == ""
    assert not places.studies().exists()
    return done.stderr


def test_that_what_cannot_be_raced_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    model = ("--model", str(folder))
    assert 'no precision "nf5"' in refused(*model, "--precisions", "bf16", "nf5")
    assert 'no model "nowhere"' in refused("--model", "nowhere")
    assert "no config.json" in refused("--model", str(tmp_path))
    assert "cannot be read" in refused(*model, "--text", str(tmp_path / "none.txt"))
    assert "is a folder" in refused(*model, "--report", str(tmp_path))
    assert "no folder" in refused(*model, "--report", str(tmp_path / "a" / "b.html"))
    assert "none.jsonl" in refused(*model, "--train-steps", "2", "--data", str(tmp_path / "none.jsonl"))


def test_that_a_model_is_found_by_its_folder_or_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure_verb.model_of(STARTER) == STARTER
    assert measure_verb.model_of(places.STARTER) == STARTER
    places.models().mkdir(parents=True)
    (places.models() / "Mine").symlink_to(folder)
    assert measure_verb.model_of("mine") == str(folder)
    monkeypatch.chdir(folder.parent)
    assert measure_verb.model_of("llama") == str(folder)


def test_that_a_person_gets_a_table_answers_and_the_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    found = race(
        PrecisionMeasured(precision="fp32", problem="[b]The memory was not enough.[/b]"),
        row("bf16", reference=""),
        row("nf4", notes=["Once Q4_1."], answers=["It was [red]5[/red].", "Blue,"]),
    )
    measure_verb.show(found)
    told = capsys.readouterr().out
    for said in ("Perplexity", "20.100", "269 MB", "FP32: [b]The memory was not enough.[/b]", "It was [red]5[/red]."):
        assert said in told
    assert found.sentence in told
    assert "Once Q4_1." in told
