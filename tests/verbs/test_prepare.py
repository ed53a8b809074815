"""`workbench prepare` says what rows become and what is left out of them, and shows any row token by token."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.tokens.prepared.made import asked, write
from tests.fakes import tiny_recipe
from tests.runs import workbench
from workbench.core import places
from workbench.core.recipe import text as recipe_text

FACTS = {
    *("rows", "used", "kind", "mapping", "left_out", "tokens", "trained_tokens", "cut_rows", "sequences", "fill"),
    *("held_out", "duplicates", "leaked", "seconds", "sha256"),
}


@pytest.fixture
def folder(tiny_model: Callable[[str], Path]) -> Path:
    return tiny_model("llama")


def facts(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(workbench("prepare", *words, "--json").stdout)
    return found


def test_that_files_are_prepared_and_a_row_is_shown_token_by_token(folder: Path, tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [*asked(10), "{broken", *asked(1)])
    second = write(tmp_path / "b.jsonl", asked(5, 10))
    words = ("--data", str(first), str(second), "--model", str(folder))
    found = facts(*words, "--set", "evaluation.rows=2", "--out", str(tmp_path / "out"))
    assert set(found) >= FACTS
    assert (found["rows"], found["used"], found["held_out"], found["duplicates"]) == (17, 13, 2, 1)
    assert found["kind"] == "prompt"
    assert found["mapping"] == "`prompt` is the prompt, `completion` the completion"
    told = {entry["why"]: (entry["count"], entry["lines"]) for entry in found["left_out"]}
    assert told == {"broken": (1, [11]), "duplicate": (1, [12])}
    assert 0 < found["trained_tokens"] < found["tokens"]
    assert (tmp_path / "out" / "trained.arrow").stat().st_size > found["tokens"] * 8
    assert not list(places.studies().iterdir())  # what the job leaves lies in the cache

    again = workbench("prepare", *words, "--set", "evaluation.rows=2", "--row", "12", code=2)
    assert "Row 12 is left out (duplicate): such rows equal an earlier row." in " ".join(again.stderr.split())
    row = facts(*words, "--set", "evaluation.rows=2", "--row", "2")
    assert set(row) == {"ids", "pieces", "kinds", "text"}
    assert row["text"].startswith("<|im_start|>user\nWhat is 1 and 1?<|im_end|>\n")
    assert "".join(row["pieces"]) == row["text"]
    assert len(row["ids"]) == len(row["pieces"]) == len(row["kinds"])
    trained = [piece for piece, kind in zip(row["pieces"], row["kinds"], strict=True) if kind == "trained"]
    assert "".join(trained).strip() == "It is 2.<|im_end|>"
    assert row["kinds"][0] == "special"
    assert set(row["kinds"]) == {"special", "context", "trained"}
    cut = facts(*words, "--set", "training.max_length=44", "--set", "data.most_bad_share=1", "--row", "2")
    assert cut["kinds"][44:] == ["cut"] * (len(cut["ids"]) - 44)


def test_that_a_recipe_is_prepared_as_train_would_and_told_in_words(folder: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(9), "{broken"])
    recipe = tmp_path / "mine.toml"
    recipe.write_text(recipe_text.to_toml(tiny_recipe(folder, data)), encoding="utf-8")
    said = " ".join(workbench("prepare", str(recipe)).stdout.split())
    assert "rows.jsonl: 10 rows. `prompt` is the prompt, `completion` the completion." in said
    assert "9 rows are learned from: " in said
    assert "1 row cannot be read: left out." in said
    assert "rows.jsonl, line 10, column 2: " in said
    shown = workbench("prepare", str(recipe), "--row", "1").stdout
    assert "What is 0 and 0?" in shown
    assert " trained" in shown


def test_that_what_cannot_be_prepared_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(2), "{", *asked(1)])
    model = ("--model", str(folder))

    def refused(*words: str) -> str:
        done = workbench("prepare", *words, "--json", code=2)
        assert done.stdout == ""
        said = " ".join(done.stderr.split())
        assert said.count(said[-60:]) == 1  # told once
        return said

    assert "rows.jsonl, line 3: broken JSON" in refused("--data", str(data), *model)
    assert "data.most_bad_share = 0.75" in refused(
        *("--data", str(data), *model, "--set", "data.most_bad_share=0.26", "--set", "training.max_length=40"),
    )
    assert "Row 3 is left out: broken JSON" in refused(
        *("--data", str(data), *model, "--set", "data.most_bad_share=0.5", "--row", "3")
    )
    assert "There is no row 9: there are 4 rows." in refused(
        *("--data", str(data), *model, "--set", "data.most_bad_share=0.5", "--row", "9")
    )
    assert "none.jsonl" in refused("--data", str(tmp_path / "none.jsonl"), *model)
    assert "takes one recipe, or files with --data" in refused()
    assert "is there already" in refused("--data", str(data), *model, "--out", str(tmp_path))
