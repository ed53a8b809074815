"""The tokens of a row that is written are those that preparing makes of it, told field by field."""

import pytest

from tests.core.tokens.test_tokenizing import recipe_of
from tests.core.tokens.tokenizers_made import byte_tokenizer
from tests.core.tokens.wild_templates import TAKES_NO_SYSTEM, WILD
from workbench.core.data.edits.value import Value, row_of, with_text
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.panes.data.editing.row_counted import CountedRow, FieldCounter, mended
from workbench.panes.data.seen.shown_tokens import CONTEXT, SPECIAL, TRAINED, TRUNCATED

PAIR: Value = {"prompt": "Tea?", "completion": "Yes."}
END = 2  # the end of a turn and the line break behind it
TURNS: Value = {
    "messages": [
        {"role": "user", "content": "Tea?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "Both."},
    ]
}


def counted(value: Value, *, before: Value | None = None, name: str = "", **settings: object) -> CountedRow:
    tokenizer = WILD[name].tokenizer(name) if name else byte_tokenizer()
    return FieldCounter(recipe_of(**settings), tokenizer).count(value, before)  # type: ignore[arg-type]


def led(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


@pytest.mark.parametrize("name", sorted(WILD))
@pytest.mark.parametrize("value", [PAIR, TURNS], ids=["pair", "turns"])
def test_that_the_four_numbers_are_those_of_the_rows_that_are_trained_on(name: str, value: Value) -> None:
    made = counted(value, name=name)
    (found,) = RowTokenizer(WILD[name].tokenizer(name), recipe_of()).rows([row_of(value)])
    assert isinstance(found, list)
    count = made.count
    assert count.total == sum(len(piece.ids) for piece in found)
    assert count.learned == sum(piece.learned for piece in found)
    assert count.read + count.template + count.learned + count.cut == count.total
    assert made.pieces == len(found)
    assert not count.cut


@pytest.mark.parametrize("name", sorted(WILD))
def test_that_what_is_learned_is_the_answers_with_their_ends(name: str) -> None:
    made = counted(TURNS, name=name)
    assert made.count.learned == made.own["1"] + made.own["3"]
    assert (made.own["0"], made.own["2"]) == (4, 4)


def test_that_a_field_is_counted_beside_what_it_was() -> None:
    made = counted({**PAIR, "completion": "Yes, tea."}, before=PAIR)
    assert made.own == {"prompt": 4, "completion": 9 + END}
    assert made.before == {"prompt": 4, "completion": 4 + END}


def test_that_turns_are_not_compared_with_those_of_a_longer_conversation() -> None:
    shorter = {"messages": TURNS["messages"][:2]}
    assert counted(TURNS, before=shorter).before == {}
    assert counted(with_text(TURNS, "0", "Coffee?"), before=TURNS).before["0"] == 4


def test_that_the_stretches_are_the_row_in_its_order() -> None:
    made = counted(PAIR)
    assert [kind for kind, _ in made.runs] == [SPECIAL, CONTEXT, SPECIAL, TRAINED]
    assert made.shown == made.count.total


def test_that_what_the_longest_row_cuts_is_counted_and_said_of_the_answer() -> None:
    whole = counted(PAIR).count.total
    made = counted(PAIR, max_length=whole - 3)
    assert made.runs[-1] == (TRUNCATED, 3)
    assert (made.count.cut, made.cut_answer, made.count.total, made.longest) == (3, 3, whole, whole - 3)
    assert made.count.learned == 4 + END - 3
    at_start = counted(PAIR, max_length=whole - 3, too_long="cut_start")
    assert at_start.runs[0] == (TRUNCATED, 3)
    assert (at_start.count.cut, at_start.cut_answer, at_start.count.learned) == (3, 0, 4 + END)


def test_that_a_row_that_is_left_out_for_its_length_is_cut_as_a_whole() -> None:
    whole = counted(PAIR).count.total
    made = counted(PAIR, max_length=whole - 3, too_long="leave_out")
    assert made.count.is_left_out
    assert (made.runs, made.kinds[TRUNCATED], made.count.learned) == (((TRUNCATED, whole),), whole, 0)
    assert made.own == counted(PAIR).own


def test_that_a_row_of_which_nothing_is_learned_has_tokens_in_its_fields_alone() -> None:
    made = counted({"messages": [led("user", "Tea?"), {**led("assistant", "Yes."), "weight": 0}]})
    assert made.count.is_left_out
    assert (made.count.total, made.runs) == (0, ())
    assert made.own == {"0": 4, "1": 4}


def test_that_the_recipes_system_prompt_is_read_and_belongs_to_no_field() -> None:
    made = counted(PAIR, system_prompt="Be short.")
    assert made.count.read == len("Be short.") + 4
    assert made.own == counted(PAIR).own
    inside = counted(PAIR, system_prompt="Be short.", system_in_user=True)
    assert inside.count.read > made.count.read
    assert inside.own == {"prompt": 4, "completion": 4 + END}


def test_that_a_row_for_each_answer_is_counted_as_all_of_them_and_drawn_as_the_longest() -> None:
    thinking: Value = {
        "messages": [
            led("user", "Tea?"),
            led("assistant", "<think>\nwhich\n</think>\n\nYes."),
            led("user", "Two?"),
            led("assistant", "Both."),
        ]
    }
    made = counted(thinking, name="qwen3")
    assert made.pieces == 2
    (found,) = RowTokenizer(WILD["qwen3"].tokenizer("qwen3"), recipe_of()).rows([row_of(thinking)])
    assert isinstance(found, list)
    assert made.count.total == sum(len(piece.ids) for piece in found)
    assert made.shown == max(len(piece.ids) for piece in found)


def test_that_plain_text_is_learned_as_it_is() -> None:
    made = counted({"text": "Tea is hot."})
    assert made.own == {"text": 12}  # with the end
    assert (made.count.read, made.count.learned) == (1, 11)  # nothing stands before the first


@pytest.mark.parametrize("name", TAKES_NO_SYSTEM)
def test_that_a_system_turn_that_is_refused_goes_into_the_first_question(name: str) -> None:
    made = counted({"messages": [led("system", "Be short."), *TURNS["messages"]]}, name=name)
    assert made.remedy == "Put it into the first question"
    value = mended({"messages": [led("system", "Be short."), *TURNS["messages"]]}, made.remedy)
    assert value["messages"][0] == led("user", "Be short.\n\nTea?")
    after = counted(value, name=name)
    assert not after.count.is_left_out
    assert not after.remedy


@pytest.mark.parametrize("name", TAKES_NO_SYSTEM)
def test_that_an_assistant_who_is_refused_the_first_turn_is_asked_before(name: str) -> None:
    made = counted({"messages": TURNS["messages"][1:]}, name=name)
    assert made.count.is_left_out
    assert made.remedy == "Put a question before it"
    value = mended({"messages": TURNS["messages"][1:]}, made.remedy)
    assert [turn["role"] for turn in value["messages"]] == ["user", "assistant", "user", "assistant"]
    asked = with_text(value, "0", "And?")
    assert not counted(asked, name=name).count.is_left_out


def test_that_a_template_that_takes_a_row_is_offered_nothing() -> None:
    assert counted({"messages": [led("system", "Be short."), *TURNS["messages"]]}).remedy == ""
    assert counted({"messages": TURNS["messages"][1:]}).remedy == ""


def test_that_without_a_tokenizer_characters_are_divided() -> None:
    value: Value = {"prompt": "a" * 40, "completion": "b" * 80}
    made = FieldCounter(recipe_of(), None).count(value, {**value, "completion": ""})
    assert made.count.is_estimate
    assert (made.count.read, made.count.learned, made.count.total, made.characters) == (10, 20, 30, 120)
    assert made.before == {"prompt": 10, "completion": 0}
    cut = FieldCounter(recipe_of(max_length=25), None).count(value, None)
    assert (cut.count.learned, cut.count.cut, cut.cut_answer, cut.runs[-1]) == (15, 5, 5, (TRUNCATED, 5))


def test_that_a_key_in_a_row_is_told() -> None:
    made = counted({**PAIR, "completion": "Use sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF now"})
    assert "secret" in [kind for kind, _ in made.count.told]


def test_that_empty_texts_are_counted_as_what_is_around_them() -> None:
    made = counted({"prompt": "", "completion": ""})
    assert made.own == {"prompt": 0, "completion": END}
    assert [kind for kind, _ in made.count.told] == ["empty"]
    assert made.shown > END
    assert made.pieces == 0
    assert counted({"text": ""}).own == {"text": 0}
