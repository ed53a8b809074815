"""What is not learned as it was meant is told: by its kind, with what it is about and with advice that works."""

import json
from typing import Any

import pytest
from tokenizers import processors

from tests.core.tokens.test_tokenizing import learned_text, recipe_of
from tests.core.tokens.tokenizers_made import CHATML, byte_backend, byte_tokenizer
from tests.core.tokens.wild_templates import WILD
from workbench.core.data.row import DataRow
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.token_kinds import FAULTS, FINDINGS, SETTLED_BY, Fault, Finding
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts
from workbench.core.tokens.tokenizing import RowTokenizer

CALLS = (
    "{%- if tools -%}{{ '<|im_start|>system\n' + (tools | tojson) + '<|im_end|>\n' }}{%- endif -%}"
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' + (m['content'] or '') }}"
    "{%- for c in (m.tool_calls or []) -%}{{ '<call>' + (c.function | tojson) + '</call>' }}{%- endfor -%}"
    "{{ '<|im_end|>\n' }}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
NO_END = "{%- for m in messages -%}{{ m.role + ': ' + m.content + '\n' }}{%- endfor -%}"
CUTS_REASONING = (
    "{%- for m in messages -%}{%- if m.role == 'assistant' -%}{%- set said = m.content.split('</think>')[-1] -%}"
    "{{ '<|im_start|>assistant\n' + said + '<|im_end|>\n' }}"
    "{%- else -%}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n<think>\n' }}{%- endif -%}"
)
CALL = {"id": "c1", "type": "function", "function": {"name": "warmth", "arguments": {"town": "Bergen"}}}
TOOLS = ({"type": "function", "function": {"name": "warmth", "parameters": {"type": "object"}}},)
CALLING: tuple[dict[str, Any], ...] = (
    {"role": "user", "content": "How warm is it in Bergen?"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "name": "warmth", "content": "11"},
    {"role": "assistant", "content": "It is 11 degrees."},
)


def asked(question: str, answer: str, system: str = "") -> DataRow:
    first = ({"role": "system", "content": system},) if system else ()
    return DataRow(turns=(*first, {"role": "user", "content": question}, {"role": "assistant", "content": answer}))


def made_of(row: DataRow, tokenizer: TextTokenizer, **settings: Any) -> list[TokenRow]:
    made = RowTokenizer(tokenizer, recipe_of(**settings)).rows([row])[0]
    assert isinstance(made, list), made
    return made


def fault_of(row: DataRow, tokenizer: TextTokenizer, **settings: Any) -> Fault:
    made = RowTokenizer(tokenizer, recipe_of(**settings)).rows([row])[0]
    assert isinstance(made, Fault)
    return made


def findings(row: DataRow, tokenizer: TextTokenizer, **settings: Any) -> list[Finding]:
    return [finding for made in made_of(row, tokenizer, **settings) for finding in made.findings]


# -- tool calls, reasoning, system turns -------------------------------------------------------------------------------


def test_that_calls_and_tools_are_learned_where_the_template_writes_them() -> None:
    (made,) = made_of(DataRow(turns=CALLING, tools=TOOLS), byte_tokenizer(CALLS))
    call = '<call>{"name": "warmth", "arguments": {"town": "Bergen"}}</call><|im_end|>\n'
    assert learned_text(made) == f"{call}|It is 11 degrees.<|im_end|>\n"
    assert '"parameters"' in made.text
    assert [finding.detail for finding in made.findings] == ["name of the tool"]


def test_that_keys_the_template_cannot_write_are_named() -> None:
    told = findings(DataRow(turns=CALLING, tools=TOOLS), byte_tokenizer(CHATML))
    assert [finding.detail for finding in told if finding.kind == "key not shown"] == [
        "tools",
        "tool_calls of the assistant",
        "name of the tool",
    ]


def test_that_reasoning_beside_the_answer_is_named_where_it_is_not_written() -> None:
    turns = ({"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4", "reasoning_content": "Add."})
    told = findings(DataRow(turns=turns), byte_tokenizer(CHATML))
    assert told == [Finding("key not shown", "reasoning_content of the assistant")]
    (made,) = made_of(DataRow(turns=turns), WILD["qwen3"].tokenizer("qwen3"))
    assert learned_text(made) == "<think>\nAdd.\n</think>\n\n4<|im_end|>\n"
    assert not made.findings


def test_that_an_answer_whose_reasoning_is_cut_is_told_with_what_is_lost() -> None:
    told = findings(asked("1+2?", "<think>\n1 and 2 make 3</think>3"), byte_tokenizer(CUTS_REASONING))
    assert Finding("answer changed", "<think>") in told
    assert Finding("asked otherwise", "<think>\n") in told
    assert "answer changed" not in {kind for kind, _ in findings(asked("1+2?", "3"), byte_tokenizer(CUTS_REASONING))}


def test_that_space_that_a_template_takes_away_is_told_mildly() -> None:
    told = findings(asked("Sky?", " Blue\n"), WILD["llama-3"].tokenizer("llama-3"))
    assert told == [Finding("trimmed")]


def test_that_a_system_turn_without_a_word_of_it_in_the_text_is_told() -> None:
    drops = "{% for m in messages if m.role != 'system' %}" + CALLS.partition("{%- for m in messages -%}")[2]
    tokenizer = byte_tokenizer(drops)
    assert findings(asked("Sky?", "Blue", "Be brief."), tokenizer) == [Finding("turn not shown", "system: Be brief.")]
    assert RowTokenizer(tokenizer, recipe_of()).template_refuses_system


def test_that_the_advice_for_a_refused_system_turn_works() -> None:
    refuses = "{% if messages[0].role == 'system' %}{{ raise_exception('takes no system turn') }}{% endif %}" + CHATML
    fault = fault_of(asked("What floats?", "Cork.", "Be brief."), byte_tokenizer(refuses))
    assert fault.kind == "system refused"
    assert fault.detail == "takes no system turn"
    (made,) = made_of(asked("Be brief.\n\nWhat floats?", "Cork."), byte_tokenizer(refuses))
    assert learned_text(made) == "Cork.<|im_end|>\n"


def test_that_the_advice_for_an_assistant_who_speaks_first_works() -> None:
    turns = ({"role": "assistant", "content": "Hello!"}, *asked("Sky?", "Blue").turns)
    tokenizer = WILD["mistral"].tokenizer("mistral")
    fault = fault_of(DataRow(turns=turns), tokenizer)
    assert fault.kind == "assistant first"
    assert 'data.template = "plain"' in fault.advice
    (made,) = made_of(DataRow(turns=turns), tokenizer, template="plain")
    assert learned_text(made) == "Hello!</s>\n\n|Blue</s>\n\n"
    assert "give a data.system_prompt and set data.system_in_user = true" in fault.advice
    (made,) = made_of(DataRow(turns=turns), tokenizer, system_prompt="Greet.", system_in_user=True)
    assert made.text.startswith("<s>[INST] Greet. [/INST]Hello!</s>")
    assert learned_text(made) == "Hello!</s>|Blue</s>"


def test_that_a_refused_system_turn_before_an_assistant_who_speaks_first_is_put_into_a_question() -> None:
    turns = ({"role": "system", "content": "Greet."}, {"role": "assistant", "content": "Hello!"})
    tokenizer = WILD["gemma"].tokenizer("gemma")
    assert fault_of(DataRow(turns=turns), tokenizer).kind == "system refused"
    (made,) = made_of(DataRow(turns=turns), tokenizer, system_in_user=True)
    assert learned_text(made) == "Hello!<end_of_turn>\n"


@pytest.mark.parametrize("kind", SETTLED_BY)
def test_that_what_settles_a_kind_by_one_setting_is_in_its_advice(kind: str) -> None:
    title, path, value = SETTLED_BY[kind]
    assert title
    assert recipe_text.with_overrides(Recipe(), [f"{path}={value}"]).value(path) == value
    advice = (FAULTS.get(kind) or FINDINGS[kind]).remedy
    assert f"{path} = {str(value).lower() if value is True else json.dumps(value)}" in advice


@pytest.mark.parametrize("before", ["", "<|im_start|>system\nYou are Smol.<|im_end|>\n"], ids=["bare", "system text"])
@pytest.mark.parametrize("takes_nothing", [True, False])
def test_that_of_an_assistant_who_speaks_first_the_answer_alone_is_learned(before: str, takes_nothing: bool) -> None:
    own = f"{{%- if loop.first and m.role != 'system' -%}}{{{{ {before!r} }}}}{{%- endif -%}}"
    template = CHATML.replace("{%- for m in messages -%}", "{%- for m in messages -%}" + own)
    assert template != CHATML
    if not takes_nothing:
        template = "{%- set first = messages[0].role -%}" + template
    hello = {"role": "assistant", "content": "Hello!"}
    for turns in ((hello,), (hello, *asked("Sky?", "Blue").turns)):
        (made,) = made_of(DataRow(turns=turns), byte_tokenizer(template))
        assert made.text.startswith(f"{before}<|im_start|>assistant\nHello!")
        assert learned_text(made).split("|Blue")[0] == "Hello!<|im_end|>\n"
        assert not made.findings


def test_that_where_everything_is_learned_an_answer_without_an_end_is_told_too() -> None:
    for template in (NO_END, ""):
        tokenizer = byte_tokenizer(template, eos="" if not template else "<|im_end|>")
        assert {finding.kind for finding in findings(asked("Sky?", "Blue"), tokenizer, train_on="all")} == {"no end"}
    for name, wild in WILD.items():
        told = findings(asked("Sky?", "Blue"), wild.tokenizer(name), train_on="all")
        assert "no end" not in {finding.kind for finding in told}


# -- weights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["", CHATML], ids=["no template", "a template"])
def test_that_a_row_whose_answers_all_have_a_weight_of_0_is_left_out_as_such(template: str) -> None:
    question, answer = asked("Sky?", "Red").turns
    row = DataRow(turns=(question, {**answer, "weight": 0}))
    assert fault_of(row, byte_tokenizer(template)).kind == "context alone"
    (made,) = made_of(row, byte_tokenizer(template), train_on="all")
    learned = learned_text(made)
    assert "Sky?" in learned
    assert "Red" not in learned
    nothing = DataRow(turns=({**question, "weight": 0}, {**answer, "weight": 0}))
    assert fault_of(nothing, byte_tokenizer(template), train_on="all").kind == "context alone"


# -- ends --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", ["", "<|im_end|>"], ids=["adds none", "adds its end"])
def test_that_an_answer_has_one_end_and_a_prompt_none_whatever_the_tokenizer_adds(after: str) -> None:
    for template in ("", CHATML):
        tokenizer = byte_tokenizer(template, after=after)
        (made,) = made_of(asked("Sky?", "blue"), tokenizer)
        end = tokenizer.eos_id
        trained = made.ids[made.trained].tolist()
        assert trained.count(end) == 1
        assert not made.findings
        given = RowTokenizer(tokenizer, recipe_of()).ask(asked("Sky?", "blue").turns[:1]).ids
        assert given == made.ids[: int(made.trained.argmax())].tolist()
        assert given[-1] != end


def test_that_an_answer_that_spells_its_end_has_no_second_one() -> None:
    (made,) = made_of(asked("Sky?", "blue<|im_end|>"), byte_tokenizer(""))
    assert made.ids[made.trained].tolist().count(made.ids[-1]) == 1
    told = findings(asked("Sky?", "blue<|im_end|>"), byte_tokenizer())
    assert Finding("special in the text", "<|im_end|>") in told


def test_that_what_a_tokenizer_puts_before_a_text_stands_there_once() -> None:
    backend = byte_backend(("<pad>", "<s>", "</s>"))
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer = TextTokenizer(backend, TokenizerFacts({"bos_token": "<s>", "eos_token": "</s>"}))
    for template in ("", "plain", "mistral", "alpaca", "chatml"):
        (made,) = made_of(asked("Sky?", "blue"), tokenizer, template=template)
        assert made.ids.tolist().index(1) == 0
        assert made.ids.tolist().count(1) == 1


def test_that_a_template_that_ends_no_turn_is_told_with_a_remedy_that_works() -> None:
    told = findings(asked("Sky?", "Blue"), byte_tokenizer(NO_END))
    assert {finding.kind for finding in told} == {"no end"}
    assert 'data.template = "plain"' in FINDINGS["no end"].remedy
    assert not findings(asked("Sky?", "Blue"), byte_tokenizer(NO_END), template="plain")


def test_that_a_mark_that_leaves_the_end_out_is_widened_by_it() -> None:
    marks = (
        "{%- for m in messages -%}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' %}"
        "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>\n' }}"
        "{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
    )
    (made,) = made_of(asked("Sky?", "Blue"), byte_tokenizer(marks))
    assert made.way == "marks"
    assert learned_text(made) == "Blue<|im_end|>"
    assert not made.findings


def test_that_a_prompt_that_ends_with_an_end_is_told() -> None:
    bare = "{%- for m in messages -%}{{ m.content + eos_token }}{%- endfor -%}"
    assert findings(asked("Sky?", "Blue"), byte_tokenizer(bare)) == [Finding("end before the answer", "<|im_end|>")]


# -- borders -----------------------------------------------------------------------------------------------------------


def test_that_a_token_over_the_border_is_learned_and_told() -> None:
    tokenizer = byte_tokenizer("", merges=[("a", "b")])
    (made,) = made_of(asked("Sky: a", "blue"), tokenizer)
    assert learned_text(made) == "ablue"
    assert made.findings == (Finding("joined", "ab"),)


@pytest.mark.parametrize("answer", ["🙂", "é", "🙂é", "日本"])
@pytest.mark.parametrize("question", ["🙂?", "Sky é", "日本"])
def test_that_characters_of_several_tokens_are_learned_whole_at_both_borders(question: str, answer: str) -> None:
    for template in ("", CHATML):
        tokenizer = byte_tokenizer(template)
        (made,) = made_of(asked(question, answer), tokenizer)
        learned = made.ids[made.trained].tolist()
        assert tokenizer.decode(learned).startswith(answer)
        assert tokenizer.decode(made.ids[: int(made.trained.argmax())].tolist()).endswith(
            question if not template else "assistant\n"
        )


def test_that_ids_beyond_the_embeddings_are_a_fault() -> None:
    made = RowTokenizer(byte_tokenizer(), recipe_of(), embedding_rows=100).rows([asked("Sky?", "zzz")])[0]
    assert isinstance(made, Fault)
    assert made.kind == "beyond the vocabulary"
    assert "of 100 embeddings" in made.detail


# -- the longest row ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("too_long", "kept", "kind"),
    [("cut_end", slice(0, 40), "cut at the end"), ("cut_start", slice(-40, None), "cut at the start")],
)
def test_that_a_long_row_is_cut_as_the_recipe_says(too_long: str, kept: slice, kind: str) -> None:
    row = asked("Sky?", "blue " * 5)
    (whole,) = made_of(row, byte_tokenizer())
    (made,) = made_of(row, byte_tokenizer(), too_long=too_long, max_length=40)
    assert made.input_ids.tolist() == whole.ids.tolist()[kept]
    assert made.labels.tolist() == whole.labels.tolist()[kept]
    assert made.ids.tolist() == whole.ids.tolist()
    assert made.findings == (Finding(kind, f"{len(whole.ids) - 40} of {len(whole.ids)} tokens"),)


