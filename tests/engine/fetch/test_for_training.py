"""A Hub model for a training: the fetch job's way, what lies here where the Hub cannot be asked, and no waiting."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from tests.fakes import tiny_recipe
from tests.hub_server import COMMIT
from tests.hub_shelf import Shelf, Shelved
from workbench.core.hub import cache as hub_cache
from workbench.core.job.events import Ended, Phase
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunFolder
from workbench.core.machine.models_here import find_here
from workbench.core.model import hub_models
from workbench.core.problems import UserError
from workbench.engine.job.job import Job
from workbench.engine.model.fetch import fetch_from_hub
from workbench.engine.model.model_source import model_source


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


def test_that_an_adapter_of_the_hub_brings_its_base(on_the_hub: Shelf, job: Job, home: Path) -> None:
    said = {"peft_type": "LORA", "base_model_name_or_path": "org/model", "r": 2, "lora_alpha": 4}
    weights = save({"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": np.zeros((2, 2), np.float32)})
    on_the_hub.models["org/adapter"] = Shelved(
        {"adapter_config.json": json.dumps(said).encode(), "adapter_model.safetensors": weights}
    )
    asked = job.recipe.model.model_copy(update={"source": "org/adapter"})
    with pytest.raises(UserError, match="org/adapter is an adapter, and what it would take is its base's"):
        hub_models.look_up("org/adapter")
    for is_offline in ("false", "true"):
        (home / "settings.json").write_text(f'{{"offline": {is_offline}}}')
        found, name = model_source(job, asked)
        assert (found.folder, name) == (hub_cache.snapshot("org/model"), "org/model")
        assert found.adapter is not None
        assert found.adapter.path == hub_cache.snapshot("org/adapter")
    shape = hub_models.look_up("org/adapter")
    assert shape.adapter is not None
    assert shape.adapter.in_words == "rank 2, alpha 4, on q_proj"
    assert find_here("org/adapter").problem == ""


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
