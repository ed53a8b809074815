"""What the columns of a file are taken for: by names in many languages, by values, by a guess, or as a recipe says."""

import shlex
from typing import Any

import pytest

from workbench.core.data.mapping import Found, UnclearRows, find_mapping
from workbench.core.data.row import DataRow
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import DataSettings, Recipe


def found_in(*rows: dict[str, Any], **settings: Any) -> Found:
    return find_mapping(rows, DataSettings(**settings))


def roles(found: Found) -> tuple[str, dict[str, str]]:
    assert found.mapping is not None
    return found.mapping.shape.name, dict(found.mapping.columns)


def said(row: DataRow) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in row.turns]


# -- by names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        ("prompt", "completion"),
        ("Question", "Answer"),
        ("instruction", "response"),
        ("input", "output"),
        ("user", "assistant"),
        ("Q", "A"),
        ("Frage", "Antwort"),
        ("Eingabe", "Ausgabe"),
        ("Consigne", "Réponse"),
        ("question", "REPONSE"),
        ("Pregunta", "Respuesta"),
        ("Domanda", "Risposta"),
        ("Pergunta", "Resposta"),
        ("Vraag", "Antwoord"),
        ("Pytanie", "Odpowiedź"),
        ("Вопрос", "Ответ"),
        ("问题", "答案"),
        ("指令", "输出"),
        ("質問", "回答"),
        ("질문", "답변"),
        ("السؤال", "الجواب"),
        (" user_prompt ", "Model-Answer"),
        ("Customer question", "Expected answer"),
        ("customerQuestion", "agentReply"),
        ("text", "summary"),
    ],
)
def test_that_two_columns_are_known_by_their_names(prompt: str, completion: str) -> None:
    found = found_in({"id": 7, completion: "It is.", prompt: "Is it?", "note": None})
    assert roles(found) == ("prompt", {"prompt": prompt, "completion": completion})
    assert found.is_certain
    assert found.mapping is not None
    assert said(found.mapping.row({prompt: "a", completion: "b"})) == [("user", "a"), ("assistant", "b")]
    assert f"`{prompt}` is the prompt, `{completion}` the completion" in found.mapping.sentence


def test_that_ids_and_their_kin_are_never_taken_for_text() -> None:
    found = found_in({"question_id": "q-17", "question": "Is it?", "answer": "It is.", "answer_type": "yes"})
    assert roles(found) == ("prompt", {"prompt": "question", "completion": "answer"})


def test_that_a_system_column_and_tools_stand_beside_any_shape() -> None:
    tool = {"name": "warmth", "parameters": {}}
    row = {"System prompt": "Be short.", "question": "Is it?", "answer": "It is.", "tools": [tool]}
    found = found_in(row)
    assert found.mapping is not None
    assert found.mapping.sentence.endswith("`System prompt` the system text, `tools` the tools")
    read = found.mapping.row(row)
    assert said(read) == [("system", "Be short."), ("user", "Is it?"), ("assistant", "It is.")]
    assert read.tools == ({"type": "function", "function": tool},)
    assert said(found.mapping.row({**row, "System prompt": " "}))[0][0] == "user"


def test_that_a_system_column_found_by_its_name_is_left_alone_where_the_recipe_says_none() -> None:
    row = {"question": "Why?", "answer": "So.", "system": "Be kind."}
    assert roles(found_in(row))[1] == {"prompt": "question", "completion": "answer", "system": "system"}
    assert roles(found_in(row, system_column="none"))[1] == {"prompt": "question", "completion": "answer"}
    called = {"question": "Why?", "answer": "So.", "none": "Be kind."}
    assert roles(found_in(called, system_column="none"))[1]["system"] == "none"


# -- by values ---------------------------------------------------------------------------------------------------------

TURNS = [{"role": "user", "content": "Is it?"}, {"role": "assistant", "content": "It is."}]
SPOKEN = [{"from": "human", "value": "Is it?"}, {"from": "gpt", "value": "It is."}]


@pytest.mark.parametrize(("turns", "shape"), [(TURNS, "messages"), (SPOKEN, "sharegpt")])
@pytest.mark.parametrize("name", ["messages", "conversations", "whatever"])
def test_that_a_list_of_turns_is_a_conversation_under_any_name(turns: list[Any], shape: str, name: str) -> None:
    found = found_in({"source": "a book", name: turns})
    assert roles(found) == (shape, {"messages": name})
    assert found.is_certain
    assert found.mapping is not None
    assert said(found.mapping.row({name: turns})) == [("user", "Is it?"), ("assistant", "It is.")]


