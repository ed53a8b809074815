"""What each shape of rows declares holds together: its example is a file of it, and it is found by itself."""

from pathlib import Path

import pytest

from workbench.core.data.rows import read
from workbench.core.data.shapes.known import shapes
from workbench.core.data.shapes.shape import DataShape
from workbench.core.recipe.recipe import DataSettings


def test_that_shapes_differ_in_name_title_preference_and_place() -> None:
    found = shapes()
    assert [shape.name for shape in found] == ["messages", "sharegpt", "preference", "alpaca", "prompt", "text"]
    for values in zip(*((each.name, each.title, each.preference, each.example.place) for each in found), strict=True):
        assert len(set(values)) == len(found)


def test_that_a_recipe_can_name_every_shape() -> None:
    for shape in shapes():
        assert DataSettings(shape=shape.name).shape == shape.name


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
@pytest.mark.parametrize("is_named", [False, True])
def test_that_an_example_is_a_file_of_its_shape(shape: DataShape, is_named: bool, tmp_path: Path) -> None:
    path = tmp_path / "example.jsonl"
    path.write_text(" ".join(shape.example.text.splitlines()) + "\n", encoding="utf-8")
    rows = read(DataSettings(path=str(path), shape=shape.name if is_named else "auto"))
    assert rows.mapping.shape is shape
    assert not rows.mapping.is_guess
    row = rows.rows[0]
    assert bool(row.turns) == shape.has_turns
    assert row.asked == row.parts[0][1]
    assert row.characters == sum(len(text) for _, text in row.parts)
    if row.turns:
        assert row.turns[-1]["role"] == "assistant"
