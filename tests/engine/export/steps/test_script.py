"""The script that trains a run again: with nothing of this program, and with the same losses."""

import ast
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from tests.engine.export.conftest import Export
from tests.fakes import tiny_recipe, tiny_tokenizer, write_rows
from workbench.core.job.export_kinds import StepChecked
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe
from workbench.engine.model import cpu_bf16

Train = Callable[[Recipe], tuple[RunFolder, History]]
# Where a processor has no BF16 arithmetic the run multiplies in a way of its own, which the script says.
COMPUTE = "bf16" if cpu_bf16.is_native() else "fp32"
SMALL_BATCHES = ("training.packing=false", "training.batch_size=2", "training.accumulation=2")
CUT = ("data.too_long=cut_start", "data.most_bad_share=1")
PATIENCE = ("evaluation.early_stopping_patience=9",)
CONVERSATION = [
    {"role": "system", "content": "You count."},
    {"role": "user", "content": "One?"},
    {"role": "assistant", "content": "Two."},
    {"role": "user", "content": "Three?"},
    {"role": "assistant", "content": "Four, and five."},
]


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def data(kind: str, folder: Path) -> Path:
    """Rows of a kind, of which none is like another."""
    if kind == "pairs":
        return write_rows(folder / "pairs.jsonl", 30)
    if kind == "texts":
        return lines(folder / "texts.jsonl", [{"text": f"{n} bicycles, {n * n} wheels." * 3} for n in range(30)])
    turns = [{**turn, "weight": 0} if n == 4 and kind == "weights" else turn for n, turn in enumerate(CONVERSATION)]
    return lines(
        folder / "turns.jsonl",
        [{"messages": [*turns[:3], {**turns[3], "content": f"{n * 7919} and {n}?"}, turns[4]]} for n in range(30)],
    )


def losses(run: RunFolder) -> list[float]:
    return [step.loss for step in run.history().steps]


