"""The model card of what is uploaded: base, data in figures, recipe, results, and how to use it; never a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.export.hub_files import is_a_path
from workbench.core.hub.uploads import TAG
from workbench.core.job.export_kinds import WeightsMeasured
from workbench.core.job.history import History
from workbench.core.recipe.recipe import QUANTIZED, Recipe, settings
from workbench.core.recipe.text import literal
from workbench.core.runs.card_facts import facts

_TYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
# What a person has written for themselves: paths of their machine, and texts that may be rows.
_KEPT_BACK = ("samples.prompts",)
_PATHS = ("model.source", "data.path", "data.also", "data.template", "evaluation.path", "evaluation.score_path")


@dataclass(frozen=True)
class Uploaded:
    """What a card is about.

    Attributes:
        id: Of the repository.
        name: What it is called.
        base: The base's id on the Hub, or the folder that it was loaded from.
        licence: Of the base, as the Hub writes it; empty where it is not known.
        has_adapter: An adapter stands at the top of the repository; else a whole model, or GGUF files alone.
        has_model: A whole model stands at the top.
        ggufs: The names of GGUF files, each a whole model.
        adapter_gguf: The name of the adapter as one; empty where it is not there.
        recipe: What it was trained by; None for an adapter that has come without its run.
        history: Of that run.
        step: The one that it was taken at.
        measured: What was found of the weights, one after the other.
    """

    id: str
    name: str
    base: str
    licence: str
    has_adapter: bool
    has_model: bool
    ggufs: tuple[str, ...]
    recipe: Recipe | None
    history: History | None
    step: int
    measured: Sequence[WeightsMeasured] = ()
    adapter_gguf: str = ""

    @property
    def is_adapter(self) -> bool:
        """Whether it says nothing without its base: no whole model is among it."""
        return self.has_adapter or bool(self.adapter_gguf and not (self.has_model or self.ggufs))


def card(uploaded: Uploaded) -> str:
    """README.md, with what the Hub reads at its head."""
    base = Path(uploaded.base).name if is_a_path(uploaded.base) else uploaded.base
    kind = "LoRA adapter" if uploaded.is_adapter else "fine-tuned model"
    beside = (
        f" The adapter says nothing without `{base}`, the model that it was trained on." if uploaded.is_adapter else ""
    )
    lines = [*_head(uploaded), "", f"# {uploaded.name}", ""]
    lines += [f"A {kind} of `{base}`, trained with QLoRA Workbench.{beside}"]
    if uploaded.licence:
        lines += ["", f"The licence of the base model, {uploaded.licence}, holds for it too."]
    lines += ["", "## How to use it", "", *_use(uploaded, base)]
    if uploaded.recipe is not None and uploaded.history is not None:
        lines += ["", "## Training and results", "", *facts(uploaded.recipe, uploaded.history, uploaded.step)]
    lines += _measured(uploaded.measured)
    if uploaded.recipe is not None:
        lines += ["", "## Recipe", "", "```toml", *_recipe(uploaded.recipe), "```"]
    return "\n".join(lines) + "\n"


def _head(uploaded: Uploaded) -> list[str]:
    recipe = uploaded.recipe
    is_of_hub = not is_a_path(uploaded.base)
    relation = "adapter" if uploaded.is_adapter else "finetune" if uploaded.has_model else "quantized"
    library = "peft" if uploaded.has_adapter else "transformers" if uploaded.has_model else "gguf"
    tags = [TAG]
    tags += ["lora"] if recipe is None or recipe.lora.enabled else []
    tags += ["qlora"] if recipe is not None and recipe.lora.enabled and recipe.model.precision in QUANTIZED else []
    tags += ["gguf"] if uploaded.ggufs or uploaded.adapter_gguf else []
    return [
        "---",
        *([f"base_model: {literal(uploaded.base)}", f"base_model_relation: {relation}"] if is_of_hub else []),
        *([f"license: {literal(uploaded.licence)}"] if uploaded.licence else []),
        f"library_name: {library}",
        "pipeline_tag: text-generation",
        "tags:",
        *(f"- {tag}" for tag in tags),
        "---",
    ]


# -- how to use it -----------------------------------------------------------------------------------------------------


def _use(uploaded: Uploaded, base: str) -> list[str]:
    lines: list[str] = []
    if uploaded.has_adapter:
        lines += ["```python", *_adapter_lines(uploaded, base), "```"]
    elif uploaded.has_model:
        lines += ["```python", "from transformers import pipeline", ""]
        lines += [f'chat = pipeline("text-generation", "{uploaded.id}")', *_question(uploaded.recipe), "```"]
    for name in uploaded.ggufs:
        lines += ["", f"With llama.cpp, which has the chat template from the file `{name}`:", ""]
        lines += ["```sh", f"llama-server --hf-repo {uploaded.id} --hf-file {name} --jinja", "```"]
    if uploaded.adapter_gguf:
        lines += ["", f"With llama.cpp, on a GGUF file of `{base}`, which base.gguf stands for here:", ""]
        lines += ["```sh", f"llama-server -m base.gguf --lora {uploaded.adapter_gguf} --jinja", "```"]
    return lines


def _adapter_lines(uploaded: Uploaded, base: str) -> list[str]:
    recipe = uploaded.recipe
    given = ""
    lines = ["import torch", "from peft import PeftModel"]
    names = "AutoModelForCausalLM, AutoTokenizer"
    if recipe is not None and recipe.model.precision in ("nf4", "fp4"):
        names += ", BitsAndBytesConfig, pipeline"
        lines += [f"from transformers import {names}", "", "# As it was trained: the base's weights in 4 bits."]
        lines += [
            "quantization = BitsAndBytesConfig(",
            "    load_in_4bit=True,",
            f'    bnb_4bit_quant_type="{recipe.model.precision}",',
            f"    bnb_4bit_use_double_quant={recipe.model.double_quant},",
            f"    bnb_4bit_compute_dtype=torch.{_TYPES[recipe.model.compute_dtype]},",
            ")",
        ]
        given = ", quantization_config=quantization"
    else:
        lines += [f"from transformers import {names}, pipeline", ""]
    kind = recipe.model.compute_dtype if recipe is not None else "bf16"
    return [
        *lines,
        f'base = AutoModelForCausalLM.from_pretrained("{base}", dtype=torch.{_TYPES[kind]}{given})',
        f'model = PeftModel.from_pretrained(base, "{uploaded.id}")',
        f'tokenizer = AutoTokenizer.from_pretrained("{uploaded.id}")',
        "",
        'chat = pipeline("text-generation", model, tokenizer=tokenizer)',
        *_question(recipe),
    ]


def _question(recipe: Recipe | None) -> list[str]:
    told = recipe.data.system_prompt if recipe is not None else ""
    system = f'{{"role": "system", "content": {literal(told)}}}, ' if told else ""
    return [
        f'turns = [{system}{{"role": "user", "content": "Hello"}}]',
        'print(chat(turns, max_new_tokens=128)[0]["generated_text"][-1]["content"])',
    ]


# -- figures -----------------------------------------------------------------------------------------------------------


def _measured(found: Sequence[WeightsMeasured]) -> list[str]:
    if not found:
        return []
    rows = [
        f"| {event.title or event.item} | {event.perplexity:.4f} | {'' if event.kl is None else f'{event.kl:.6f}'} |"
        for event in found
    ]
    where = "held-out rows" if found[0].is_held_out else "rows that it has learned"
    return [
        "",
        "## Measured",
        "",
        f"On {where}; KL in nats a token, from the run as it was trained.",
        "",
        "| Weights | Perplexity | KL |",
        "|---|---:|---:|",
        *rows,
    ]


def _recipe(recipe: Recipe) -> list[str]:
    """The settings that apply, with names of files in place of their paths, and without what was asked meanwhile."""
    lines: list[str] = []
    section = ""
    for path, entry in settings().items():
        if path in _KEPT_BACK or not recipe.applies(path):
            continue
        if entry.section != section:
            section = entry.section
            lines += ["", f"[{section}]"]
        value = recipe.value(path)
        if path in _PATHS:
            value = tuple(map(_without_folders, value)) if isinstance(value, tuple) else _without_folders(value)
        lines.append(f"{entry.name} = {literal(value)}")
    return lines[1:]


def _without_folders(path: str) -> str:
    """A path's last part; an id of the Hub as it is."""
    return Path(path).name if path and is_a_path(path.removeprefix("datasets/")) else path