def test_that_a_long_row_is_left_out_where_the_recipe_says_so() -> None:
    assert (
        fault_of(asked("Sky?", "blue " * 9), byte_tokenizer(), too_long="leave_out", max_length=40).kind == "too long"
    )


def test_that_a_row_whose_answer_is_cut_away_has_nothing_to_learn() -> None:
    fault = fault_of(asked("Sky? " * 20, "blue"), byte_tokenizer(), max_length=40)
    assert fault.kind == "nothing to learn"
    (made,) = made_of(asked("Sky? " * 20, "blue"), byte_tokenizer(), too_long="cut_start", max_length=40)
    assert learned_text(made).endswith("blue<|im_end|>\n")


def test_that_of_a_row_for_each_answer_those_that_fit_are_learned() -> None:
    turns = (*asked("Sky?", "Blue").turns, *asked("Sea? " * 50, "Wide").turns)
    made = made_of(DataRow(turns=turns), WILD["qwen3"].tokenizer("qwen3"), max_length=100)
    assert [row.turn for row in made] == [1]
    assert Finding("turns left out", "1 of 2 answers") in made[0].findings


# -- words -------------------------------------------------------------------------------------------------------------


def test_that_every_kind_has_words_that_stand_behind_a_count() -> None:
    for kind in (*FAULTS.values(), *FINDINGS.values()):
        assert kind.words.split()[0] in ("have", "are", "hold", "begin")
        assert not kind.words.endswith(".")
        assert not kind.remedy or kind.remedy.endswith(".")


