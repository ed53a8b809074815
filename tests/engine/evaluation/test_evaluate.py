"""A run and its base measured on the same rows: by what weights, how sure, and kept with the run."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from tests.fakes import tiny_recipe
from tests.hub_server import empty_cache_at
from workbench.core import places
from workbench.core.evaluation.kept import ANSWERS, kept_evaluations
from workbench.core.job import checkpoints
from workbench.core.job.evaluation_kinds import EvaluateRequest, EvaluationKept, TaskMeasured, TaskRefused
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.recipe.recipe import Recipe

Train = Callable[[Recipe], tuple[RunFolder, History]]
Work = Callable[[RunFolder], History]


@pytest.fixture
def tuned(llama: Path, rows: Path, train_here: Train) -> RunFolder:
    """A run that has learned enough to answer otherwise, with four rows held out."""
    changes = ("training.learning_rate=0.05", "evaluation.rows=4", "samples.count=0")
    run, history = train_here(tiny_recipe(llama, rows, *changes))
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return run


def figures(history: History) -> dict[str, TaskMeasured]:
    return {f"{event.task}: {event.metric}": event for event in history.findings if isinstance(event, TaskMeasured)}


def arc_in_the_cache(hub: Path) -> None:
    """Six questions as the Hub's allenai/ai2_arc has them, where programs keep what they have fetched."""
    folder, commit = hub / "datasets--allenai--ai2_arc", "a" * 40
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(commit, "utf-8")
    asked = [
        {
            "id": str(n),
            "question": f"What is {n} and one?",
            "choices": {"text": [str(n + 1), str(n + 2), "cat"], "label": ["A", "B", "C"]},
            "answerKey": "ABC"[n % 3],
        }
        for n in range(6)
    ]
    for split in ("train", "validation", "test"):
        file = folder / "snapshots" / commit / "ARC-Easy" / f"{split}-00000-of-00001.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(asked), file)


def test_that_both_are_measured_on_the_same_rows_and_kept_with_the_run(
    tuned: RunFolder, rows: Path, tmp_path: Path, work_here: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    arc_in_the_cache(empty_cache_at(tmp_path / "hf", monkeypatch))
    choices = tmp_path / "choices.jsonl"
    asked = [{"question": f"What is {n}?", "choices": ["four", "five", "six"], "answer": n % 3} for n in range(5)]
    choices.write_text("".join(json.dumps(row) + "\n" for row in [*asked, {"question": "?"}]), "utf-8")
    request = EvaluateRequest(
        model=str(tuned.path),
        exact=(str(rows),),
        choice=(str(choices),),
        perplexity=("held-out", str(rows)),
        tasks=("arc_easy", "arc_challenge", "arc_esay"),
        limit=6,
    )
    study = create_study(request)
    history = work_here(study)
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    found = figures(history)
    assert list(found) == [
        "rows, exact match: exact match",
        "choices, accuracy: accuracy",
        "choices, accuracy: accuracy by length",
        "held-out, perplexity: perplexity",
        "rows, perplexity: perplexity",
        "arc_easy: accuracy",
        "arc_easy: accuracy by length",
    ]
    digest = checkpoints.sha256(tuned.adapter / "adapter_model.safetensors")
    for event in found.values():
        assert [(side.side, side.adapter_sha256, side.strength) for side in event.sides] == [
            ("base", "", 0.0),
            ("tuned", digest, 1.0),
        ]
        assert event.apart is not None
        assert event.apart.low is not None
        assert event.apart.high is not None
        assert event.apart.low <= event.apart.value <= event.apart.high
    assert (found["choices, accuracy: accuracy"].rows, found["choices, accuracy: accuracy"].left_out) == (5, 1)
    assert found["held-out, perplexity: perplexity"].rows == 4
    assert found["rows, perplexity: perplexity"].verdict == "tuned is better than base"
    refused = {event.task: event for event in history.findings if isinstance(event, TaskRefused)}
    assert list(refused) == ["arc_challenge", "arc_esay"]
    assert "allenai/ai2_arc" in refused["arc_challenge"].what
    assert "arc_easy" in refused["arc_esay"].what

    (kept,), told = kept_evaluations(tuned)
    assert told == []
    assert kept.tasks == [event.model_copy(update={"at": 0.0, "elapsed_seconds": 0.0}) for event in found.values()]
    assert kept.adapter_sha256 == digest
    (place,) = [event.folder for event in history.findings if isinstance(event, EvaluationKept)]
    answers = [json.loads(line) for line in (Path(place) / ANSWERS).read_text("utf-8").splitlines()]
    assert len(answers) == sum(event.rows for name, event in found.items() if "by length" not in name)
    assert set(answers[0]["sides"]) == {"base", "tuned"}


def test_that_the_held_out_perplexity_is_that_of_the_runs_own_evaluation(tuned: RunFolder, work_here: Work) -> None:
    loss = tuned.history().evaluations[-1].loss
    history = work_here(create_study(EvaluateRequest(model=str(tuned.path), perplexity=("held-out",))))
    (found,) = figures(history).values()
    assert math.log(found.sides[1].figure.value) == pytest.approx(loss, rel=0.02)  # the trainer's is a mean of batches


def test_that_log_likelihoods_are_those_of_the_model_itself(
    tiny_model: Callable[[str], Path], rows: Path, work_here: Work
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = tiny_model("llama")
    history = work_here(create_study(EvaluateRequest(model=str(path), perplexity=(str(rows),), limit=2)))
    (found,) = figures(history).values()
    assert [side.side for side in found.sides] == ["base"]
    assert found.apart is None
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.bfloat16)
    loss, tokens = 0.0, 0
    for line in rows.read_text("utf-8").splitlines()[:2]:
        row = json.loads(line)
        turns = [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]}]
        whole = tokenizer.apply_chat_template(turns, return_tensors="pt", return_dict=False)
        asked = tokenizer.apply_chat_template(turns[:1], add_generation_prompt=True, return_dict=False)
        labels = whole.clone()
        labels[:, : len(asked)] = -100
        count = int((labels != -100).sum())
        with torch.inference_mode():
            logits = model(whole).logits.float()
        loss += torch.nn.functional.cross_entropy(
            logits[0, :-1], labels[0, 1:], ignore_index=-100, reduction="sum"
        ).item()
        tokens += count
    assert math.log(found.sides[0].figure.value) == pytest.approx(loss / tokens, rel=2e-3)
    folder = places.studies()
    assert any((folder / study.name / "evaluations").is_dir() for study in folder.iterdir()), "there is no run"


def test_that_an_evaluation_of_nothing_is_a_sentence(tuned: RunFolder, tmp_path: Path, work_here: Work) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"text": "One."}\n', "utf-8")
    history = work_here(create_study(EvaluateRequest(model=str(tuned.path), exact=(str(empty),))))
    assert history.ended is not None
    assert history.ended.is_mendable
    assert "could be measured" in history.ended.what
    assert kept_evaluations(tuned) == ([], [])