def losses_of(script: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the script logs as it is run in this process."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES", "0"))
    runpy.run_path(str(script), run_name="__main__")
    state = json.loads((script.parent / "checkpoints" / "trainer_state.json").read_text(encoding="utf-8"))
    return [entry["loss"] for entry in state["log_history"] if "loss" in entry]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("pairs", ()),
        ("pairs", (*SMALL_BATCHES, "model.precision=fp4", "lora.upcast=true", "lora.rslora=true", "lora.dropout=0.1")),
        ("pairs", ("data.chat_template=false", "model.precision=bf16", "lora.dora=true", "lora.adapter_dtype=bf16")),
        ("turns", ("data.train_on=last", "data.system_prompt=You add.", "data.system_turns=replace")),
        (
            "turns",
            (*CUT, "data.train_on=all", "data.template=llama-3", "model.precision=int8", "model.attention=eager"),
        ),
        ("turns", ("evaluation.rows=6", "evaluation.every_steps=3", "evaluation.keep_best=true", *PATIENCE)),
        ("texts", ("lora.enabled=false", "model.precision=fp32", "model.compute_dtype=fp32", "training.epochs=0.2")),
    ],
)
def test_that_the_script_of_a_recipe_has_the_losses_of_the_run(
    kind: str,
    changes: tuple[str, ...],
    tiny_model: Callable[[str], Path],
    train_here: Train,
    export_here: Export,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = "0" if any(change.startswith("training.epochs") for change in changes) else "6"
    given = ["samples.count=0", f"training.max_steps={steps}", f"model.compute_dtype={COMPUTE}", *changes]
    run, _ = train_here(tiny_recipe(tiny_model("llama"), data(kind, tmp_path), *given))
    history = export_here(run, "script")
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    checked = next(event for event in history.findings if isinstance(event, StepChecked))
    assert "became the same tokens" in checked.found
    assert "as tokens" not in checked.found
    theirs, ours = losses_of(tmp_path / "out" / "script" / "train.py", monkeypatch), losses(run)
    assert len(ours) >= 6
    assert theirs == pytest.approx(ours, abs=1e-4)


def test_that_an_adapter_that_is_trained_further_goes_on_with_its_own_numbers(
    tiny_model: Callable[[str], Path],
    train_here: Train,
    export_here: Export,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = ["samples.count=0", "training.max_steps=6", f"model.compute_dtype={COMPUTE}"]
    rows = data("pairs", tmp_path)
    first, _ = train_here(tiny_recipe(tiny_model("llama"), rows, *given))
    second, _ = train_here(tiny_recipe(first.path, rows, *given, "lora.dropout=0.05"))
    assert losses(second)[0] < losses(first)[0]
    export_here(second, "script")
    theirs = losses_of(tmp_path / "out" / "script" / "train.py", monkeypatch)
    assert theirs == pytest.approx(losses(second), abs=1e-4)


def test_that_weights_that_are_stored_quantized_are_trained_as_they_are(
    tiny_model: Callable[[str], Path],
    train_here: Train,
    export_here: Export,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = ["samples.count=0", "training.max_steps=6", f"model.compute_dtype={COMPUTE}"]
    quantization = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4")
    model = AutoModelForCausalLM.from_pretrained(
        tiny_model("llama"), quantization_config=quantization, dtype=torch.bfloat16, device_map={"": "cpu"}
    )
    stored = tmp_path / "stored"
    model.save_pretrained(stored)
    tiny_tokenizer().save_pretrained(stored)
    run, _ = train_here(tiny_recipe(stored, data("pairs", tmp_path), *given))
    export_here(run, "script")
    theirs = losses_of(tmp_path / "out" / "script" / "train.py", monkeypatch)
    assert theirs == pytest.approx(losses(run), abs=1e-4)


def test_that_rows_whose_tokens_the_code_would_find_otherwise_stand_there_as_tokens(
    llama: Path, train_here: Train, export_here: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing = (
        "{% for message in messages %}{{ message['role'] }}{% if loop.last %}!{% endif %}: {{ message['content'] }}"
        "<|im_end|>{% endfor %}{% if add_generation_prompt %}assistant!: {% endif %}"
    )
    (llama / "chat_template.jinja").write_text(changing, encoding="utf-8")
    run, _ = train_here(tiny_recipe(llama, data("turns", tmp_path), "samples.count=0", "training.max_steps=2"))
    history = export_here(run, "script")
    checked = next(event for event in history.findings if isinstance(event, StepChecked))
    assert "60 rows became" in checked.found
    assert "of them stand there as tokens" in checked.found
    script = tmp_path / "out" / "script" / "train.py"
    assert "stand in the files as tokens" in script.read_text(encoding="utf-8")
    if COMPUTE == "bf16":
        assert losses_of(script, monkeypatch) == pytest.approx(losses(run), abs=1e-4)


def test_that_a_run_whose_rows_have_changed_is_not_written_as_something_else(
    tiny_model: Callable[[str], Path], train_here: Train, export_here: Export, tmp_path: Path
) -> None:
    rows = data("pairs", tmp_path)
    run, _ = train_here(tiny_recipe(tiny_model("llama"), rows, "samples.count=0", "training.max_steps=1"))
    write_rows(rows, 31)
    ended = export_here(run, "script").ended
    assert ended is not None
    assert "What the run has learned is no longer there: the data changed." in ended.what
    assert not (tmp_path / "out" / "script").exists()


@pytest.mark.starter
@pytest.mark.usefixtures("starter_of_the_session")
def test_that_the_starter_is_trained_again_by_a_process_that_knows_nothing_of_this_program(
    train_here: Train, export_here: Export, tmp_path: Path
) -> None:
    given = ["samples.count=0", "training.max_steps=6", "training.learning_rate=6e-4", f"model.compute_dtype={COMPUTE}"]
    run, _ = train_here(tiny_recipe(Path("starter"), Path("shopping"), *given))
    export_here(run, "script")
    script = tmp_path / "out" / "script" / "train.py"
    modules = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert modules <= {*sys.stdlib_module_names, "torch", "transformers", "trl", "peft", "bitsandbytes", "datasets"}
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(script)], cwd="/", env=own, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    state = json.loads((script.parent / "checkpoints" / "trainer_state.json").read_text(encoding="utf-8"))
    theirs = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert theirs == pytest.approx(losses(run), abs=1e-4)
    assert (script.parent / "adapter" / "adapter_model.safetensors").is_file()
