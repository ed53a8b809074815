"""On real chat templates, the loss counts exactly the answers with their ends."""

import pytest

from tests.core.tokens.test_tokenizing import learned_text, recipe_of
from tests.core.tokens.wild_templates import TAKES_NO_SYSTEM, WILD
from workbench.core.data.row import DataRow
from workbench.core.tokens.token_kinds import Fault
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizing import RowTokenizer

SYSTEM = {"role": "system", "content": "Be brief."}
SINGLE = [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue, usually."}]
MULTI = [*SINGLE, {"role": "user", "content": "Grün? 🙂"}, {"role": "assistant", "content": "Grüß Gott 🙂"}]

# What is learned of the first and of the second answer.
LEARNED = {
    "chatml": ("Blue, usually.<|im_end|>\n", "Grüß Gott 🙂<|im_end|>\n"),
    "llama-2": (" Blue, usually. </s>", " Grüß Gott 🙂 </s>"),
    "llama-3": ("Blue, usually.<|eot_id|>", "Grüß Gott 🙂<|eot_id|>"),
    "llama-3.1": ("Blue, usually.<|eot_id|>", "Grüß Gott 🙂<|eot_id|>"),
    "mistral": ("Blue, usually.</s>", "Grüß Gott 🙂</s>"),
    "gemma": ("Blue, usually.<end_of_turn>\n", "Grüß Gott 🙂<end_of_turn>\n"),
    "phi-3": ("Blue, usually.<|end|>\n", "Grüß Gott 🙂<|end|>\n"),
    "zephyr": ("Blue, usually.</s>\n", "Grüß Gott 🙂</s>\n"),
    "qwen3": ("<think>\n\n</think>\n\nBlue, usually.<|im_end|>\n", "<think>\n\n</think>\n\nGrüß Gott 🙂<|im_end|>\n"),
    "deepseek-r1": (
        "Blue, usually.<｜end▁of▁sentence｜>",  # noqa: RUF001  its own vertical bars
        "Grüß Gott 🙂<｜end▁of▁sentence｜>",  # noqa: RUF001
    ),
    "command-r": ("Blue, usually.<|END_OF_TURN_TOKEN|>", "Grüß Gott 🙂<|END_OF_TURN_TOKEN|>"),
    "marked": ("Blue, usually.<|im_end|>", "Grüß Gott 🙂<|im_end|>"),
}
WAYS = {"qwen3": "a row a turn", "marked": "marks"}
FINDINGS = {"deepseek-r1": {"asked otherwise"}, "phi-3": {"two ends"}}
WITH_SYSTEM = [name for name in WILD if name not in TAKES_NO_SYSTEM]


def rows_of(name: str, turns: list[dict[str, str]], **settings: object) -> list[TokenRow] | Fault:
    row = DataRow(turns=tuple(turns))
    return RowTokenizer(WILD[name].tokenizer(name), recipe_of(**settings)).rows([row])[0]


def told(rows: list[TokenRow]) -> set[str]:
    return {finding.kind for row in rows for finding in row.findings}


@pytest.mark.parametrize("name", WILD)
@pytest.mark.parametrize("turns", [SINGLE, MULTI], ids=["single", "multi"])
def test_that_each_answer_is_learned_with_one_end(name: str, turns: list[dict[str, str]]) -> None:
    made = rows_of(name, turns)
    assert isinstance(made, list)
    assert "|".join(map(learned_text, made)) == "|".join(LEARNED[name][: len(turns) // 2])
    assert {row.way for row in made} == {WAYS.get(name, "prefixes") if turns is MULTI else made[0].way}
    assert told(made) == FINDINGS.get(name, set())


@pytest.mark.parametrize("name", WITH_SYSTEM)
@pytest.mark.parametrize("turns", [SINGLE, MULTI], ids=["single", "multi"])
def test_that_a_system_turn_is_read_and_not_learned(name: str, turns: list[dict[str, str]]) -> None:
    made = rows_of(name, [SYSTEM, *turns])
    assert isinstance(made, list)
    assert all("Be brief." in row.text for row in made)
    assert "|".join(map(learned_text, made)) == "|".join(LEARNED[name][: len(turns) // 2])


@pytest.mark.parametrize("name", WILD)
@pytest.mark.parametrize("turns", [SINGLE, MULTI], ids=["single", "multi"])
def test_that_a_system_text_in_the_question_is_read_and_not_learned(name: str, turns: list[dict[str, str]]) -> None:
    made = rows_of(name, [SYSTEM, *turns], system_in_user=True)
    assert isinstance(made, list)
    assert all("Be brief.\n\nSky?" in row.text for row in made)
    assert "|".join(map(learned_text, made)) == "|".join(LEARNED[name][: len(turns) // 2])


@pytest.mark.parametrize("name", TAKES_NO_SYSTEM)
def test_that_a_refused_system_turn_gets_advice_that_works(name: str) -> None:
    made = rows_of(name, [SYSTEM, *MULTI])
    assert isinstance(made, Fault)
    assert made.kind == "system refused"
    assert "data.system_in_user = true" in made.advice
    assert RowTokenizer(WILD[name].tokenizer(name), recipe_of()).template_refuses_system


@pytest.mark.parametrize("name", WITH_SYSTEM)
def test_that_other_templates_take_a_system_turn(name: str) -> None:
    assert not RowTokenizer(WILD[name].tokenizer(name), recipe_of()).template_refuses_system


@pytest.mark.parametrize("name", WILD)
def test_that_only_the_last_answer_is_learned_where_that_is_asked_for(name: str) -> None:
    made = rows_of(name, MULTI, train_on="last")
    assert isinstance(made, list)
    assert [learned_text(row) for row in made] == [LEARNED[name][1]]


@pytest.mark.parametrize("name", WILD)
def test_that_an_answer_of_weight_0_is_context(name: str) -> None:
    made = rows_of(name, [MULTI[0], {**MULTI[1], "weight": 0}, *MULTI[2:]])  # type: ignore[dict-item, list-item]
    assert isinstance(made, list)
    assert [learned_text(row) for row in made] == [LEARNED[name][1]]


@pytest.mark.parametrize("name", WILD)
def test_that_everything_is_learned_where_that_is_asked_for(name: str) -> None:
    made = rows_of(name, MULTI, train_on="all")
    assert isinstance(made, list)
    assert [learned_text(row) for row in made] == [made[0].text]
    assert made[0].learned == len(made[0].ids) - 1


@pytest.mark.parametrize("name", WILD)
def test_that_what_is_asked_is_what_stands_before_the_answer(name: str) -> None:
    tokenizer = RowTokenizer(WILD[name].tokenizer(name), recipe_of())
    (made,) = tokenizer.rows([DataRow(turns=tuple(SINGLE))])
    assert isinstance(made, list)
    asked = tokenizer.ask(SINGLE[:1])
    first = int(made[0].trained.argmax())
    if name != "deepseek-r1":  # it is asked with a <think> that it is not learned with, and that is told
        assert asked.ids == made[0].ids[:first].tolist()
    assert made[0].text.startswith(asked.text.removesuffix("<think>\n"))


def test_that_rows_of_the_same_roles_are_learned_as_each_would_be_alone() -> None:
    contents = ["a", "", "assistant", "user\n", "  b  ", "<think>\nc</think>d", "\nc", "🙂", "a" * 300, "{{ x }}"]
    for name in WILD:
        tokenizer = RowTokenizer(WILD[name].tokenizer(name), recipe_of())
        rows = [
            DataRow(
                turns=(
                    {"role": "user", "content": asked},
                    {"role": "assistant", "content": answer},
                    {"role": "user", "content": answer},
                    {"role": "assistant", "content": asked + answer},
                )
            )
            for asked in contents
            for answer in contents
        ]
        together = tokenizer.rows(rows)
        for row, made in zip(rows, together, strict=True):
            (alone,) = RowTokenizer(tokenizer.tokenizer, recipe_of()).rows([row])
            assert isinstance(made, list)
            assert isinstance(alone, list)
            assert [learned_text(one) for one in made] == [learned_text(one) for one in alone]
            assert told(made) == told(alone)