def test_that_a_table_may_hold_turns_as_json_text() -> None:
    found = found_in({"chat": '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]'})
    assert roles(found) == ("messages", {"messages": "chat"})


def test_that_the_only_text_is_plain_text_and_numbers_beside_it_are_not() -> None:
    assert roles(found_in({"lyrics": "La la la", "year": 1970})) == ("text", {"text": "lyrics"})
    assert roles(found_in({"title": "A mill", "content": "It stood by the water. " * 9})) == (
        "text",
        {"text": "content"},
    )


def test_that_single_turns_in_rows_are_said_to_be_such() -> None:
    found = found_in({"role": "user", "content": "Is it?"}, {"role": "assistant", "content": "It is."})
    assert (found.mapping, found.is_certain) == (None, False)
    assert "each row is one turn" in found.why


# -- by a guess --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (["It is a long and winding road.", "Yes, always."], ["Which road is it?", "Is it so?"], "are questions"),
        (["yes", "no", "yes", "no", "yes"], ["It rains", "It snows", "It pours", "A storm", "A thaw"], "repeat"),
    ],
)  # fmt: skip
def test_that_columns_without_telling_names_are_guessed_and_said_to_be(
    left: list[str], right: list[str], reason: str
) -> None:
    found = found_in(*({"A": one, "B": other} for one, other in zip(left, right, strict=True)))
    assert roles(found) == ("prompt", {"prompt": "B", "completion": "A"})
    assert found.is_certain
    assert found.mapping is not None
    assert found.mapping.is_guess
    assert found.why.startswith("Guessed: ")
    assert reason in found.why


def test_that_a_weak_guess_starts_no_run_and_says_what_would_settle_it() -> None:
    found = found_in({"My words": "a b", "B": "c d"})
    assert found.mapping is not None
    assert found.mapping.is_guess
    with pytest.raises(UnclearRows) as error:
        found.certain("rows.csv")
    assert error.value.found is found
    assert "It has: My words (a b), B (c d)." in error.value.why
    line = error.value.remedy.removeprefix("Say it: ").split(" (")[0]
    sets = [part for part in shlex.split(line) if part != "--set"]
    recipe = recipe_text.with_overrides(Recipe(), sets)
    settled = find_mapping([{"My words": "a b", "B": "c d"}], recipe.data)
    assert settled.is_certain
    assert settled.certain("rows.csv").columns == found.mapping.columns


def test_that_length_alone_is_a_guess_that_starts_no_run() -> None:
    found = found_in({"A": "The mill stood by it for years.", "B": "mill"}, {"A": "Snow fell on it.", "B": "snow"})
    assert roles(found) == ("prompt", {"prompt": "B", "completion": "A"})
    assert not found.is_certain
    assert len(found.candidates) == 2


@pytest.mark.parametrize("aside", ["id", "url", "created_at_date", "row number"])
def test_that_ids_dates_and_the_like_are_no_other_side(aside: str) -> None:
    found = found_in({aside: "x-17", "article": "The mill stood by the water.", "highlights": "A mill."})
    assert roles(found) == ("prompt", {"prompt": "article", "completion": "highlights"})
    assert found.is_certain


def test_that_of_two_columns_called_alike_the_one_that_repeats_is_not_meant() -> None:
    rows = [{"task": ("add", "sum")[n % 2], "question": f"{n} and {n}?", "answer": str(2 * n)} for n in range(12)]
    found = found_in(*rows)
    assert roles(found) == ("prompt", {"prompt": "question", "completion": "answer"})
    assert found.is_certain
    assert found.group == "task"


def test_that_one_side_known_by_its_name_leaves_the_other_to_what_text_there_is() -> None:
    found = found_in({"Utterance": "How are you?", "reply": "Well.", "n": 3})
    assert roles(found) == ("prompt", {"prompt": "Utterance", "completion": "reply"})
    assert found.is_certain
    assert found.mapping is not None
    assert found.mapping.is_guess


def test_that_text_beside_a_label_that_repeats_is_not_certain() -> None:
    rows = [{"lines": f"Some line {number} of it", "mark": "good" if number % 2 else "bad"} for number in range(12)]
    found = found_in(*rows)
    assert not found.is_certain
    assert {candidate.shape.name for candidate in found.candidates} == {"prompt", "text"}
    assert "several fit" in found.why


def test_that_several_shapes_that_fit_well_start_no_run_until_one_is_named() -> None:
    row = {"messages": TURNS, "question": "Is it?", "answer": "It is."}
    found = found_in(row)
    assert [candidate.shape.name for candidate in found.candidates] == ["messages", "prompt"]
    assert not found.is_certain
    for shape in ("messages", "prompt"):
        assert found_in(row, shape=shape).certain("a").shape.name == shape


