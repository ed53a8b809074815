"""A Hub of this machine for the Hub's view, and the view in a page as a window shows it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import keyring
import numpy as np
import pytest
from safetensors.numpy import save

from tests.hub_server import empty_cache_at
from tests.hub_shelf import SMALL_CONFIG, Shelf, Shelved, shelf_served, small_model
from tests.keyrings import MemoryKeyring
from tests.panes.model.hub.desks import HubDesk, hub_desk
from workbench.core.hub import token as hub_token
from workbench.core.model.families import known as families
from workbench.panes.look.theme import Theme

SMALL = small_model(100)


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", "/nowhere/token")
    before = keyring.get_keyring()
    kept = MemoryKeyring()
    keyring.set_keyring(kept)
    hub_token.state()
    yield kept
    keyring.set_keyring(before)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Five models: an open one, a larger one, one that is gated, one of pickles, and one of an unknown family."""
    cache = empty_cache_at(tmp_path / "hf", monkeypatch)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    made = Shelf()
    made.models = {
        "org/small": Shelved(of_config(), downloads=500),
        "org/large": Shelved(of_config(hidden_size=64, num_hidden_layers=4), downloads=400),
        "other/gated": Shelved(of_config(), downloads=300, licence="llama3.1", gated="manual", given_to={"hf_granted"}),
        "org/pickles": Shelved({"config.json": b"{}", "pytorch_model.bin": b"x"}, downloads=200, licence=""),
        "org/unknown": Shelved(
            {**SMALL, "config.json": json.dumps({"model_type": "unheard-of", "hidden_size": 8}).encode()}, downloads=100
        ),
    }
    with shelf_served(made, monkeypatch):
        yield made


def of_config(**changed: Any) -> dict[str, bytes]:
    """The files of a small model with all the tensors that its config.json says."""
    config = SMALL_CONFIG | changed
    tensors = {name: np.zeros(size, np.float16) for name, size in families.read(config).tensors.items()}
    return {**SMALL, "config.json": json.dumps(config).encode(), "model.safetensors": save(tensors)}


@pytest.fixture
def desk(theme: Theme, shelf: Shelf) -> Iterator[HubDesk]:
    with hub_desk(theme) as made:
        yield made
