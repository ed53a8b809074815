"""A template that would write a gigabyte, or never end, is stopped wherever it is rendered."""

import threading
import time
import tracemalloc

import pytest

from tests.core.tokens.test_tokenizing import recipe_of
from tests.core.tokens.tokenizers_made import byte_tokenizer
from workbench.core.data.row import DataRow
from workbench.core.problems import UserError
from workbench.core.tokens import tokenizing
from workbench.core.tokens.templates import limits
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure
from workbench.core.tokens.tokenizing import RowTokenizer

TURNS = [{"role": "user", "content": "Hi there"}, {"role": "assistant", "content": "Hello"}]
LOOP = "{% for a in range(100000) %}{% for b in range(100000) %}"
ENDS = "{% endfor %}{% endfor %}"
DOUBLED = "{% set ns = namespace(x=['a', 'b']) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"

HOSTILE = {
    "times": "{{ 'a' * 10**9 }}",
    "times a list": "{{ ([1] * 10**9) | length }}",
    "turned": "{{ 10**9 * 'a' }}",
    "doubling": "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "doubling by ~": "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "doubling by join": "{% set ns = namespace(x='a') %}{% for i in range(60) %}"
    "{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
    "doubling by a macro": "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}{% set ns = namespace(x='a') %}"
    "{% for i in range(60) %}{% set ns.x = m(ns.x) %}{% endfor %}",
    "doubling by a block": "{% set ns = namespace(x='a') %}{% for i in range(60) %}"
    "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}{% endfor %}",
    "writes on": LOOP + "{{ messages[0].content }}" + ENDS,
    "writes nothing, for ever": LOOP + ENDS,
    "writes into a block": "{% set x %}" + LOOP + "{{ messages[0].content * 100 }}" + ENDS + "{% endset %}",
    "a macro in itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "macros that branch": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(90) }}",
    "loops in loops": "{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "branching loops": "{% for x in messages recursive %}{% if loop.depth < 60 %}{{ loop(messages) }}{% endif %}"
    "{% endfor %}",
    "center": "{{ 'a'.center(10**9) }}",
    "center, a filter": "{{ 'a' | center(10**9) }}",
    "ljust": "{{ 'a'.ljust(10**9) }}",
    "zfill": "{{ 'a'.zfill(10**9) }}",
    "expandtabs": "{{ '\t'.expandtabs(10**9) }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "percent, precision": "{{ '%.1000000000f' % 1 }}",
    "percent, a star": "{{ '%*d' % (1000000000, 1) }}",
    "format filter": "{{ '%1000000000d' | format(1) }}",
    "format": "{{ '{:>1000000000}'.format(1) }}",
    "format of a format": "{{ '{:{}}'.format(1, 1000000000) }}",
    "format_map": "{{ '{a:1000000000}'.format_map({'a': 1}) }}",
    "replace": "{{ ('a' * 10000).replace('a', 'b' * 1000000) }}",
    "replace, a filter": "{{ ('a' * 10000) | replace('a', 'b' * 1000000) }}",
    "join": "{{ ('b' * 1000000).join('a' * 100000) }}",
    "join, a filter": "{{ range(100000) | join('b' * 1000000) }}",
    "translate": "{{ ('a' * 10000).translate({97: 'b' * 1000000}) }}",
    "indent": "{{ ('a\n' * 100000) | indent(1000000) }}",
    "tojson": "{{ messages | tojson(indent=10**8) }}",
    "tojson, a text": "{{ messages | tojson(indent=' ' * 10000000) }}",
    "tojson, separators": "{{ messages | tojson(separators=(',' * 10000000, ':')) }}",
    "what shares, as JSON": DOUBLED + "{{ ns.x | tojson }}",
    "what shares, as text": DOUBLED + "{{ ns.x }}",
    "what shares, joined": DOUBLED + "{{ '' ~ ns.x }}",
    "what shares, in a format": DOUBLED + "{{ '{}'.format(ns.x) }}",
    "what shares, in percents": DOUBLED + "{{ '%s' % ns.x }}",
    "what shares, compared": DOUBLED + "{% set y = ns.x %}{% set ns.x = ['a', 'b'] %}"
    "{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ y == ns.x }}",
    "what shares, sought": DOUBLED + "{{ [1] in ns.x }}",
    "what shares, through a test": DOUBLED + "{{ ns.x is equalto [1] }}",
    "batch": "{{ [1] | batch(10**9, 0) | list | length }}",
    "slice": "{{ [1] | slice(10**9) | list | length }}",
    "round": "{{ 1.5 | round(10**9, 'floor') }}",
    "power": "{{ 10**(10**9) }}",
    "power of powers": "{% set ns = namespace(x=9) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
    "to_bytes": "{{ (1).to_bytes(10**9, 'big') }}",
    "range": "{{ range(10**12) | list }}",
    "lists": "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = ns.x + [1, 2, 3] %}{% endfor %}",
    "copies kept": "{% set ns = namespace(x=[]) %}{% set t = 'a' * 19000000 %}{% for i in range(100000) %}"
    "{% set ns.x = ns.x + [t[1:]] %}{% endfor %}",
    "letters": "{{ ('a' * 19000000) | list | length }}",
    "words": "{{ ('a ' * 9000000).split() | length }}",
    "lipsum": "{{ lipsum(10**9) }}",
    "nested": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "long": "{{ 1 }}" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_that_a_hostile_template_is_stopped(name: str) -> None:
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(TemplateFailure):
            ChatTemplate(HOSTILE[name], {}, seconds=0.3).render(TURNS)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 400_000_000
    assert time.monotonic() - begun < 60


def test_that_it_is_stopped_in_any_thread_and_each_rendering_has_a_time_of_its_own() -> None:
    said: list[str] = []

    def render(source: str) -> None:
        try:
            said.append(ChatTemplate(source, {}, seconds=0.3).render(TURNS).text)
        except TemplateFailure as failure:
            said.append(str(failure))

    threads = [threading.Thread(target=render, args=(source,)) for source in (LOOP + ENDS, "fine")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said[0] == "fine"
    assert "longer than" in said[1] or "steps" in said[1]


def test_that_a_long_row_is_no_hostile_template() -> None:
    source = "{% for m in messages %}{{ '<' + m.role + '>' + m.content | trim + '</s>' }}{% endfor %}"
    turns = [{"role": "user", "content": "word " * 20_000}] * 100
    assert len(ChatTemplate(source, {}).render(turns).text) > 9_000_000


def test_that_a_conversation_of_ten_thousand_turns_is_no_hostile_template() -> None:
    turns = TURNS * 5000
    source = "{% for m in messages %}{% if m in messages[:2] %}{{ m.content }}{% endif %}{% endfor %}"
    assert ChatTemplate(source, {}).render(turns).text.startswith("Hi there")


def test_that_rows_of_a_template_that_never_ends_are_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_STEPS", 10_000)
    monkeypatch.setattr(tokenizing, "MOST_WASTED_SECONDS", 0.05)
    tokenizer = RowTokenizer(byte_tokenizer(LOOP + ENDS), recipe_of())
    with pytest.raises(UserError, match="one row after another"):
        tokenizer.rows([DataRow(turns=tuple(TURNS))] * 10_000)
