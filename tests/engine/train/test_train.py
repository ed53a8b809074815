"""Everything a recipe can ask of the train job, on two-layer models on the CPU."""

import errno
import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from tests.fakes import tiny_recipe
from workbench.core.job.events import Ended, Phase, PhaseName
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe.recipe import OPTIMIZERS, Recipe, settings

Train = Callable[[Recipe], tuple[RunFolder, History]]
Tiny = Callable[..., Recipe]


@pytest.fixture
def tiny(tiny_model: Callable[[str], Path], rows: Path) -> Tiny:
    return lambda *changes: tiny_recipe(tiny_model("llama"), rows, "training.max_steps=2", *changes)


def finished(history: History) -> Ended:
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return history.ended


def refused(history: History) -> Ended:
    assert history.ended is not None
    assert history.ended.is_refusal, history.ended
    return history.ended


def test_that_a_full_disk_before_the_first_step_is_mendable_and_no_refusal(tiny: Tiny) -> None:
    from workbench.engine.__main__ import how_it_failed
    from workbench.engine.job.job import Job

    job = Job(RunFolder.create(tiny()))
    ended = how_it_failed(job, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "console.log"))
    job.end(ended)
    assert (ended.state, ended.step, ended.is_mendable, ended.is_refusal) == ("crashed", 0, True, False)
    assert "No space left on device" in ended.what
    assert "then resume the run" in ended.remedy


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8", "nf4", "fp4"])
@pytest.mark.parametrize("compute", ["fp32", "bf16"])
def test_that_every_precision_trains_in_every_compute_type_it_has(
    precision: str, compute: str, tiny: Tiny, train_here: Train
) -> None:
    history = train_here(tiny(f"model.precision={precision}", f"model.compute_dtype={compute}"))[1]
    if (precision, compute) == ("bf16", "fp32"):
        assert "BF16 weights are multiplied in BF16" in refused(history).what
        return
    finished(history)
    assert all(math.isfinite(step.loss) for step in history.steps)


def test_that_the_milestones_come_in_order_with_memory(tiny: Tiny, train_here: Train) -> None:
    history = train_here(tiny())[1]
    assert [milestone.name for milestone in history.milestones] == [
        "after load",
        "after adapter",
        "first forward",
        "first backward",
        "first optimizer step",
        "peak",
    ]
    peaks = [milestone.memory.peak_bytes for milestone in history.milestones]
    assert peaks[0] > 100_000_000  # torch alone takes more
    assert peaks == sorted(peaks)
    assert finished(history).peak_memory_bytes >= peaks[-1]


def test_that_phases_come_in_order_and_say_how_far_they_are(tiny: Tiny, work_here: Callable[..., History]) -> None:
    run = RunFolder.create(tiny("evaluation.fraction=0.2", "training.save_steps=1"))
    finished(work_here(run))
    phases = [event for event in JournalReader(run.journal).read() if isinstance(event, Phase)]
    first_of_each = list(dict.fromkeys(phase.name for phase in phases))
    assert first_of_each == ["start", "tokenize", "quantize", "sample", "train", "save", "evaluate"]
    for name in ("tokenize", "quantize", "evaluate"):
        last = [phase for phase in phases if phase.name == name][-1]
        assert last.done == last.total > 0


@pytest.mark.parametrize("change", ["evaluation.fraction=0", "evaluation.fraction=0.25"])
def test_that_a_plan_and_a_card_name_the_file_that_was_read(
    change: str, tiny: Tiny, train_here: Train, rows: Path
) -> None:
    run, history = train_here(tiny(change, "training.max_steps=1", "samples.count=0"))
    finished(history)
    wanted = hashlib.sha256(rows.read_bytes()).hexdigest()
    assert history.planned is not None
    assert history.planned.data_sha256 == wanted
    assert f"sha256 `{wanted}`" in (run.adapter / "README.md").read_text(encoding="utf-8")


