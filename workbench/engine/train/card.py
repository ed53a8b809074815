"""The model card that goes with an adapter."""

from pathlib import Path

from workbench.core.job.events import Ended, Planned
from workbench.core.job.history import History
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.recipe.recipe import QUANTIZED
from workbench.core.recipe.text import to_toml
from workbench.engine.job.job import Job


def write(folder: Path, job: Job, base: str, history: History, ended: Ended) -> None:
    """Writes README.md with base model, recipe, data hash and results."""
    assert history.planned is not None
    (folder / "README.md").write_text(_text(job, base, history.planned, history, ended), encoding="utf-8")


def _text(job: Job, base: str, planned: Planned, history: History, ended: Ended) -> str:
    recipe = job.recipe
    kind = "adapter" if recipe.lora.enabled else "model"
    front = ["---", f"base_model: {base}", "pipeline_tag: text-generation"]
    front += ["library_name: peft"] if recipe.lora.enabled else ["library_name: transformers"]
    front += ["tags:", "- lora" if recipe.lora.enabled else "- full-training"]
    front += ["- qlora"] if recipe.lora.enabled and recipe.model.precision in QUANTIZED else []
    lines = [
        *front,
        "---",
        "",
        f"# {job.run.name}",
        "",
        f"A fine-tuned {kind} of `{base}`, trained with QLoRA Workbench.",
        "",
        f"- Base weights while training: {planned.stored_as}, computed in {recipe.model.compute_dtype.upper()}",
        f"- Trained parameters: {planned.trainable_parameters:,} of {planned.parameters:,}",
        f"- Data: {Path(recipe.data.path).name}, {planned.rows:,} rows, sha256 `{planned.data_sha256}`",
        *_left_out(history),
        f"- Steps: {ended.step:,} of {planned.steps:,} on {planned.device}",
    ]
    if history.steps:
        lines.append(f"- Loss: {history.steps[0].loss:.4f} at first, {history.steps[-1].loss:.4f} at last")
    lines += [f"- Evaluation loss at step {entry.step}: {entry.loss:.4f}" for entry in history.evaluations[-1:]]
    for score in history.scores:
        groups = "".join(f"; {name}: {right} of {rows}" for name, (right, rows) in score.groups.items())
        lines.append(f"- Exact match {score.when} training: {score.right} of {score.rows}{groups}")
    if history.started:
        used = ", ".join(f"{name} {version}" for name, version in history.started.versions.items() if version)
        lines.append(f"- Made with {used}")
    lines += ["", "## Use", "", "```python", *_use(recipe.lora.enabled, base), "```"]
    lines += ["", "## Recipe", "", "```toml", to_toml(recipe).strip(), "```", ""]
    return "\n".join(lines)


def _left_out(history: History) -> list[str]:
    """What was not learned as it stood in the files, by kind; nothing for a run of an earlier version."""
    prepared = next((found for found in reversed(history.findings) if isinstance(found, DataPrepared)), None)
    if prepared is None:
        return []
    told = [
        f"  - {found.title}{' (held out)' * (found.part == 'held out')}: {found.count:,}, {found.done}"
        for found in prepared.found
    ]
    held_out = f", {prepared.held_out:,} held out" if prepared.held_out else ""
    counts = f"{prepared.rows:,} in the files, {prepared.used:,} learned from{held_out}"
    return [f"- Rows: {counts}; {prepared.mapping}", f"- Template: {prepared.template}", *told]


def _use(is_adapter: bool, base: str) -> list[str]:
    if not is_adapter:
        return [
            "from transformers import AutoModelForCausalLM",
            "",
            'model = AutoModelForCausalLM.from_pretrained("path/to/this/folder")',
        ]
    return [
        "from peft import PeftModel",
        "from transformers import AutoModelForCausalLM",
        "",
        f'base = AutoModelForCausalLM.from_pretrained("{base}")',
        'model = PeftModel.from_pretrained(base, "path/to/this/folder")',
    ]
