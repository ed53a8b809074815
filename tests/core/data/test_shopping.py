"""The starter dataset is what its generator writes, and holds out what it says."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from workbench.core import places
from workbench.core.data import rows as data_rows
from workbench.core.data.row import DataRow
from workbench.core.recipe.recipe import DataSettings


@pytest.fixture
def generator() -> ModuleType:
    path = places.resources() / "datasets" / "make_shopping.py"
    spec = importlib.util.spec_from_file_location("make_shopping", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_that_the_generator_writes_the_files_that_are_kept(generator: ModuleType, tmp_path: Path) -> None:
    generator.write(tmp_path)
    for path in places.built_in_datasets().values():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_that_500_rows_train_and_100_new_lists_are_held_out_half_in_new_wordings(generator: ModuleType) -> None:
    train, held_out = (
        data_rows.read(DataSettings(path=str(path), group_column="wording")).rows
        for path in places.built_in_datasets().values()
    )
    assert (len(train), len(held_out)) == (500, 100)
    assert [sum(row.group == group for row in held_out) for group in ("known", "new")] == [50, 50]
    assert not {row.answer for row in train} & {row.answer for row in held_out}

    def has_wording_of(row: DataRow, wordings: list[str]) -> bool:
        shop = json.loads(row.answer)["shop"]
        frames = [wording.replace("{shop}", shop).split("{list}") for wording in wordings]
        return any(row.asked.startswith(start) and row.asked.endswith(end) for start, end in frames)

    assert all(has_wording_of(row, generator.KNOWN_WORDINGS) for row in train)
    for row in held_out:
        assert has_wording_of(row, generator.NEW_WORDINGS) == (row.group == "new")


def test_that_every_answer_is_strict_json_of_what_the_sentence_says(generator: ModuleType) -> None:
    for path in places.built_in_datasets().values():
        for row in data_rows.read(DataSettings(path=str(path))).rows:
            answer = json.loads(row.answer)
            assert list(answer) == ["shop", "items"]
            assert f"the {answer['shop']}".lower() in row.asked.lower()
            for item in answer["items"]:
                assert f"{generator.COUNTS[item['count'] - 1]} {item['name']}" in row.asked
