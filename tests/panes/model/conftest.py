"""The Hub as the Model page's tests have it: out of reach, or on this machine."""

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest

from tests.panes.model.pages import LLAMA_8B, hub_with, point_at, write_llama_8b


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, nobody logged in, and a Hub that cannot be reached."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    point_at(monkeypatch, "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "hf" / "hub"


@pytest.fixture
def llama_hub(cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A Hub on this machine that has LLAMA_8B, which not every card holds."""
    with hub_with(monkeypatch, {LLAMA_8B: write_llama_8b(tmp_path / "llama-8b")}):
        yield
