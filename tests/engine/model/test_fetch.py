"""Models the Hub does not give, and a Hub that does not answer: each a sentence, and soon."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from huggingface_hub import constants

from tests.fakes import tiny_recipe
from tests.hub_server import COMMIT, HubHandler, empty_cache_at, serving
from workbench.core.hub import client
from workbench.core.job.events import Ended
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.engine.job.job import Job
from workbench.engine.model import fetch

Refused = Callable[..., str]

# Longer than any test waits: whoever waited for an answer would be late.
SILENCE_SECONDS = 120.0


class Hub(HubHandler):
    """Answers as the Hub does for a gated model, a model that is not there, and a revision that is not there."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        match path.removeprefix("/api/models/").split("/"):
            case ["org", "gated", *_]:  # of a gated model the Hub shows what it holds and gives no file
                siblings = [{"rfilename": "model.safetensors", "size": 2, "blobId": COMMIT}]
                self.answer(200, {"id": "org/gated", "sha": COMMIT, "gated": "auto", "siblings": siblings})
            case ["", "org", "gated", "resolve", *_]:
                self.answer(401, {}, "GatedRepo")
            case ["org", "model", "revision", revision]:
                self.answer(404, {"error": f"Invalid rev id: {revision}"}, "RevisionNotFound")
            case ["org", "pickles", *_]:
                siblings = [{"rfilename": "config.json"}, {"rfilename": "pytorch_model.bin"}]
                self.answer(200, {"id": "org/pickles", "sha": COMMIT, "siblings": siblings})
            case ["org", "log-in-page", *_]:  # as many a network gives before one has agreed to something
                self.send(200, "text/html", b"<html>Welcome</html>")
            case ["org", "breaks-off", *_]:
                self.close_connection = True
            case ["org", "silent", *_]:
                time.sleep(SILENCE_SECONDS)
            case _:
                # Whoever is not logged in is not told what there is (huggingface_hub 2.4, utils/_http.py).
                self.answer(401, {"error": "Invalid username or password."}, "RepoNotFound")


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty_cache_at(tmp_path / "hub", monkeypatch)


@pytest.fixture
def hub(empty_cache: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The Hub is a small server on this machine; gives its address."""
    with serving(Hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield address


@pytest.mark.parametrize(
    ("changes", "said", "remedy"),
    [
        (
            ["model.source=org/gated"],
            "org/gated is gated: its owner wants its terms accepted first.",
            "Accept them on https://huggingface.co/org/gated, then enter a token with `workbench token set`.",
        ),
        (
            ["model.source=org/no-such-model"],
            'There is no model "org/no-such-model" on the Hub that can be seen from here, and no such folder.',
            "Check the spelling; a private model needs a token: `workbench token set`.",
        ),
        (
            ["model.source=org/pickles"],
            "org/pickles has its weights only as a pickle (pytorch_model.bin).",
            "Convert it to safetensors, or take a revision of the model that has safetensors.",
        ),
        (
            ["model.source=org/model", "model.revision=v9"],
            'org/model has no revision "v9".',
            "Leave model.revision empty.",
        ),
    ],
    ids=["gated", "not there", "pickles", "revision not there"],
)
def test_that_a_model_the_hub_does_not_give_is_refused(
    changes: list[str], said: str, remedy: str, refused: Refused, mine: Path, hub: str
) -> None:
    told = refused("train", str(mine), *(word for change in changes for word in ("--set", change)))
    assert said in told
    assert remedy in told


@pytest.mark.parametrize("model_id", ["org/log-in-page", "org/breaks-off", "org/silent"])
def test_that_a_network_that_gives_no_sensible_answer_is_no_crash(
    model_id: str, hub: str, llama: Path, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In this process, where the library has read its environment long ago: an engine costs 10 s each.
    monkeypatch.setattr(constants, "ENDPOINT", hub)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.5)
    job = Job(RunFolder.create(tiny_recipe(llama, rows)))
    began = time.monotonic()
    try:
        with pytest.raises(UserError, match=f"{model_id} is not kept on this machine, and the Hub cannot be reached"):
            fetch.fetch_from_hub(job, model_id, "")
    finally:
        job.end(Ended(state="crashed", step=0))
    assert time.monotonic() - began < SILENCE_SECONDS


def test_that_a_hub_model_without_a_network_is_refused(
    refused: Refused, mine: Path, empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    said = refused("train", str(mine), "--set", "model.source=org/model")
    assert "org/model is not kept on this machine, and the Hub cannot be reached. HF_HUB_OFFLINE is set." in said
    assert "Connect to the network, or give the path of a model folder." in said


def test_that_a_hub_that_cannot_be_reached_is_a_sentence(
    refused: Refused, mine: Path, empty_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # a port that nobody listens on
    said = refused("train", str(mine), "--set", "model.source=org/model")
    assert "org/model is not kept on this machine, and the Hub cannot be reached." in said
    assert "Connection refused" in said
