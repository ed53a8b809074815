"""Templates are rendered as transformers renders them."""

from typing import Any

import pytest
from transformers.utils.chat_template_utils import render_jinja_template

from tests.core.tokens.wild_templates import TAKES_NO_SYSTEM, WILD, source
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure

USER = {"role": "user", "content": "  How warm is it in Bergen? <b>'now'</b> ü🙂\n"}
ANSWER = {"role": "assistant", "content": " It is 11 degrees.\n"}
AGAIN = {"role": "user", "content": "And now?"}
THOUGHT = {"role": "assistant", "content": "<think>\nwarm\n</think>\n\nStill 11."}
SYSTEM = {"role": "system", "content": "Be brief."}
CALL = {"type": "function", "function": {"name": "warmth", "arguments": {"town": "Bergen", "unit": "°C"}}}
TOOLS = [{"type": "function", "function": {"name": "warmth", "parameters": {"type": "object", "properties": {}}}}]
CALLING = [
    USER,
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "name": "warmth", "content": "11"},
    {"role": "assistant", "content": "It is 11 degrees.", "reasoning_content": "I looked."},
]
CONVERSATIONS = [[USER], [USER, ANSWER], [USER, ANSWER, AGAIN], [USER, ANSWER, AGAIN, THOUGHT]]


def theirs(text: str, turns: list[dict[str, Any]], special: dict[str, str], **more: Any) -> tuple[str, list[Any]]:
    """What transformers makes of it, with the spans of the assistant."""
    rendered, spans = render_jinja_template([turns], chat_template=text, **special, **more)
    return rendered[0], spans


@pytest.mark.parametrize(
    ("name", "with_system"),
    [(name, said) for name in WILD for said in (False, True) if not (said and name in TAKES_NO_SYSTEM)],
)
@pytest.mark.parametrize("for_answer", [False, True], ids=["whole", "asking"])
def test_that_a_conversation_is_rendered_as_transformers_renders_it(
    name: str, with_system: bool, for_answer: bool
) -> None:
    special = {"bos_token": WILD[name].bos, "eos_token": WILD[name].eos}
    template = ChatTemplate(source(name), special)
    for turns in CONVERSATIONS:
        given = [SYSTEM, *turns] if with_system else turns
        text, _ = theirs(source(name), given, special, add_generation_prompt=for_answer)
        assert template.render(given, for_answer=for_answer).text == text


@pytest.mark.parametrize("name", ["llama-3.1", "qwen3"])
def test_that_tools_and_calls_are_rendered_as_transformers_renders_them(name: str) -> None:
    special = {"bos_token": WILD[name].bos, "eos_token": WILD[name].eos}
    text, _ = theirs(source(name), CALLING, special, tools=TOOLS)
    assert ChatTemplate(source(name), special).render(CALLING, TOOLS).text == text
    assert '"town": "Bergen"' in text


def test_that_the_marks_of_the_assistant_are_those_of_transformers() -> None:
    turns = [USER, ANSWER, AGAIN, THOUGHT]
    text, spans = theirs(source("marked"), turns, {}, return_assistant_tokens_mask=True)
    made = ChatTemplate(source("marked"), {}).render(turns)
    assert made.text == text
    assert list(made.spans or ()) == spans[0]
    assert text[slice(*spans[0][1])] == "<think>\nwarm\n</think>\n\nStill 11.<|im_end|>"


@pytest.mark.parametrize(
    "text",
    [
        "{% for m in messages %}{% if loop.index == 2 %}{% continue %}{% endif %}{{ m.content | trim }}|{% endfor %}",
        "{% for m in messages %}{{ loop.index0 }}{% if loop.last %}{% break %}{% endif %}{% endfor %}",
        "{%- macro said(m, mark='>') -%}{{ mark ~ m.role ~ m['content'] }}{%- endmacro -%}{{ said(messages[0]) }}",
        "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + m.content|length %}{% endfor %}"
        "{{ ns.n }}",
        "{{ messages | map(attribute='role') | join(', ') }}"
        "{{ messages | selectattr('role', 'equalto', 'user') | list }}",
        "{{ messages[-1].content.split(' ')[0].upper() + 'ab'.center(7, '*') + '%05.1f' | format(3.14159) }}",
        "{{ '{:>6}|{n}'.format('x', n=messages|length) }}{{ '%s-%d' % ('a', 3) }}{{ 'a,b' | replace(',', ';') }}",
        "{{ messages | tojson(indent=2) }}{{ {'a': [1, 2.5, none, true], 'ü': '<&>'} | tojson }}{{ [1, (2, 'x')] }}",
        "{{ messages[::-1][0].role }}{{ messages[1:] | length }}{{ 'abc'[::-1] }}{{ 7 // 2 }}{{ 2 ** 10 }}{{ -3 % 5 }}",
        "{% filter upper %}a{{ messages[0].role }}{% endfilter %}{% set x %}b{{ 1 }}{% endset %}{{ x * 3 }}",
        "{{ dict(a=1) }}{{ dict.fromkeys(['a'], 2) }}{{ range(3) | list }}{{ [3, 1, 2] | sort | first }}{{ nothing }}",
        "{% for k, v in {'b': 1, 'a': 2} | dictsort %}{{ k }}{{ v }}{% else %}none{% endfor %}{{ 'a' in 'abc' }}",
        "{% for m in messages recursive %}{{ m.role }}{% if false %}{{ loop([]) }}{% endif %}{% endfor %}",
        "{% if messages[0] == messages[0] and messages != [] and 1 < 2 <= 2 %}same{% endif %}{{ 'x' if none }}",
        "{% call(x) m(1) %}{{ x }}{% endcall %}"
        if False
        else "{% macro m(a) %}[{{ caller(a) }}]{% endmacro %}{% call(x) m(1) %}{{ x }}{% endcall %}",
        "  {% if true %}\n  a\n  {% endif %}\n{#- note -#}\n b {{- ' c ' -}} \n d",
    ],
)
def test_that_what_templates_are_written_with_does_what_it_does_in_transformers(text: str) -> None:
    turns = [SYSTEM, USER, ANSWER]
    assert ChatTemplate(text, {}).render(turns).text == theirs(text, turns, {})[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ raise_exception('no such role') }}", "no such role"),
        ("{{ messages[0].content.__class__.__mro__ }}", "unsafe"),
        ("{{ messages.append(1) }}", "unsafe"),
        ("{% set ns = namespace(_x=1) %}", "underscore"),
        ("{{ nothing.at.all }}", "undefined"),
        ("{% include 'x' %}", "loader"),
    ],
)
def test_that_a_refusal_says_why(text: str, words: str) -> None:
    with pytest.raises(TemplateFailure, match=words):
        ChatTemplate(text, {}).render([USER])


@pytest.mark.parametrize("text", ["{% if %}", "{{ a", "{% generation %}x", "{{ x | martian }}", "{% " * 5000])
def test_that_a_template_that_is_none_says_so(text: str) -> None:
    with pytest.raises(TemplateFailure):
        ChatTemplate(text, {})


def test_that_a_turn_without_content_has_none_and_reasoning_has_all_its_names() -> None:
    text = "{{ messages[0].content is defined }} {{ messages[0].thinking }} {{ messages[0].reasoning_content }}"
    turns = [{"role": "assistant", "content": None, "reasoning": "why"}]
    assert ChatTemplate(text, {}).render(turns).text == "False why why"
