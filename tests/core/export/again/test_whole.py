"""The code of a run's training: every recipe's is Python as a formatter writes it, and holds what the recipe asks."""

import ast
import subprocess
import sys

import pytest

from workbench.core.export.again.training import Training
from workbench.core.export.again.whole import cells
from workbench.core.export.cells import as_script
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

RECIPES = (
    (),
    ("model.precision=int8", "training.packing=false", "data.train_on=last", "model.device=cuda"),
    ("model.precision=fp32", "model.compute_dtype=fp32", "lora.enabled=false", "training.save_steps=0"),
    ("evaluation.rows=4", "evaluation.every_steps=2", "evaluation.keep_best=true", "data.train_on=all"),
    ("lora.dora=true", "lora.adapter_dtype=bf16", "lora.upcast=true", "evaluation.early_stopping_patience=2"),
    ("model.compute_dtype=fp16", "lora.targets=q_proj,v_proj", "data.too_long=cut_start", "training.epochs=3"),
)


def training(*changes: str, **more: object) -> Training:
    recipe = recipe_text.with_overrides(Recipe(), changes)
    held_out = recipe.evaluation.rows > 0
    given = {"run": "a-run", "recipe": recipe, "base": "org/base", "steps": recipe.training.max_steps, **more}
    return Training(**{"held_out": held_out, **given})  # type: ignore[arg-type]


def script(*changes: str, **more: object) -> str:
    return as_script(cells(training(*changes, **more)))


@pytest.mark.parametrize("changes", RECIPES)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"is_plain": True, "is_turns": False, "before": (1,), "notes": ("It differs.",)},
        {"is_plain": True, "has_template": True, "as_tokens": (2, 9), "tokens": {"pad_token": "</s>"}},
        {"adapter": "/an/adapter", "revision": "abc", "is_stored_quantized": True, "versions": {"trl": "1.16.0"}},
    ],
)
def test_that_the_code_of_every_recipe_is_formatted_and_imports_what_it_uses(
    changes: tuple[str, ...], more: dict[str, object]
) -> None:
    found = script(*changes, **more)
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--line-length", "120", "-"]
    for command in (["check", "--select", "E,F,W,I,B,UP", "--quiet"], ["format", "--diff", "--quiet"]):
        done = subprocess.run([*ruff, *command, *options], input=found, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_that_names_with_quotes_and_line_ends_are_texts_of_the_code_and_nothing_more() -> None:
    name = 'a"; import os\nos.abort()  # é\\'
    tree = ast.parse(script(base=name))
    (base,) = (
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "BASE"
        and isinstance(node.value, ast.Constant)
    )
    assert base == name


def test_that_the_run_s_name_cannot_leave_the_comments() -> None:
    found = script(run="one\nimport os", notes=("two\nimport os",))
    assert not [node for node in ast.parse(found).body if isinstance(node, ast.Import) and node.lineno < 10]
    assert found.startswith("# %% [markdown]\n# # one\n# import os")


def test_that_what_differs_from_the_run_stands_at_the_head() -> None:
    head = script(notes=("Memory ran out.",), as_tokens=(3, 1200)).partition("\nimport json")[0]
    assert "Memory ran out." in head
    assert "3 of 1,200 rows stand in the files as tokens" in head
