"""What the model is told before the question: added, replaced, kept, or put into the question."""

import pytest

from workbench.core.data.row import DataRow
from workbench.core.data.row_kinds import CHANGES
from workbench.core.data.system import with_system
from workbench.core.recipe.recipe import DataSettings

PAIR = ({"role": "user", "content": "Is it?"}, {"role": "assistant", "content": "It is."})
OWN = ({"role": "system", "content": "Be kind."}, *PAIR)


@pytest.mark.parametrize(
    ("turns", "way", "said", "change"),
    [
        (PAIR, "add", "Be short.", "system prompt added"),
        (OWN, "add", "Be kind.", ""),
        (PAIR, "replace", "Be short.", "system prompt added"),
        (OWN, "replace", "Be short.", "system prompt replaced"),
        (PAIR, "keep", "", ""),
        (OWN, "keep", "Be kind.", ""),
    ],
)
@pytest.mark.parametrize("in_user", [False, True])
def test_that_a_row_is_given_the_system_text_that_the_recipe_wants(
    turns: tuple[dict[str, str], ...], way: str, said: str, change: str, in_user: bool
) -> None:
    settings = DataSettings(system_prompt="Be short.", system_turns=way, system_in_user=in_user)
    made = with_system(DataRow(turns=turns), settings)
    if in_user:
        assert made.turns[0] == {"role": "user", "content": f"{said}\n\nIs it?" if said else "Is it?"}
    else:
        assert made.turns[:-2] == (({"role": "system", "content": said},) if said else ())
    assert made.turns[-1] == PAIR[-1]
    moved = "system in the question" if in_user and said else ""
    assert made.changes == tuple(filter(None, (change, moved)))
    assert set(made.changes) <= CHANGES.keys()


def test_that_nothing_is_said_to_rows_without_turns_or_without_a_system_prompt() -> None:
    settings = DataSettings(system_prompt="Be short.", system_in_user=True)
    text = DataRow(text="Once.")
    assert with_system(text, settings) is text
    row = DataRow(turns=OWN)
    assert with_system(row, DataSettings()) is row


def test_that_a_system_text_without_a_question_becomes_one() -> None:
    row = DataRow(turns=(OWN[0], PAIR[1]))
    made = with_system(row, DataSettings(system_in_user=True))
    assert made.turns == ({"role": "user", "content": "Be kind."}, PAIR[1])
