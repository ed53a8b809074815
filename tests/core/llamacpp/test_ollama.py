"""Modelfiles: the template in Go's words writes what the chat template writes, or is left out and said to be."""

from pathlib import Path

import pytest

from tests.core.llamacpp.conftest import byte_tokenizer
from workbench.core.llamacpp import ollama
from workbench.core.tokens.templates.chat_template import ChatTemplate
from workbench.core.tokens.templates.named import named_templates

_END = "<|im_end|>"
_TURNS = (
    {"role": "user", "content": "Who?"},
    {"role": "assistant", "content": "Me."},
    {"role": "user", "content": "Why?"},
)


def _template(source: str) -> ChatTemplate:
    return ChatTemplate(source, {"bos_token": "<s>", "eos_token": _END})


@pytest.mark.parametrize("path", named_templates().values(), ids=lambda path: path.stem)
def test_that_each_template_that_comes_with_the_program_can_be_said(path: Path) -> None:
    template = _template(path.read_text())
    found = ollama.frames(template, _END)
    assert found is not None
    assert found.render(_TURNS) == template.render(_TURNS, for_answer=True).text
    within = ollama.frames(template, _END, system_in_user=True)
    assert within is not None
    assert within.is_within


def test_that_a_template_says_turns_in_the_words_of_go() -> None:
    found = ollama.frames(_template(named_templates()["chatml"].read_text()), _END)
    assert found is not None
    assert found.in_go() == (
        "{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ else }}{{ end }}"
        "{{ range $i, $turn := .Messages }}{{ $last := eq (len (slice $.Messages $i)) 1 }}"
        '{{ if eq .Role "user" }}<|im_start|>user\n{{ .Content }}<|im_end|>\n'
        '{{ else if eq .Role "assistant" }}<|im_start|>assistant\n{{ .Content }}{{ if not $last }}<|im_end|>\n{{ end }}'
        '{{ end }}{{ if and $last (ne .Role "assistant") }}<|im_start|>assistant\n{{ end }}{{ end }}'
    )


def test_that_what_begins_a_text_by_itself_is_not_said_twice() -> None:
    for name in ("llama-3", "llama-2"):
        found = ollama.frames(_template(named_templates()[name].read_text()), _END)
        assert found is not None
        assert found.in_go().count("<s>") > 0
    assert "<s>" not in found.in_go("<s>").replace("{{ if gt $i 1 }}<s>{{ end }}", "")


def test_that_braces_of_a_template_are_not_taken_for_go() -> None:
    source = "{% for m in messages %}{{ '{{x}}' }}{{ m['content'] }}\n{% endfor %}"
    found = ollama.frames(_template(source), _END)
    assert found is not None
    assert '{{ "{{" }}x}}{{ .Content }}' in found.in_go()


@pytest.mark.parametrize(
    "source",
    [
        "{% for m in messages %}{{ m['content'] | upper }}{% endfor %}",
        "{% for m in messages %}{{ loop.index }}{{ m['content'] }}{% endfor %}",
        "{{ raise_exception('no') }}",
    ],
)
def test_that_a_template_of_other_rules_is_left_out_and_said_to_be(source: str) -> None:
    template = _template(source)
    assert ollama.frames(template, _END) is None
    text = ollama.modelfile("a-Q8_0.gguf", byte_tokenizer(), template, context=512)
    assert "cannot be said in Ollama's words" in text
    assert "TEMPLATE" not in text


def test_that_a_modelfile_has_all_that_answers_depend_on() -> None:
    template = _template(named_templates()["chatml"].read_text())
    text = ollama.modelfile("a-Q8_0.gguf", byte_tokenizer(), template, context=131_072, system='Say """no"""\nor yes.')
    assert text.startswith("FROM ./a-Q8_0.gguf\n")
    assert 'TEMPLATE """{{ if .System }}' in text
    assert "SYSTEM \"Say '''no''' or yes.\"\n" in text
    assert 'PARAMETER stop "<|im_end|>"\nPARAMETER temperature 0\nPARAMETER num_ctx 8192\n' in text
    plain = ollama.modelfile("a.gguf", byte_tokenizer(), None, context=512, system="Be brief.\nDo.")
    assert 'TEMPLATE """{{ .Prompt }}"""' in plain
    assert 'SYSTEM """Be brief.\nDo."""' in plain
    assert "num_ctx 512" in plain