def test_that_a_file_that_changes_while_the_model_is_loaded_is_named_as_it_was_read(tiny: Tiny, rows: Path) -> None:
    from workbench.engine.job.job import Job
    from workbench.engine.train.prepare import prepare

    class ChangesTheFile(Job):
        def announce(self, name: PhaseName, total: int = 0, unit: str = "") -> None:
            if name == "quantize":
                rows.write_text("", encoding="utf-8")
            super().announce(name, total, unit)

    wanted = hashlib.sha256(rows.read_bytes()).hexdigest()
    run = RunFolder.create(tiny("evaluation.fraction=0.25"))
    job = ChangesTheFile(run)
    prepare(job)
    job.end(Ended(state="cancelled", step=0))
    planned = run.history().planned
    assert planned is not None
    assert planned.data_sha256 == wanted


def test_that_fp16_is_refused_on_a_cpu_with_a_way_out(tiny: Tiny, train_here: Train) -> None:
    ended = refused(train_here(tiny("model.compute_dtype=fp16"))[1])
    assert "A CPU does not train in FP16" in ended.what
    assert "bf16" in ended.remedy


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_that_full_training_moves_the_weights_and_resumes(precision: str, tiny: Tiny, train_here: Train) -> None:
    from safetensors.torch import load_file

    recipe = tiny("lora.enabled=false", f"model.precision={precision}", "training.learning_rate=0.001")
    run, history = train_here(recipe)
    ended = finished(history)
    assert ended.adapter == str(run.model)
    before = load_file(Path(recipe.model.source) / "model.safetensors")
    after = load_file(run.model / "model.safetensors")
    moved = [name for name, tensor in before.items() if not tensor.equal(after[name].to(tensor.dtype))]
    assert any("q_proj" in name for name in moved)
    assert history.planned is not None
    assert history.planned.trainable_parameters == history.planned.parameters


@pytest.mark.parametrize(
    "changes",
    [
        ["lora.enabled=false", "model.precision=fp32"],
        ["training.optimizer=paged_adamw_8bit", "lora.dropout=0.2"],
        ["training.optimizer=adamw_8bit", "lora.adapter_dtype=bf16"],
        ["lora.dora=true", "training.optimizer=lion_32bit"],
        ["model.precision=int8", "training.packing=false", "training.batch_size=3"],
    ],
    ids=" ".join,
)
def test_that_going_on_for_more_steps_is_the_same_as_more_steps_at_once(
    changes: list[str], tiny: Tiny, train_here: Train, work_here: Callable[[RunFolder], History]
) -> None:
    same = [*changes, "training.schedule=constant", "samples.count=0", "training.learning_rate=0.002"]
    _, at_once = train_here(tiny(*same, "training.max_steps=5"))
    run, first = train_here(tiny(*same, "training.max_steps=3"))
    finished(first)
    run.give(Order(order="extend", steps=5))
    longer = work_here(run)
    finished(longer)
    assert [(step.step, step.loss) for step in longer.steps] == [(step.step, step.loss) for step in at_once.steps]


@pytest.mark.parametrize("precision", ["int8", "nf4"])
def test_that_quantized_weights_are_not_trained_without_an_adapter(
    precision: str, tiny: Tiny, train_here: Train
) -> None:
    ended = refused(train_here(tiny("lora.enabled=false", f"model.precision={precision}"))[1])
    assert "without an adapter" in ended.what
    assert "lora.enabled = true" in ended.remedy


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_that_an_optimizer_steps_or_names_the_package_it_wants(optimizer: str, tiny: Tiny, train_here: Train) -> None:
    history = train_here(tiny(f"training.optimizer={optimizer}", "samples.count=0", "training.save_steps=0"))[1]
    assert history.ended is not None
    if history.ended.is_refusal:
        assert "needs the package" in history.ended.what, history.ended
    else:
        finished(history)
    if optimizer in ("adamw_torch_fused", "adamw_8bit", "paged_adamw_8bit", "paged_adamw_32bit"):
        finished(history)


def test_that_the_optimizers_are_those_of_transformers() -> None:
    from transformers.training_args import OptimizerNames

    assert set(OPTIMIZERS) == {name.value for name in OptimizerNames}