def test_that_no_row_has_no_mapping() -> None:
    found = found_in()
    assert (found.mapping, found.candidates, found.why) == (None, (), "no row could be read.")


# -- as the recipe says ------------------------------------------------------------------------------------------------


def test_that_a_template_joins_columns_with_an_empty_cell_as_empty_text() -> None:
    row = {"Title": "Mill", "body": "Old.", "n": 3, "said": "Yes."}
    found = found_in(row, prompt_column="{title}: {body} {{{n}}}", completion_column="said")
    assert found.is_certain
    assert found.mapping is not None
    read = found.mapping.row(row)
    assert (read.asked, read.changes) == ("Mill: Old. {3}", ("numbers as text",))
    assert found.mapping.row({**row, "body": None}).asked == "Mill:  {3}"
    assert found.mapping.used == ("Title", "body", "n", "said")
    with pytest.raises(Wrong, match='"Title" and "body" and "n" is empty'):
        found.mapping.row({"said": "Yes."})


def test_that_a_column_named_with_braces_is_that_column() -> None:
    found = found_in({"{x}": "a", "said": "b"}, prompt_column="{x}", completion_column="said")
    assert found.mapping is not None
    assert found.mapping.row({"{x}": "a", "said": "b"}).asked == "a"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("{titel}: {body}", 'no column "titel". The nearest one is "title".'),
        ("{title", "the brace at position 1 has no partner"),
        ("title}", "the brace at position 6 has no partner"),
        ("bodi", 'no column "bodi". The nearest one is "body".'),
    ],
)
def test_that_a_template_that_cannot_be_read_is_a_sentence(asked: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        found_in({"title": "a", "body": "b", "said": "c"}, prompt_column=asked)
    assert words in str(error.value)


def test_that_names_in_settings_are_compared_as_people_write_them() -> None:
    found = found_in({"Main Text": "a", "said_then": "b"}, prompt_column="main_text", completion_column=" Said-Then")
    assert roles(found) == ("prompt", {"prompt": "Main Text", "completion": "said_then"})


def test_that_a_recipe_may_name_the_columns_of_several_shapes() -> None:
    named = {"prompt_column": "prompt", "completion_column": "completion", "messages_column": "messages"}
    assert roles(found_in({"messages": TURNS}, **named))[0] == "messages"
    assert roles(found_in({"prompt": "a", "completion": "b"}, **named))[0] == "prompt"
    with pytest.raises(UserError, match="no column"):
        found_in({"question": "a", "answer": "b"}, **named)


def test_that_a_shape_that_the_rows_do_not_have_is_refused() -> None:
    with pytest.raises(UserError, match="the rows do not hold conversations"):
        found_in({"question": "a", "answer": "b"}, shape="messages")


def test_that_rows_are_grouped_by_no_column_but_the_one_that_is_named() -> None:
    rows = [{"question": f"Is {n}?", "answer": f"{n}.", "Subject": "even" if n % 2 else "odd"} for n in range(12)]
    found = found_in(*rows)
    assert found.group == "Subject"
    assert found.mapping is not None
    assert found.mapping.row(rows[0]).group == ""
    grouped = found_in(*rows, group_column="subject").certain("a")
    assert grouped.row(rows[0]).group == "odd"
    assert grouped.sentence.endswith("`Subject` groups the rows")
    with pytest.raises(UserError, match=r"data\.group_column"):
        found_in(*rows, group_column="class")


def test_that_what_a_mapping_says_as_settings_is_the_same_mapping() -> None:
    for row in (
        {"question": "a", "answer": "b"},
        {"c": TURNS},
        {"words": "a"},
        {"prompt": "a", "chosen": "b", "rejected": "c"},
    ):
        mapping = found_in(row).certain("a")
        settings = {path.removeprefix("data."): value for path, value in mapping.settings.items()}
        assert found_in(row, **settings).certain("a").columns == mapping.columns


def test_that_a_hundred_thousand_columns_are_looked_at_in_bounded_time() -> None:
    row: dict[str, Any] = {f"column {number}": number for number in range(100_000)}
    found = found_in({"question": "a", "answer": "b", **row})
    assert roles(found)[0] == "prompt"
    assert len(found.sample.columns) <= 500


def test_that_a_column_of_one_value_groups_nothing() -> None:
    rows = [{"question": f"Why {n}?", "answer": f"So {n}.", "source": "mail"} for n in range(9)]
    assert found_in(*rows).group == ""
    assert found_in(*({**row, "source": ("mail", "phone")[n % 2]} for n, row in enumerate(rows))).group == "source"
