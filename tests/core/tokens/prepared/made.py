"""Rows prepared on the spot with a small tokenizer, as tests look at them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.core.tokens.tokenizers_made import byte_tokenizer
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared import cache
from workbench.core.tokens.prepared.preparing import Preparation
from workbench.core.tokens.tokenizer import TextTokenizer


def write(path: Path, rows: Sequence[dict[str, Any] | str]) -> Path:
    """Rows as JSONL; a string stands as a line of its own, such as a broken one."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def asked(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Rows of prompt and completion, each a little different."""
    return [{"prompt": f"What is {n} and {n}?", "completion": f"It is {2 * n}."} for n in range(first, first + count)]


def recipe(data: Path, *changes: str) -> Recipe:
    return recipe_text.with_overrides(Recipe(), [f"data.path={data}", "training.max_length=128", *changes])


def preparation(data: Path, *changes: str, tokenizer: TextTokenizer | None = None) -> Preparation:
    return Preparation(recipe(data, *changes), tokenizer or byte_tokenizer(), lambda *_: None)


def prepared(data: Path, *changes: str, tokenizer: TextTokenizer | None = None) -> DataPrepared:
    """The rows of a file, prepared with these changes of a recipe."""
    found = preparation(data, *changes, tokenizer=tokenizer)
    return found.find() or found.make(lambda *_: None)


def sequences(found: DataPrepared, name: str = cache.TRAINED) -> list[dict[str, list[int]]]:
    """The rows of the Arrow file."""
    with pa.memory_map(str(Path(found.folder) / name)) as file:
        rows: list[dict[str, list[int]]] = pa.ipc.open_stream(file).read_all().to_pylist()
        return rows


def kinds(found: DataPrepared) -> dict[str, int]:
    """How many rows there are of each kind."""
    return {entry.why: entry.count for entry in found.found}
