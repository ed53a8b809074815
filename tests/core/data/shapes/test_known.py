"""What each shape of rows declares holds together: its example is a file of it, and its texts are what is learned."""

from pathlib import Path

import pytest

from workbench.core.data.rows import read
from workbench.core.data.shapes.known import shape_of, shapes
from workbench.core.data.shapes.shape import DataShape
from workbench.core.recipe.recipe import DataSettings

SETTINGS = DataSettings()


def row_of(shape: DataShape, folder: Path) -> dict[str, object]:
    """The row of a shape's example, read from a file."""
    path = folder / "example.jsonl"
    path.write_text(" ".join(shape.example.text.splitlines()) + "\n", encoding="utf-8")
    rows = read(path, SETTINGS)
    assert rows.shape is shape
    return rows.rows[0]


def test_that_shapes_differ_in_name_title_preference_and_place() -> None:
    found = shapes()
    assert len(found) == 3
    for values in zip(*((each.name, each.title, each.preference, each.example.place) for each in found), strict=True):
        assert len(set(values)) == len(found)


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_that_an_example_is_a_file_of_its_shape(shape: DataShape, tmp_path: Path) -> None:
    row = row_of(shape, tmp_path)
    texts = [text for _, text in shape.parts(row)]
    assert shape.asked(row) == texts[0]
    assert shape.characters(row) == sum(map(len, texts))


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_that_what_is_learned_with_and_without_a_template_is_the_same(shape: DataShape, tmp_path: Path) -> None:
    row = row_of(shape, tmp_path)
    turns, plain = shape.turns(row), shape.plain(row)
    assert bool(turns) == shape.has_turns
    assert turns or plain
    if turns:
        assert turns[-1]["role"] == "assistant"
    if turns and plain:
        assert plain == (turns[0]["content"], turns[-1]["content"])


def test_that_a_conversation_comes_first_and_text_last_where_a_file_has_the_columns_of_all() -> None:
    columns = ["text", "completion", "prompt", "messages"]
    for name in ("messages", "prompt", "text"):
        found = shape_of(columns, SETTINGS)
        assert found is not None
        assert found.name == name
        columns.remove(name)
    assert shape_of(columns, SETTINGS) is None