# -- without a template ------------------------------------------------------------------------------------------------


def test_that_without_a_template_a_prompt_and_its_answer_stand_one_behind_the_other() -> None:
    for tokenizer, settings in ((byte_tokenizer(""), {}), (byte_tokenizer(), {"chat_template": False})):
        (made,) = made_of(asked("Sky? ", "blue"), tokenizer, **settings)
        assert made.way == "plain"
        assert made.text == "Sky? blue"
        assert tokenizer.decode(made.ids[made.trained].tolist()) == "blue<|im_end|>"
        assert RowTokenizer(tokenizer, recipe_of(**settings)).form == "prompt + completion + <|im_end|>"


def test_that_without_a_template_a_conversation_is_wrapped_plainly() -> None:
    (made,) = made_of(asked("Sky?", "blue", "Be brief."), byte_tokenizer(""))
    assert made.text == "### System:\nBe brief.\n\n### User:\nSky?\n\n### Assistant:\nblue<|im_end|>\n\n"
    assert learned_text(made) == "blue<|im_end|>\n\n"


def test_that_plain_text_is_learned_whole_with_its_end() -> None:
    tokenizer = byte_tokenizer()
    (made,) = made_of(DataRow(text="Once upon a time"), tokenizer)
    assert made.trained.all()
    assert tokenizer.decode(made.ids.tolist()) == "Once upon a time<|im_end|>"
