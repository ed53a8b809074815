"""Paths that people write, and what is found wrong before a process is started."""

import os
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from workbench.core import sources
from workbench.core.job.events import Ended, RunEnd, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides

NOBODY = "~nobody-of-that-name/model"
LONG = "n" * 300


@pytest.mark.parametrize(
    ("source", "is_folder"),
    [
        ("starter", False),
        ("org/name", False),
        ("gpt2", False),
        ("./gpt2", True),
        ("~/model", True),
        ("/models/one", True),
        ("three/part/name", True),
        (NOBODY, True),
        (LONG, True),
        (f"org/{'n' * 90}", False),
        (f"org/{LONG}", True),
        ("nul\0byte", True),
        ("", True),
    ],
)
def test_that_any_text_is_a_folder_or_an_id_of_the_hub(source: str, is_folder: bool) -> None:
    assert (sources.model_path(source) is not None) == is_folder


def test_that_a_home_is_put_in_for_its_sign() -> None:
    assert sources.model_path("~/model") == Path("~/model").expanduser()
    assert sources.data_path("~/rows.jsonl") == Path("~/rows.jsonl").expanduser()
    assert sources.data_path(NOBODY) == Path(NOBODY)


@pytest.mark.parametrize("name", [NOBODY, LONG, f"/{LONG}", "/no/such/place", f"org/{LONG}"])
def test_that_a_model_or_data_that_cannot_be_there_is_refused_in_a_sentence(name: str, rows: Path) -> None:
    with pytest.raises(UserError) as model_error:
        preflight.check(tiny_recipe(Path(name), rows))
    with pytest.raises(UserError) as data_error:
        preflight.check(tiny_recipe(Path("starter"), Path(name)))
    for error in (model_error.value, data_error.value):
        assert error.what.endswith(".")
        assert name[:3] in error.what


@pytest.mark.skipif(os.name == "nt", reason="Windows has other limits")
def test_that_paths_that_cannot_be_there_are_made_absolute_without_a_fault(rows: Path) -> None:
    for name in (NOBODY, LONG):
        whole = preflight.with_absolute_paths(tiny_recipe(Path(name), Path(name)))
        assert whole.model.source == name
        assert whole.data.path.endswith(name)


def ended_run(state: RunEnd) -> RunFolder:
    run = RunFolder.create(Recipe())
    journal = JournalWriter(run.journal)
    journal.write(Started(attempt=1, pid=os.getpid(), versions={}))
    journal.write(Ended(state=state, step=4))
    journal.close()
    return run


def refusal(run: RunFolder, extra_steps: int = 0) -> str:
    with pytest.raises(UserError) as error:
        preflight.check_resume(run, extra_steps, if_alive="Follow.", if_finished="Add steps.")
    return str(error.value)


@pytest.mark.parametrize(("state", "extra_steps"), [("stopped", 0), ("crashed", 0), ("finished", 50)])
def test_that_a_run_goes_on_from_the_step_it_reached(state: RunEnd, extra_steps: int) -> None:
    run = ended_run(state)
    outline = preflight.check_resume(run, extra_steps, if_alive="", if_finished="")
    assert (outline.step, outline.attempt) == (4, 1)


@pytest.mark.parametrize("extra_steps", [0, 50])
def test_that_a_run_that_lives_does_not_go_on_twice(extra_steps: int) -> None:
    run = ended_run("stopped")
    with run.hold():
        assert refusal(run, extra_steps) == f"Run {run.name} is running. Follow."


def test_that_a_finished_run_goes_on_for_more_steps_only() -> None:
    run = ended_run("finished")
    assert refusal(run) == f"Run {run.name} has finished its 4 steps. Add steps."


def test_that_a_run_whose_journal_cannot_be_read_does_not_go_on() -> None:
    run = RunFolder.create(Recipe())
    run.journal.mkdir()
    assert refusal(run).startswith(f"Run {run.name} cannot be read: ")


def test_that_a_chat_template_that_is_not_there_is_refused_before_a_process_is_started(rows: Path) -> None:
    recipe = with_overrides(tiny_recipe(Path("starter"), rows), ["data.template=chatlm"])
    with pytest.raises(UserError, match=r'called "chatlm".* nearest one is "chatml"'):
        preflight.check(recipe)
    preflight.check(with_overrides(recipe, ["data.template=chatml"]))


def test_that_a_template_file_is_found_from_anywhere() -> None:
    by_name = with_overrides(Recipe(), ["data.template=chatml"])
    assert preflight.with_absolute_paths(by_name).data.template == "chatml"
    by_path = with_overrides(Recipe(), ["data.template=mine.jinja"])
    assert preflight.with_absolute_paths(by_path).data.template == str(Path("mine.jinja").resolve())


def test_that_a_file_beside_the_rows_that_is_not_as_they_are_is_named(rows: Path, tmp_path: Path) -> None:
    other = tmp_path / "held.csv"
    other.write_text("Frage,Antwort\nWas?,Das.\n", encoding="utf-8")
    said = ["data.prompt_column=prompt", "data.completion_column=completion"]
    for setting, title in (("evaluation.path", "Held-out file"), ("evaluation.score_path", "Exact-match file")):
        recipe = with_overrides(tiny_recipe("starter", rows), [*said, f"{setting}={other}"])
        with pytest.raises(UserError) as raised:
            preflight.check(recipe)
        assert raised.value.what.startswith(f"{title} {other}: ")
        assert setting in raised.value.remedy


def test_that_rows_are_grouped_though_the_file_beside_them_has_no_groups(tmp_path: Path) -> None:
    rows, held_out = tmp_path / "rows.csv", tmp_path / "held.csv"
    rows.write_text("Question,Answer,Topic\n" + "".join(f"What {n}?,That {n}.,{n % 2}\n" for n in range(9)), "utf-8")
    held_out.write_text("Question,Answer\nWho?,They.\n", encoding="utf-8")
    recipe = tiny_recipe("starter", rows, "data.group_column=Topic", f"evaluation.path={held_out}")
    preflight.check(recipe)
