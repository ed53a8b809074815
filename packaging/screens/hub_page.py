"""The Hub's view of the Model page: models of a Hub on this machine, some that are here, and one that arrives."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hub_models import MODELS, OPEN_TOKEN, Listed, known_models_served

if TYPE_CHECKING:
    from camera import Camera

    from workbench.panes.model.page import ModelPage

STATES = ("found", "arriving", "ask-first", "offline", "delete")
# Models that are here, with the bytes of their weights.
KEPT = {
    "Qwen/Qwen2.5-1.5B-Instruct": 3_087_000_000,
    "meta-llama/Llama-3.1-8B": 16_060_000_000,
    "Qwen/Qwen2.5-0.5B": 988_000_000,
    "HuggingFaceTB/SmolLM2-135M-Instruct": 269_000_000,
}
# Its name, number, bytes that are used and there are, load and temperature, and our bytes.
CARD = ("NVIDIA GeForce RTX 4070", 0, 900_000_000, 12_900_000_000, 1, 41, 0)
ARRIVING, WAITING = "Qwen/Qwen2.5-7B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"


def take_hub(camera: "Camera") -> None:
    """Every state of the view that is wanted."""
    from camera import rest, spin_until

    from tests.fetches import held_fetch
    from workbench.bridge.gpu_watch import CardStatus
    from workbench.panes.model.hub.kept import DeleteQuestion
    from workbench.panes.model.page import ModelPage

    if not camera.is_wanted("model", " ".join(f"model-hub-{state}" for state in STATES)):
        return
    window = camera.window
    cards, window.gpu.cards = window.gpu.cards, (CardStatus(*CARD),)
    window.gpu.changed.emit()
    with a_hub_of_known_models():
        for model_id, size in KEPT.items():
            keep_holes(model_id, size)
        window.show_page("model")
        page = window.pages["model"]
        assert isinstance(page, ModelPage)
        page.show_hub()
        find(page, "instruct")
        take_one(camera, page, "found", "Qwen/Qwen2.5-14B-Instruct")
        take_one(camera, page, "ask-first", "meta-llama/Llama-3.2-3B-Instruct")
        if camera.is_wanted("model", "hub-arriving"):
            with held_fetch(ARRIVING):
                window.fetches.find()
                rest(0.3)
                window.fetches.add(WAITING, total_bytes=16_060_000_000)
                take_one(camera, page, "arriving", WAITING)
                window.fetches.cancel(WAITING)
            spin_until(lambda: window.fetches.current is None)
        assert page.hub is not None
        if camera.is_wanted("model", "hub-offline"):
            page.hub.form.offline.click()
            rest(0.3)
            take_one(camera, page, "offline", "Qwen/Qwen2.5-0.5B")
            page.hub.form.offline.click()
        if camera.is_wanted("model", "hub-delete"):
            row = page.hub.machine.rows[0]
            camera.take_aside("model-hub-delete", lambda: DeleteQuestion(window.theme, row, window))
        page.leave_hub()
    window.gpu.cards = cards
    window.gpu.changed.emit()


def find(page: "ModelPage", words: str) -> None:
    from camera import rest, spin_until

    assert page.hub is not None
    page.hub.form.search.show_words(words)
    rest(0.3)
    spin_until(lambda: not page.is_pending)


def take_one(camera: "Camera", page: "ModelPage", state: str, chosen: str) -> None:
    from camera import rest, spin_until

    if camera.is_wanted("model", f"hub-{state}"):
        assert page.hub is not None
        page.hub.choose(chosen)
        rest(0.3)
        spin_until(lambda: not page.is_pending)
        camera.take("model", f"hub-{state}")


@contextmanager
def a_hub_of_known_models() -> Iterator[None]:
    """What the library asks from now on, in an empty cache and with a token of its own."""
    import keyring
    from huggingface_hub import constants

    from tests.keyrings import MemoryKeyring

    keyring.set_keyring(MemoryKeyring())
    from workbench.core.hub import token

    token.keep(OPEN_TOKEN)
    with known_models_served() as address:
        os.environ["HF_ENDPOINT"] = constants.ENDPOINT = address
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        constants.HUGGINGFACE_CO_URL_TEMPLATE = template
        yield


def keep_holes(model_id: str, size_bytes: int) -> None:
    """Puts a model into the cache, its weights as a hole in a file."""
    from tests.fetches import keep_model
    from workbench.core.hub import cache

    listed = MODELS.get(model_id)
    config = listed.files["config.json"] if isinstance(listed, Listed) else b'{"model_type": "llama"}'
    licence = "llama3.1" if "llama" in model_id else "apache-2.0"
    header = json.dumps({"x": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    files = {
        "config.json": config,
        "README.md": f"---\nlicense: {licence}\n---\n".encode(),
        "model.safetensors": len(header).to_bytes(8, "little") + header,
    }
    keep_model(model_id, files)
    snapshot = cache.snapshot(model_id)
    assert snapshot is not None
    os.truncate(snapshot / "model.safetensors", size_bytes)
