"""What tests of the Model page share: a page with all it stands on, and models in the cache that programs share."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import huggingface_hub.constants
import pytest

from tests.core.model.test_hub_models import Hub
from tests.hub_server import serving
from tests.panes.shown import Frame, forget, shown
from tests.qt_waits import wait_until
from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.gpu_watch import CardStatus, GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape
from workbench.panes.look.theme import Theme
from workbench.panes.model.page import ModelPage

CARD = CardStatus("NVIDIA GeForce RTX 4070", 0, 900_000_000, 12_900_000_000, 1, 41, 0)
LLAMA_8B = "org/Llama-3.1-8B"
LLAMA_8B_CONFIG = {
    "model_type": "llama",
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128_256,
    "max_position_embeddings": 131_072,
    "tie_word_embeddings": False,
    "dtype": "bfloat16",
}


@dataclass
class Desk:
    """A page in a window with all it stands on."""

    page: ModelPage
    store: RecipeStore
    gpu: GpuWatch
    theme: Theme
    settings: Settings
    fetches: FetchQueue
    frame: Frame

    def look_up(self, model_id: str) -> None:
        """Chooses a model of the Hub and has the Hub asked about it."""
        self.store.set("model.source", model_id)
        self.settle()
        self.page.source.ask.click()
        self.settle()

    def settle(self) -> None:
        """Waits until all that was asked is answered."""
        assert wait_for_tasks(60)
        wait_until(lambda: self.page.tag.text not in ("Reading", "Asking the Hub"))


@contextmanager
def desk(theme: Theme, *, card: CardStatus | None = CARD, width: int = 1366) -> Iterator[Desk]:
    """A page as a window shows it at its start."""
    store, gpu, settings = RecipeStore(), GpuWatch(), Settings()
    gpu.cards = (card,) if card else ()
    fetches = FetchQueue()
    page = ModelPage(store, gpu, theme, settings, fetches)
    try:
        with shown(page, width) as frame:
            page.shown_first()
            made = Desk(page, store, gpu, theme, settings, fetches, frame)
            made.settle()
            yield made
    finally:
        fetches.close()
        assert wait_for_tasks(60)
        forget(page)


def cache_model(cache: Path, model_id: str, folder: Path, *, weights: bool = True) -> None:
    """Puts a model where huggingface_hub would; without weights, what asking for its config.json leaves."""
    kept = cache / f"models--{model_id.replace('/', '--')}"
    snapshot = kept / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("abc", encoding="utf-8")
    for path in folder.iterdir():
        if weights or path.name == "config.json":
            shutil.copy(path, snapshot)


def point_at(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Where huggingface_hub, which reads its environment once, looks for the Hub."""
    constants = huggingface_hub.constants
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.partition("/{repo_id}")
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + template[1] + template[2])


@contextmanager
def hub_with(monkeypatch: pytest.MonkeyPatch, folders: dict[str, Path]) -> Iterator[None]:
    """A Hub on this machine that has these models by their ids."""
    with serving(type("Hub", (Hub,), {"folders": folders})) as address:
        point_at(monkeypatch, address)
        yield


def write_llama_8b(folder: Path) -> Path:
    """What the Hub tells of LLAMA_8B before its weights are downloaded: a folder with its config.json."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA_8B_CONFIG), encoding="utf-8")
    return folder


def llama_8b() -> ModelShape:
    """A shape that not every card holds."""
    shape = model_shape.from_config(LLAMA_8B_CONFIG, LLAMA_8B)
    return replace(shape, licence="llama3.1", stored_as="BF16 in 4 safetensors files")
