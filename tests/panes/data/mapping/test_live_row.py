"""One row by a choice that has just been made, from what is at hand."""

from typing import Any

from workbench.core.data.source import Place
from workbench.core.recipe.recipe import Recipe
from workbench.panes.data.mapping.live_row import live_view
from workbench.panes.data.mapping.sheet_rows import Values

ROWS: list[dict[str, Any]] = [
    {"a": f"Left {n}", "b": f"Right {n}", "c": "" if n == 1 else f"Third {n}"} for n in range(3)
]
VALUES: Values = [(Place(0, number + 2, -1), row) for number, row in enumerate(ROWS)]


def recipe(**data: str) -> Recipe:
    return Recipe.model_validate({"data": data})


def test_that_a_row_follows_the_choice_with_its_system_prompt() -> None:
    said = recipe(prompt_column="{a}: {b}", completion_column="c", system_prompt="Be kind.")
    view = live_view(VALUES, VALUES[0][0], "row 2", said, None)
    assert view is not None
    assert view.place == "row 2"
    assert [(turn.role, turn.text) for turn in view.turns] == [
        ("system", "Be kind."),
        ("user", "Left 0: Right 0"),
        ("assistant", "Third 0"),
    ]


def test_that_a_row_that_cannot_be_learned_says_why() -> None:
    said = recipe(prompt_column="a", completion_column="c")
    view = live_view(VALUES, VALUES[1][0], "row 3", said, None)
    assert view is not None
    assert view.problem == '"c" is empty.'


def test_that_a_row_that_is_not_at_hand_is_left_to_the_reading() -> None:
    said = recipe(prompt_column="a", completion_column="b")
    assert live_view(VALUES, Place(0, 99, -1), "row 99", said, None) is None