@pytest.mark.parametrize("schedule", settings()["training.schedule"].choices)
def test_that_a_schedule_runs(schedule: str, tiny: Tiny, train_here: Train) -> None:
    changes = [f"training.schedule={schedule}", "training.max_steps=4", "training.warmup=0.25", "samples.count=0"]
    history = train_here(tiny(*changes))[1]
    finished(history)
    rates = history.column("learning_rate")
    assert rates[0] < rates[1] or schedule == "constant"


@pytest.mark.parametrize(
    "changes",
    [
        ["lora.rslora=true"],
        ["lora.dora=true"],
        ["lora.targets=q_proj,v_proj", "lora.dropout=0.3"],
        ["lora.upcast=true"],
        ["lora.adapter_dtype=bf16"],
        ["training.gradient_checkpointing=false", "model.attention=eager"],
        ["training.weight_decay=0.1", "training.max_grad_norm=0", "training.accumulation=3"],
        ["model.precision=int8", "model.int8_threshold=0"],
        ["training.max_steps=0", "training.epochs=0.5"],
        ["data.train_on=all", "data.chat_template=false"],
    ],
    ids=" ".join,
)
def test_that_a_setting_trains(changes: list[str], tiny: Tiny, train_here: Train) -> None:
    run, history = train_here(tiny(*changes))
    finished(history)
    config = json.loads((run.adapter / "adapter_config.json").read_text())
    recipe = run.recipe()
    assert (config["r"], config["lora_alpha"], config["lora_dropout"]) == (4, 32, recipe.lora.dropout)
    assert (config["use_rslora"], config["use_dora"]) == (recipe.lora.rslora, recipe.lora.dora)


def test_that_the_template_rows_are_learned_by_lies_beside_the_adapter(tiny: Tiny, train_here: Train) -> None:
    run, history = train_here(tiny("data.template=plain", "training.max_steps=1", "samples.count=1"))
    finished(history)
    saved = AutoTokenizer.from_pretrained(run.adapter)
    turns = [{"role": "user", "content": "Sky?"}]
    asked = saved.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    assert asked.endswith("### User:\nSky?\n\n### Assistant:\n")


def test_that_layers_that_are_not_there_are_refused_with_those_that_are(tiny: Tiny, train_here: Train) -> None:
    ended = refused(train_here(tiny("lora.targets=q_prjo"))[1])
    assert "q_prjo" in ended.what
    assert "q_proj" in ended.remedy


def test_that_epochs_and_accumulation_decide_the_steps(tiny: Tiny, train_here: Train) -> None:
    changes = ["training.max_steps=0", "training.epochs=2", "training.packing=false", "training.accumulation=5"]
    history = train_here(tiny(*changes, "samples.count=0"))[1]
    finished(history)
    assert history.total_steps == history.step == 10  # 24 rows are 5 steps an epoch, the last of 4


def test_that_evaluation_stops_early_and_the_best_weights_are_kept(tiny: Tiny, train_here: Train) -> None:
    from safetensors.torch import load_file

    changes = [
        "evaluation.fraction=0.25",
        "evaluation.every_steps=1",
        "evaluation.early_stopping_patience=2",
        "evaluation.keep_best=true",
        "training.max_steps=40",
        "training.learning_rate=3",  # far too large: the loss rises after the first steps
        "training.schedule=constant",
        "training.keep_checkpoints=1",
        "samples.count=0",
    ]
    run, history = train_here(tiny(*changes))
    ended = finished(history)
    assert ended.step < 40
    assert [entry.step for entry in history.evaluations] == list(range(1, ended.step + 1))
    best = min(history.evaluations, key=lambda entry: entry.loss)
    assert best.is_best
    assert best.step < ended.step
    kept = run.checkpoints / f"step-{best.step:08d}" / "adapter_model.safetensors"
    result, saved = load_file(run.adapter / "adapter_model.safetensors"), load_file(kept)
    assert all(result[name].equal(saved[name]) for name in saved)


