"""A Hub model for a training: the fetch job's way, what lies here where the Hub cannot be asked, and no waiting."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.hub_server import COMMIT
from tests.hub_shelf import Shelf, Shelved
from workbench.core.hub import cache as hub_cache
from workbench.core.job.events import Ended, Phase
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.engine.job.job import Job
from workbench.engine.model.fetch import fetch_from_hub


@pytest.fixture
def on_the_hub(shelf: Shelf, tiny_model: Callable[[str], Path]) -> Shelf:
    files = {path.name: path.read_bytes() for path in tiny_model("llama").iterdir()}
    shelf.models["org/model"] = Shelved(files)
    return shelf


@pytest.fixture
def job(rows: Path) -> Iterator[Job]:
    made = Job(RunFolder.create(tiny_recipe(Path("x"), rows, "model.source=org/model")))
    yield made
    made.end(Ended(state="finished"))


def test_that_it_comes_by_bytes_and_its_size_is_known(on_the_hub: Shelf, job: Job) -> None:
    folder = fetch_from_hub(job, "org/model", "")
    assert folder == hub_cache.snapshot("org/model")
    phases = [event for event in JournalReader(job.run.journal).read() if isinstance(event, Phase)]
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert phases[0].name == "look up"
    assert {(phase.name, phase.unit, phase.total) for phase in phases[1:]} == {("download", "bytes", size)}
    assert phases[-1].done == size


def test_that_a_pinned_commit_that_is_here_is_not_asked_for(on_the_hub: Shelf, job: Job) -> None:
    folder = fetch_from_hub(job, "org/model", COMMIT)
    asked = len(on_the_hub.asked)
    assert fetch_from_hub(job, "org/model", COMMIT) == folder
    assert len(on_the_hub.asked) == asked


def test_that_what_lies_here_is_taken_where_nobody_is_asked(on_the_hub: Shelf, job: Job, home: Path) -> None:
    folder = fetch_from_hub(job, "org/model", "")
    asked = len(on_the_hub.asked)
    (home / "settings.json").write_text('{"offline": true}')
    assert fetch_from_hub(job, "org/model", "") == folder
    assert len(on_the_hub.asked) == asked
    assert job.run.history().notices[-1].text == (
        "org/model is taken as it lies on this machine. Offline mode is on in the settings."
    )
    with pytest.raises(UserError, match="org/other is not kept on this machine, and the Hub cannot be reached"):
        fetch_from_hub(job, "org/other", "")


def test_that_a_training_does_not_wait_for_a_hub_that_breaks_off(on_the_hub: Shelf, job: Job) -> None:
    on_the_hub.statuses = [(502, {})] * 4
    with pytest.raises(UserError, match="The download broke off") as caught:
        fetch_from_hub(job, "org/model", "")
    assert caught.value.why == "The Hub answered 502."
    assert "start again, and it goes on from there" in caught.value.remedy
    assert fetch_from_hub(job, "org/model", "").is_dir()
