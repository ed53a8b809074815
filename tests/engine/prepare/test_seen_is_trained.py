"""What the Data page shows of a row is what is trained on: the tokens and labels of the batch that the trainer gets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batches import Sequence, in_the_batch
from tests.fakes import tiny_recipe
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.first_look import read_first, with_tokens
from workbench.core.tokens.token_row import IGNORED
from workbench.panes.data.seen.shown_tokens import TRAINED, TRUNCATED, ShownTokens
from workbench.panes.data.seen.views import view_of

TURNS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Two rye loaves?"},
    {"role": "assistant", "content": "Two, here."},
    {"role": "user", "content": "And rolls, " + "please, " * 12},
    {"role": "assistant", "content": "Six of them."},
]
SHARED = [
    {"from": "human", "value": "Is it open?"},
    {"from": "gpt", "value": "Until six."},
    {"from": "human", "value": "And on Sundays?"},
    {"from": "gpt", "value": "Closed."},
]
ROWS: dict[str, list[dict[str, Any]]] = {
    "prompt": [
        {"Question": f"What is {n} and {n}?", "Answer": f"It is {2 * n}, " + "and so on " * n} for n in range(9)
    ],
    "alpaca": [
        {"instruction": "Add them.", "input": "2 3", "output": "5"},
        {"instruction": "Name a colour.", "input": "", "output": "Blue."},
    ],
    "messages": [{"messages": TURNS}, {"messages": TURNS[1:3]}, {"messages": TURNS[:3]}],
    "sharegpt": [{"conversations": SHARED}, {"conversations": SHARED[:2]}],
    "preference": [{"prompt": "Tea?", "chosen": "Yes, please.", "rejected": "No."}],
    "text": [{"text": "Once upon a time there was a baker."}, {"text": "二つのパン 👩‍👩‍👧 " * 9}],
}
TEMPLATES = ("", "llama-3", "qwen3", "plain")


@pytest.fixture(scope="module")
def model(tiny_model: Callable[[str], Path]) -> Path:
    return tiny_model("llama")


def shown_on_the_page(recipe: Recipe, folder: Path) -> list[Sequence]:
    """Ids and labels of what the card's tokens say is learned."""
    tokenizer = kept_tokenizer.make(folder)
    look = with_tokens(read_first(recipe.data), tokenizer, recipe)
    found = []
    for looked in look.rows:
        if looked.is_left_out:
            continue
        for piece in range(len(looked.pieces)):
            tokens = view_of(looked, "line 1", tokenizer, recipe.training.max_length, "", piece).tokens
            assert tokens is not None
            found.append(as_trained(tokens))
    return sorted(found)


def as_trained(tokens: ShownTokens) -> Sequence:
    kept = [place for place, kind in enumerate(tokens.kinds.tolist()) if kind != TRUNCATED]
    ids = tuple(int(tokens.ids[place]) for place in kept)
    return ids, tuple(int(tokens.ids[place]) if tokens.kinds[place] == TRAINED else IGNORED for place in kept)


@pytest.mark.parametrize("is_packed", [True, False], ids=["packed", "padded"])
@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("shape", ROWS)
def test_that_the_batch_holds_exactly_what_was_shown(
    model: Path, tmp_path: Path, shape: str, template: str, is_packed: bool
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS[shape]), encoding="utf-8")
    recipe = tiny_recipe(
        model,
        path,
        f"data.template={template}",
        f"training.packing={str(is_packed).lower()}",
        "training.max_length=280",
    )
    shown = shown_on_the_page(recipe, model)
    assert shown == in_the_batch(recipe, model, tmp_path / "out")
    assert any(label != IGNORED for _, labels in shown for label in labels)


@pytest.mark.parametrize(
    "change",
    ["data.too_long=cut_start", "data.too_long=leave_out", "data.train_on=last", "data.train_on=all",
     "data.system_prompt=Be kind."],
)  # fmt: skip
def test_that_it_does_so_whatever_is_done_with_rows(model: Path, tmp_path: Path, change: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS["messages"]), encoding="utf-8")
    recipe = tiny_recipe(model, path, "training.max_length=160", change)
    assert shown_on_the_page(recipe, model) == in_the_batch(recipe, model, tmp_path / "out")
