"""What the trainer is given is what was shown, packed or not; and a run goes on with what it began with, or asks."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.core.tokens.prepared.made import write
from tests.core.tokens.prepared.test_preparing import BRACKETS, MANY_SHAPES, MARKED
from tests.fakes import CHATML, FAMILIES, save_tiny_model, tiny_recipe
from tests.runs import workbench
from workbench.core.data.rows import OpenRows, RowProblem
from workbench.core.job.events import Ended
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.token_row import IGNORED
from workbench.core.tokens.tokenizing import RowTokenizer

Train = Callable[[Recipe], tuple[RunFolder, History]]


@pytest.fixture(scope="module")
def model_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A tiny model with a chat template, each made once."""
    made: dict[str, Path] = {}

    def make(template: str) -> Path:
        if template not in made:
            folder = tmp_path_factory.mktemp("model")
            made[template] = save_tiny_model(FAMILIES["llama"](), folder, template=template or None)
        return made[template]

    return make


@pytest.mark.parametrize("packing", [True, False], ids=["packed", "unpacked"])
@pytest.mark.parametrize("template", [CHATML, BRACKETS, MARKED, ""], ids=["chatml", "brackets", "marked", "none"])
@pytest.mark.parametrize("shape", MANY_SHAPES)
def test_that_the_trainers_batches_hold_what_every_row_is_shown_as(
    shape: str, template: str, packing: bool, model_with: Callable[[str], Path], tmp_path: Path
) -> None:
    from workbench.engine.job.job import Job
    from workbench.engine.train.prepare import prepare

    data = write(tmp_path / "rows.jsonl", MANY_SHAPES[shape])
    changes = (f"training.packing={packing}", "training.max_length=300", "training.batch_size=3", "samples.count=0")
    recipe = tiny_recipe(model_with(template), data, *changes, "lora.dropout=0")
    rows = [row for _, row in OpenRows(recipe.data).each() if not isinstance(row, RowProblem)]
    shown = [
        (piece.input_ids.tolist(), [IGNORED, *piece.labels.tolist()[1:]])
        for made in RowTokenizer(kept_tokenizer.make(model_with(template)), recipe).rows(rows)
        for piece in made
    ]
    job = Job(RunFolder.create(recipe))
    trainer = prepare(job).trainer
    given = [pair for batch in trainer.get_train_dataloader() for pair in rows_of(batch, is_packed=packing)]
    job.end(Ended(state="cancelled"))
    assert sorted(given) == sorted(shown)


def rows_of(batch: dict[str, Any], *, is_packed: bool) -> list[tuple[list[int], list[int]]]:
    """The rows of a batch without its padding: ids and labels."""
    ids, labels = batch["input_ids"], batch["labels"]
    if is_packed:
        starts = [*(batch["position_ids"][0] == 0).nonzero().flatten().tolist(), ids.shape[1]]
        pairs = pairwise(starts)
        return [(ids[0, start:end].tolist(), labels[0, start:end].tolist()) for start, end in pairs]
    lengths = batch["attention_mask"].sum(dim=1).tolist()
    assert all((labels[row, length:] == IGNORED).all() for row, length in enumerate(lengths))
    return [(ids[row, :length].tolist(), labels[row, :length].tolist()) for row, length in enumerate(lengths)]


def test_that_what_is_left_out_is_in_journal_notices_and_card(
    tiny_model: Callable[[str], Path], tmp_path: Path, train_here: Train
) -> None:
    data = write(tmp_path / "rows.jsonl", [*MANY_SHAPES["prompt"], "{broken", MANY_SHAPES["prompt"][0]])
    run, history = train_here(tiny_recipe(tiny_model("llama"), data, "training.max_steps=1"))
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    found = next(event for event in history.findings if isinstance(event, DataPrepared))
    assert (found.rows, found.used, found.bad, found.duplicates) == (14, 12, 1, 1)
    assert any("1 row cannot be read: left out; 1 row equals an earlier row" in one.text for one in history.notices)
    card = (run.adapter / "README.md").read_text(encoding="utf-8")
    assert "- Rows: 14 in the files, 12 learned from; `prompt` is the prompt, `completion` the completion" in card
    assert "  - Broken: 1, left out" in card
    assert "  - Duplicate: 1, left out" in card


def test_that_a_run_goes_on_with_what_it_began_with_or_asks(
    tiny_model: Callable[[str], Path], tmp_path: Path, llama: Path
) -> None:
    data = write(tmp_path / "rows.jsonl", MANY_SHAPES["prompt"])
    recipe = tiny_recipe(llama, data, "training.max_steps=2", "samples.count=0")
    run = RunFolder.create(recipe)
    assert json.loads(workbench("train", str(run.path), "--json").stdout)["state"] == "finished"

    def resume(*words: str, code: int) -> str:
        return " ".join(workbench("resume", run.name, "--steps", "1", *words, "--json", code=code).stderr.split())

    write(data, [*MANY_SHAPES["prompt"], {"prompt": "One more?", "completion": "Yes."}])
    said = resume(code=2)
    assert "The data is not what this run began with." in said
    assert f"`workbench resume {run.name} --with-changed-data`" in said
    assert run.history().step == 2
    assert "it goes on with what is there now" in resume("--with-changed-data", code=0)
    assert run.history().step > 2

    template = (llama / "chat_template.jinja").read_text(encoding="utf-8")
    (llama / "chat_template.jinja").write_text(template.replace("assistant", "Assistant"), encoding="utf-8")
    run = RunFolder.create(recipe)
    workbench("train", str(run.path), "--json")
    (llama / "chat_template.jinja").write_text(template, encoding="utf-8")
    assert "template" in resume(code=2)
