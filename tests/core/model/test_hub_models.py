"""What the Hub says of a model, and what the shared cache holds: a Hub of this machine, real processes."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.hub_server import COMMIT, HubHandler, empty_cache_at, serving
from workbench.core.model import hub_models
from workbench.core.model import shape as model_shape
from workbench.core.model.safetensors_header import read_header

TinyModel = Callable[[str], Path]

# Longer than any test waits: whoever waited for an answer would be late.
SILENCE_SECONDS = 120.0
# What a page does in a worker thread; the answer's limit is shortened so that a test need not wait for it.
SCRIPT = """
import json, sys
from workbench.core.hub import client
from workbench.core.model import hub_models
from workbench.core.problems import UserError
client.ANSWER_SECONDS = 1.0
try:
    shape = hub_models.look_up(*sys.argv[1:])
    told = {**vars(shape), "path": str(shape.path or ""), "block": vars(shape.block)}
except UserError as error:
    told = {"what": error.what, "why": error.why, "remedy": error.remedy}
told["heavy"] = [name for name in ("torch", "transformers", "PySide6") if name in sys.modules]
print(json.dumps(told))
"""


class Hub(HubHandler):
    """Gives the files of folders as the Hub does; other models are gated, missing, silent or nonsense."""

    folders: dict[str, Path]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/api/models/"):
            self._model(path.removeprefix("/api/models/").split("/"))
        else:
            self._file(path)

    do_HEAD = do_GET

    def _model(self, parts: list[str]) -> None:
        match parts:
            case ["org", "model", "revision", revision] if revision != COMMIT:
                self.answer(404, {"error": f"Invalid rev id: {revision}"}, "RevisionNotFound")
            case ["org", "gated" | "empty" as name, *_]:
                siblings = [{"rfilename": "config.json"}] if name == "gated" else []
                self.answer(200, {"id": f"org/{name}", "sha": COMMIT, "siblings": siblings})
            case ["org", "pickles", *_]:
                siblings = [{"rfilename": "config.json"}, {"rfilename": "pytorch_model.bin"}]
                self.answer(200, {"id": "org/pickles", "sha": COMMIT, "siblings": siblings})
            case ["org", "log-in-page", *_]:
                self.send(200, "text/html", b"<html>Welcome</html>")
            case ["org", "silent", *_]:
                time.sleep(SILENCE_SECONDS)
            case ["org", name, *_] if f"org/{name}" in self.folders:
                self.answer(200, self._facts(f"org/{name}"))
            case _:
                self.answer(401, {"error": "Invalid username or password."}, "RepoNotFound")

    def _facts(self, model_id: str) -> dict[str, Any]:
        folder = self.folders[model_id]
        counted: dict[str, int] = {}
        for path in folder.glob("*.safetensors"):
            for tensor in read_header(path).values():
                counted[tensor.dtype] = counted.get(tensor.dtype, 0) + tensor.numbers
        return {
            "id": model_id,
            "sha": COMMIT,
            "cardData": {"license": "apache-2.0"},
            "siblings": [{"rfilename": path.name} for path in folder.iterdir()],
            "safetensors": {"parameters": counted, "total": sum(counted.values())},
        }

    def _file(self, path: str) -> None:
        _, owner, name, resolve, _, *rest = path.split("/")
        folder = self.folders.get(f"{owner}/{name}")
        file = folder / "/".join(rest) if folder else None
        if (owner, name) == ("org", "gated"):
            self.answer(401, {}, "GatedRepo")
        elif resolve != "resolve" or file is None or not file.is_file():
            self.answer(404, {}, "EntryNotFound")
        else:
            data = file.read_bytes()
            if bytes_range := self.headers.get("Range"):
                first, last = bytes_range.removeprefix("bytes=").split("-")
                data = data[int(first) : int(last) + 1]
            self.send(200, "application/octet-stream", data)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_cache_at(tmp_path / "hf", monkeypatch)


@pytest.fixture
def hub(empty_cache: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: TinyModel, tmp_path: Path) -> Iterator[None]:
    """The Hub is a small server on this machine."""
    folders = {"org/model": tiny_model("llama"), "org/other": tiny_model("gpt2"), "org/headless": tmp_path / "headless"}
    folders["org/headless"].mkdir()
    (folders["org/headless"] / "config.json").write_text('{"model_type": "bloom", "n_embed": 64, "n_layer": 2}')
    with serving(type("Hub", (Hub,), {"folders": folders})) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield


def looked_up(*words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told.pop("heavy") == [], "neither torch nor transformers is imported to ask the Hub"
    return told


@pytest.mark.parametrize(("model_id", "family"), [("org/model", "llama"), ("org/other", "gpt2")])
def test_that_the_hub_says_what_the_folder_would(
    model_id: str, family: str, hub: None, tiny_model: TinyModel, empty_cache: Path
) -> None:
    local = model_shape.from_folder(tiny_model(family))
    expected = replace(local, name=model_id, licence="apache-2.0", is_local=False, path=None)
    told = looked_up(model_id)
    assert told == {**json.loads(json.dumps(vars(expected), default=vars)), "path": ""}
    assert not empty_cache.exists(), "nothing is left in the cache"


def test_that_a_model_in_the_cache_is_not_asked_for(
    empty_cache: Path, tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = empty_cache / "models--org--model"
    shutil.copytree(tiny_model("llama"), folder / "snapshots" / COMMIT)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    told = looked_up("org/model")
    assert (told["name"], told["is_local"], told["parameters"]) == ("org/model", True, 123_200)


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        (
            ["org/gated"],
            "org/gated is gated: its owner wants its terms accepted first.",
            "Accept them on https://huggingface.co/org/gated, then enter a token with `workbench token set`.",
        ),
        (
            ["org/no-such-model"],
            'There is no model "org/no-such-model" on the Hub that can be seen from here.',
            "Check the spelling; a private model needs a token: `workbench token set`.",
        ),
        (
            ["not an id/of/anything"],
            '"not an id/of/anything" is not a name of the Hub.',
            "Write org/name for a model, or datasets/org/name for a dataset.",
        ),
        (
            ["org/pickles"],
            "org/pickles has its weights only as a pickle (pytorch_model.bin).",
            "Convert it to safetensors, or take a revision of the model that has safetensors.",
        ),
        (["org/model", "v9"], 'org/model has no revision "v9".', "Leave model.revision empty."),
        (["org/empty"], "org/empty has no config.json: it is not a model of transformers.", "Take another model."),
        (
            ["org/headless"],
            "org/headless/config.json does not say num_attention_heads (attention heads).",
            "Take the whole config.json of the model, or write them into it.",
        ),
        (
            ["org/log-in-page"],
            "org/log-in-page is not kept on this machine, and the Hub cannot be reached.",
            "Connect to the network, or give the path of a model folder.",
        ),
        (
            ["org/silent"],
            "org/silent is not kept on this machine, and the Hub cannot be reached.",
            "Connect to the network, or give the path of a model folder.",
        ),
    ],
    ids=["gated", "not there", "no id", "pickles", "no revision", "no config", "no heads", "log-in page", "silent"],
)
def test_that_what_the_hub_does_not_give_is_a_sentence(words: list[str], what: str, remedy: str, hub: None) -> None:
    told = looked_up(*words)
    assert (told["what"], told["remedy"]) == (what, remedy)


def test_that_no_network_is_a_sentence(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # a port that nobody listens on
    told = looked_up("org/model")
    assert told["what"] == "org/model is not kept on this machine, and the Hub cannot be reached."
    assert "refused" in told["why"]


def test_that_a_machine_set_offline_is_told_so(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert looked_up("org/model")["why"] == "HF_HUB_OFFLINE is set."


# -- the cache ---------------------------------------------------------------------------------------------------------


def test_that_no_cache_holds_no_models(empty_cache: Path) -> None:
    assert hub_models.cached() == []


def test_that_the_cache_is_listed_by_name(empty_cache: Path) -> None:
    def keep(model_id: str, *files: str, revision: str = "abc") -> Path:
        snapshot = empty_cache / f"models--{model_id.replace('/', '--')}" / "snapshots" / revision
        snapshot.mkdir(parents=True)
        for name in files:
            (snapshot / name).write_bytes(b"12345")
        return snapshot

    whole = keep("Org/b-model", "config.json", "model-1.safetensors", "model-2.safetensors")
    keep("org/a-model", "config.json")
    keep("org/tokenizer-alone", "tokenizer.json")
    (empty_cache / "datasets--org--rows" / "snapshots" / "abc").mkdir(parents=True)
    (empty_cache / "models--org--broken").mkdir()
    found = hub_models.cached()
    assert [(model.id, model.size_bytes, model.has_weights) for model in found] == [
        ("org/a-model", 0, False),
        ("Org/b-model", 10, True),
    ]
    assert found[1].path == whole