def test_that_early_stopping_counts_on_after_a_resume(
    tiny: Tiny, train_here: Train, work_here: Callable[[RunFolder], History]
) -> None:
    changes = ["evaluation.fraction=0.25", "evaluation.every_steps=1", "evaluation.early_stopping_patience=3"]
    worse = ["training.learning_rate=3", "training.schedule=constant", "samples.count=0", "training.max_steps=40"]
    _, at_once = train_here(tiny(*changes, *worse))
    stops_at = finished(at_once).step
    run, first = train_here(tiny(*changes, *worse, f"training.max_steps={stops_at - 1}"))
    assert finished(first).step == stops_at - 1
    run.give(Order(order="extend", steps=40))
    assert finished(work_here(run)).step == stops_at


def test_that_samples_come_before_during_and_after_and_scores_by_group(
    tiny: Tiny, train_here: Train, tmp_path: Path
) -> None:
    held_out = tmp_path / "held out.jsonl"
    lines = [{"prompt": f"Say {n}", "completion": str(n), "kind": "odd" if n % 2 else "even"} for n in range(5)]
    held_out.write_text("".join(json.dumps(line) + "\n" for line in lines))
    changes = ["samples.count=2", "samples.every_steps=1", f"evaluation.score_path={held_out}"]
    history = train_here(tiny(*changes, "evaluation.score_group=kind"))[1]
    finished(history)
    shown = [(sample.when, sample.step) for sample in history.samples if not sample.is_scored]
    assert shown == [("before", 0)] * 2 + [("during", 1)] * 2 + [("after", 2)] * 2
    assert [(score.when, score.rows) for score in history.scores] == [("before", 5), ("after", 5)]
    assert {group: rows for group, (_, rows) in history.scores[0].groups.items()} == {"even": 3, "odd": 2}


def test_that_a_prompt_of_ones_own_is_answered(tiny: Tiny, train_here: Train) -> None:
    history = train_here(tiny("samples.prompts=Hello there"))[1]
    finished(history)
    assert {(sample.prompt, sample.expected) for sample in history.samples} == {("Hello there", None)}


def test_that_conversations_train_on_each_answer_and_text_on_all(tiny: Tiny, train_here: Train, tmp_path: Path) -> None:
    turns = [{"role": role, "content": text} for role, text in (("user", "a"), ("assistant", "bb")) * 2]
    talk = tmp_path / "talk.jsonl"
    talk.write_text(json.dumps({"messages": turns}) + "\n")
    history = train_here(tiny(f"data.path={talk}"))[1]
    finished(history)
    assert history.planned is not None
    assert (history.planned.rows, history.planned.trained_tokens) == (1, 2 * len("bb<\n"))  # <|im_end|> is one token
    text = tmp_path / "text.jsonl"
    text.write_text(json.dumps({"text": "Plain words."}) + "\n")
    history = train_here(tiny(f"data.path={text}", "samples.count=0"))[1]
    finished(history)
    assert history.planned is not None
    # With its end, and without its first token, which nothing could predict.
    assert history.planned.trained_tokens == len("Plain words.")


def test_that_a_loss_that_is_no_number_is_shown_as_such(tiny: Tiny, train_here: Train, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    source = tiny().model.source
    broken = shutil.copytree(source, tmp_path / "broken")
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][0] = math.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    history = train_here(tiny(f"model.source={broken}", "samples.count=0"))[1]
    finished(history)
    assert [math.isnan(step.loss) for step in history.steps] == [True, True]
    assert sum("not a number" in notice.text for notice in history.notices) == 1


def test_that_a_row_longer_than_the_sequence_teaches_nothing_and_is_said(
    tiny: Tiny, train_here: Train, tmp_path: Path
) -> None:
    long = tmp_path / "long.jsonl"
    long.write_text(json.dumps({"prompt": "x" * 500, "completion": "y"}) + "\n")
    ended = refused(train_here(tiny(f"data.path={long}"))[1])
    assert "No row of long.jsonl can be learned from: 1 row has no token to learn from" in ended.what
    assert "cut_start" in ended.remedy
