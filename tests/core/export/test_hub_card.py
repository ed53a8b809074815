"""The card of what is uploaded: what the Hub reads at its head, how to use it, and nothing that is not for others."""

import ast
import re

import pytest

from workbench.core.export.hub_card import Uploaded, card
from workbench.core.job.export_kinds import WeightsMeasured
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

ASKED = (
    "model.source=/home/me/models/Llama-3",
    "data.path=/home/me/secret plans/rows.jsonl",
    "data.also=/home/me/more.csv,other.csv",
    "evaluation.score_path=datasets/org/name:test",
    "samples.prompts=What did Ada earn in May?",
)


def uploaded(*changes: str, **more: object) -> Uploaded:
    recipe = recipe_text.with_overrides(Recipe(), [*ASKED, *changes])
    given = {
        "id": "somebody/answers",
        "name": "answers",
        "base": "org/base",
        "licence": "apache-2.0",
        "has_adapter": True,
        "has_model": False,
        "ggufs": (),
        "recipe": recipe,
        "history": None,
        "step": 0,
    }
    return Uploaded(**{**given, **more})  # type: ignore[arg-type]


def head(text: str) -> list[str]:
    return text.split("---\n")[1].splitlines()


def python_of(text: str) -> str:
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_that_the_head_names_base_relation_licence_library_and_this_program() -> None:
    assert head(card(uploaded())) == [
        'base_model: "org/base"',
        "base_model_relation: adapter",
        'license: "apache-2.0"',
        "library_name: peft",
        "pipeline_tag: text-generation",
        "tags:",
        "- qlora-workbench",
        "- lora",
        "- qlora",
    ]
    merged = head(card(uploaded(has_adapter=False, has_model=True, licence="")))
    assert {"base_model_relation: finetune", "library_name: transformers"} <= set(merged)
    gguf = head(card(uploaded(has_adapter=False, ggufs=("a-q8_0.gguf",))))
    assert {"base_model_relation: quantized", "library_name: gguf", "- gguf"} <= set(gguf)


def test_that_paths_and_prompts_stay_here() -> None:
    text = card(uploaded(base="/home/me/models/Llama-3"))
    for kept_back in ("/home/me", "secret plans", "Ada"):
        assert kept_back not in text
    assert "base_model" not in "\n".join(head(text))
    assert 'source = "Llama-3"' in text
    assert 'path = "rows.jsonl"' in text
    assert 'also = ["more.csv", "other.csv"]' in text
    assert 'score_path = "datasets/org/name:test"' in text


@pytest.mark.parametrize(
    "changes",
    [
        (),
        ("model.precision=bf16", 'data.system_prompt=Say "hello"\nand no more.'),
        ("model.precision=fp32", "model.compute_dtype=fp32"),
    ],
)
def test_that_the_lines_to_use_it_are_python(changes: tuple[str, ...]) -> None:
    for more in ({}, {"has_adapter": False, "has_model": True}, {"recipe": None}):
        lines = python_of(card(uploaded(*changes, **more)))
        used = {node.id for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.Name)}
        imported = {
            each.name
            for node in ast.walk(ast.parse(lines))
            if isinstance(node, ast.ImportFrom | ast.Import)
            for each in node.names
        }
        assert imported <= used
        assert '"somebody/answers"' in lines


def test_that_a_gguf_file_is_run_by_its_name_and_what_was_measured_is_told() -> None:
    measured = WeightsMeasured(item="gguf:q8_0", title="GGUF Q8_0", perplexity=3.25, kl=0.0125, tokens=9, rows=3)
    text = card(uploaded(has_adapter=False, ggufs=("a-q8_0.gguf",), measured=[measured]))
    assert "llama-server --hf-repo somebody/answers --hf-file a-q8_0.gguf --jinja" in text
    assert "| GGUF Q8_0 | 3.2500 | 0.012500 |" in text


def test_that_an_adapter_as_gguf_is_put_on_its_base_and_never_run_as_a_model() -> None:
    text = card(uploaded(has_adapter=False, adapter_gguf="a-adapter.gguf"))
    assert "llama-server -m base.gguf --lora a-adapter.gguf --jinja" in text
    assert "--hf-file" not in text
    assert "A LoRA adapter of `org/base`" in text
    assert {"base_model_relation: adapter", "library_name: gguf", "- gguf"} <= set(head(text))
    beside = head(card(uploaded(has_adapter=False, ggufs=("a-q8_0.gguf",), adapter_gguf="a-adapter.gguf")))
    assert "base_model_relation: quantized" in beside
