"""A template is chosen by name, from a file, or as the tokenizer has it."""

from pathlib import Path

import pytest

from tests.core.tokens.test_tokenizing import learned_text, recipe_of
from tests.core.tokens.tokenizers_made import CHATML, byte_backend, byte_tokenizer
from workbench.core.data.row import DataRow
from workbench.core.problems import UserError
from workbench.core.tokens.templates.named import chosen_template, named_templates
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts
from workbench.core.tokens.tokenizing import RowTokenizer

TURNS = ({"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue"})


@pytest.mark.parametrize("name", named_templates())
def test_that_a_named_template_learns_the_answer_alone(name: str) -> None:
    row = DataRow(turns=(*TURNS, *TURNS))
    rows = RowTokenizer(byte_tokenizer(), recipe_of(template=name, train_on="last")).rows([row])[0]
    assert isinstance(rows, list)
    learned = learned_text(rows[0])
    assert "Blue" in learned
    assert "Sky" not in learned
    assert "|" not in learned.replace("<|", "").replace("|>", "")


@pytest.mark.parametrize("name", ["plain", "alpaca", "llama-2", "mistral", "zephyr"])
def test_that_an_answer_ends_with_the_end_of_any_tokenizer(name: str) -> None:
    rows = RowTokenizer(byte_tokenizer(eos="<pad>"), recipe_of(template=name)).rows([DataRow(turns=TURNS)])[0]
    assert isinstance(rows, list)
    assert learned_text(rows[0]).strip().endswith("<pad>")
    assert not rows[0].findings


def test_that_a_template_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja"
    path.write_text("\ufeff{% for m in messages %}ü{{ m.content }}{{ eos_token }}{% endfor %}", encoding="utf-8")
    template = chosen_template(byte_tokenizer(), recipe_of(template=str(path)).data)
    assert template is not None
    assert template.render(TURNS).text == "üSky?<|im_end|>üBlue<|im_end|>"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("chatlm", 'The nearest one is "chatml"'),
        ("/nowhere/mine.jinja", "cannot be read"),
        ("BROKEN", "cannot be read as one"),
        ("LATIN", "is not UTF-8"),
    ],
)
def test_that_a_template_that_cannot_be_had_is_a_sentence(template: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "broken.jinja").write_text("{% if %}")
    (tmp_path / "latin.jinja").write_bytes("ü".encode("latin-1"))
    given = {"BROKEN": str(tmp_path / "broken.jinja"), "LATIN": str(tmp_path / "latin.jinja")}.get(template, template)
    with pytest.raises(UserError) as raised:
        RowTokenizer(byte_tokenizer(), recipe_of(template=given))
    assert words in str(raised.value)
    assert raised.value.remedy


def test_that_of_several_templates_the_default_is_taken_and_for_tools_that_for_tools() -> None:
    facts = TokenizerFacts({"eos_token": "<|im_end|>"}, templates={"default": CHATML, "tool_use": "T" + CHATML})
    tokenizer = TextTokenizer(byte_backend(), facts)
    plain, tools = DataRow(turns=TURNS), DataRow(turns=TURNS, tools=({"name": "f"},))
    rows = [made[0] for made in RowTokenizer(tokenizer, recipe_of()).rows([plain, tools]) if isinstance(made, list)]
    assert [row.text[0] for row in rows] == ["<", "T"]


def test_that_several_templates_without_a_default_are_a_sentence() -> None:
    facts = TokenizerFacts({"eos_token": "<|im_end|>"}, templates={"rag": CHATML})
    with pytest.raises(UserError, match="none of them is its default: rag"):
        RowTokenizer(TextTokenizer(byte_backend(), facts), recipe_of())
