"""The Hub's view of the Model page: models of a Hub on this machine, some that are here, and one that arrives."""

import json
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hub_models import OPEN_TOKEN, known_models_served, llama

if TYPE_CHECKING:
    from camera import Camera

    from workbench.panes.model.page import ModelPage

STATES = ("found", "arriving", "ask-first", "offline", "delete")
# Models that are here, each with its config.json and the number of runs that were trained on it.
KEPT = {
    "Qwen/Qwen2.5-1.5B-Instruct": (llama(1536, 8960, 28, 12, 2, 151_936, tied=True, kind="qwen2"), 6),
    "meta-llama/Llama-3.1-8B": (llama(4096, 14336, 32, 32, 8, 128_256, tied=False), 1),
    "Qwen/Qwen2.5-0.5B": (llama(896, 4864, 24, 14, 2, 151_936, tied=True, kind="qwen2"), 0),
    "HuggingFaceTB/SmolLM2-135M-Instruct": (llama(576, 1536, 30, 9, 3, 49_152, tied=True), 9),
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
    with a_hub_of_known_models(), trained({name: count for name, (_, count) in KEPT.items()}):
        for model_id, (config, _) in KEPT.items():
            keep_holes(model_id, config)
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


def keep_holes(model_id: str, config: dict[str, Any]) -> None:
    """Puts a model into the cache, whole but for its weights, which are a hole in a file."""
    from tests.fetches import keep_model
    from workbench.core.hub import cache
    from workbench.core.model.families import known as families

    header, end = {}, 0
    for name, size in families.read(config).tensors.items():
        begin, end = end, end + 2 * math.prod(size)
        header[name] = {"dtype": "BF16", "shape": list(size), "data_offsets": [begin, end]}
    written = json.dumps(header).encode()
    written += b" " * (-len(written) % 8)
    licence = "llama3.1" if "Llama" in model_id else "apache-2.0"
    keep_model(
        model_id,
        {
            "config.json": json.dumps(config).encode(),
            "README.md": f"---\nlicense: {licence}\n---\n".encode(),
            "model.safetensors": len(written).to_bytes(8, "little") + written,
        },
    )
    snapshot = cache.snapshot(model_id)
    assert snapshot is not None
    os.truncate(snapshot / "model.safetensors", 8 + len(written) + end)


@contextmanager
def trained(counts: dict[str, int]) -> Iterator[None]:
    """Runs of the home whose recipes name these models."""
    from workbench.core.job.run_folder import RunFolder
    from workbench.core.recipe.recipe import Recipe

    runs = [
        RunFolder.create(Recipe.model_validate({"model": {"source": name}}))
        for name, count in counts.items()
        for _ in range(count)
    ]
    for number, run in enumerate(runs):
        day = time.time() - 86_400 * (1 + number // 6)  # a folder made just now counts as a run that is starting
        for path in (run.job, run.path):
            os.utime(path, (day, day))
    yield
    for run in runs:
        run.remove()
