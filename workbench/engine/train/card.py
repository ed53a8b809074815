"""The model card that goes with an adapter."""

from pathlib import Path

from workbench.core.job.events import Ended
from workbench.core.job.history import History
from workbench.core.recipe.recipe import QUANTIZED
from workbench.core.recipe.text import to_toml
from workbench.core.runs.card_facts import facts
from workbench.engine.job.job import Job


def write(folder: Path, job: Job, base: str, history: History, ended: Ended) -> None:
    """Writes README.md with base model, recipe, data hash and results."""
    (folder / "README.md").write_text(_text(job, base, history, ended), encoding="utf-8")


def _text(job: Job, base: str, history: History, ended: Ended) -> str:
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
        *facts(recipe, history, ended.step),
    ]
    lines += ["", "## Use", "", "```python", *_use(recipe.lora.enabled, base), "```"]
    lines += ["", "## Recipe", "", "```toml", to_toml(recipe).strip(), "```", ""]
    return "\n".join(lines)


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
