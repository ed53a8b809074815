"""A model whose tokenizer is kept already, so that a page has real tokens at once; and a page of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.core.tokens.tokenizers_made import CHATML, byte_backend
from tests.panes.shown import forget
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.tokenizer import TokenizerFacts
from workbench.panes.data.page import DataPage
from workbench.panes.look.theme import Theme


@pytest.fixture
def kept_model(tmp_path: Path) -> Path:
    """A folder with a tokenizer of bytes, kept as the engine keeps it."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    named = {"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<pad>"}
    kept_tokenizer.keep(folder, byte_backend().to_str(), TokenizerFacts(named, templates={"default": CHATML}))
    return folder


@pytest.fixture
def store(qapp: QApplication, kept_model: Path) -> RecipeStore:
    made = RecipeStore()
    made.set("model.source", str(kept_model))
    return made


@pytest.fixture
def page(store: RecipeStore, theme: Theme) -> Iterator[DataPage]:
    made = DataPage(store, theme, Settings())
    settle(made)
    yield made
    made.window_closes()
    settle(made)
    forget(made)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a JSONL file; a row that is text already is written as it is."""

    def write(*rows: object, name: str = "a.jsonl") -> Path:
        lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
        path = tmp_path / name
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path

    return write


def settle(page: DataPage) -> None:
    """Waits for what was asked, and for what is asked for because of it: rows, their tokens, the row in sight."""
    for _ in range(5):
        assert wait_for_tasks(60)
        QApplication.processEvents()
