"""The queue: kept from one start to the next, changed by several processes, told where it is damaged."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core import places
from workbench.core.job.label import read_label
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.queue import RunQueue

ROOT = Path(__file__).parents[3]


def asked(rank: int) -> Recipe:
    return recipe_text.with_overrides(Recipe(), [f"lora.rank={rank}", "lora.targets=q_proj,v_proj"])


def ranks() -> list[int]:
    """As another process finds them."""
    return [entry.recipe.lora.rank for entry in RunQueue().entries() if entry.recipe is not None]


def numbers() -> list[int]:
    return [entry.number for entry in RunQueue().entries()]


def test_that_what_waits_is_found_again_as_it_was() -> None:
    assert RunQueue().entries() == ()
    RunQueue().add([asked(1), asked(2)], ["a", "b"])
    RunQueue().add([asked(3)])
    entries = RunQueue().entries()
    assert [entry.recipe for entry in entries] == [asked(1), asked(2), asked(3)]
    assert [entry.tags for entry in entries] == [("a", "b"), ("a", "b"), ()]
    assert numbers() == [1, 2, 3]


def test_that_one_is_taken_out_and_its_number_is_not_given_again() -> None:
    queue = RunQueue()
    queue.add([asked(1), asked(2), asked(3)])
    assert queue.remove(3).number == 3
    assert queue.remove(1).number == 1
    assert queue.add([asked(4)])[0].number == 4
    assert (ranks(), numbers()) == ([2, 4], [2, 4])
    with pytest.raises(UserError, match="has the number 3"):
        queue.remove(3)


def test_that_they_are_put_into_another_order() -> None:
    queue = RunQueue()
    queue.add([asked(rank) for rank in (1, 2, 3, 4)])
    queue.move(4, 1)
    queue.move(1, 4)
    assert ranks() == [4, 2, 3, 1]
    for place in (0, 5, -1):
        with pytest.raises(UserError, match="There is no place"):
            queue.move(1, place)
    with pytest.raises(UserError, match="has the number 9"):
        queue.move(9, 1)
    assert ranks() == [4, 2, 3, 1]


def test_that_a_run_is_made_once_and_tagged() -> None:
    queue = RunQueue()
    queue.add([asked(1), asked(2)], ["sweep"])
    run = queue.begin(queue.entries()[0])
    assert run.recipe() == asked(1)
    assert read_label(run.path).tags == ("sweep",)
    assert RunQueue().entries()[0].run == run.name
    assert queue.begin(RunQueue().entries()[0]).path == run.path
    assert len(RunFolder.all()) == 1
    with run.hold(), pytest.raises(UserError, match="is at work"):
        queue.remove(1)
    queue.drop(1)
    queue.drop(1)
    assert ranks() == [2]
    shutil.rmtree(run.path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: "\x00",
        lambda text: "[" * 100_000,
        lambda text: text.replace('"number": 1', '"number": "one"'),
        lambda text: text.replace('"run": ""', '"run": "../other"'),
        lambda text: text.replace('"run": ""', '"run": ".."'),
        lambda text: text.replace('"run": ""', '"run": 3'),
        lambda text: text.replace('"tags": []', '"tags": null'),
    ],
)
def test_that_a_damaged_queue_is_told_and_not_written_over(damage: Callable[[str], str]) -> None:
    queue = RunQueue()
    queue.add([asked(1)])
    damaged = damage(queue.path.read_text())
    assert damaged != queue.path.read_text()
    queue.path.write_text(damaged)
    with pytest.raises(UserError, match="does not hold a queue"):
        queue.entries()
    with pytest.raises(UserError, match="does not hold a queue"):
        queue.add([asked(2)])
    assert queue.path.read_text() == damaged


def test_that_a_recipe_of_another_version_waits_with_what_is_wrong_and_stays_as_it_is() -> None:
    queue = RunQueue()
    queue.add([asked(1), asked(2)])
    document = json.loads(queue.path.read_text())
    document["entries"][0]["recipe"]["lora"]["novelty"] = 3
    queue.path.write_text(json.dumps(document))
    first, second = queue.entries()
    assert first.recipe is None
    assert "Number 1 of the queue has an unknown setting" in first.problem
    assert second.problem == ""
    with pytest.raises(UserError, match="unknown setting"):
        queue.begin(first)
    queue.move(2, 1)
    assert json.loads(queue.path.read_text())["entries"][1]["recipe"]["lora"]["novelty"] == 3


def test_that_a_home_that_cannot_be_written_to_is_a_sentence(home: Path) -> None:
    home.write_text("in the way")
    with pytest.raises(UserError, match="cannot be"):
        RunQueue().add([asked(1)])


def test_that_nothing_is_lost_where_two_processes_add_at_once() -> None:
    script = (
        "from workbench.core.runs.queue import RunQueue; from workbench.core.recipe.recipe import Recipe\n"
        "for _ in range(15): RunQueue().add([Recipe()])\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert numbers() == list(range(1, 31))


def test_that_one_process_at_a_time_works_it_off() -> None:
    with RunQueue().working(), pytest.raises(UserError, match="worked off by another process"), RunQueue().working():
        pass
    with RunQueue().working():
        assert places.home().is_dir()
