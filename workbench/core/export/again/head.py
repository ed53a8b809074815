"""What the code begins with: what it is, how it differs from the run, and what it needs."""

from workbench.core.export.again.training import HELD_OUT, ROWS, Training, quoted
from workbench.core.export.cells import Cell, code, words
from workbench.core.recipe.recipe import FOUR_BIT


def title(training: Training) -> Cell:
    versions = " ".join(f"{name}=={version}" for name, version in training.versions.items())
    notes = [*training.notes]
    tokens, of = training.as_tokens
    if tokens:
        notes.append(
            f"{tokens:,} of {of:,} rows stand in the files as tokens, with what is learned of them: the lines below "
            "would find other tokens, or learn others of them."
        )
    listed = "\n".join(f"- {note}" for note in notes)
    return words(
        f"# {training.run}, trained again",
        "What QLoRA Workbench did in this run, with transformers, peft, trl and bitsandbytes alone: the same rows in "
        "the same order, the same seeds, precision, schedule and beginning of the adapter. On the same machine the "
        "losses are the same to four digits; another card or processor rounds in other places.",
        f"The rows lie beside this file, in {ROWS}{f' and {HELD_OUT}' if training.held_out else ''}."
        + (f" What it needs:\n\n`pip install {versions}`" if versions else ""),
        f"What is different here:\n{listed}" if listed else "",
    )


def imports(training: Training) -> Cell:
    recipe = training.recipe
    four_bit = recipe.model.precision in FOUR_BIT
    peft = ["LoraConfig", "get_peft_model"] if not training.adapter else ["PeftConfig", "PeftModel"]
    if training.upcasts:
        peft.append("prepare_model_for_kbit_training")
    names = ["AutoModelForCausalLM", "AutoTokenizer", "set_seed"]
    names += ["AutoConfig"] if training.is_stored_quantized else []
    names += ["BitsAndBytesConfig"] if training.quantizes else []
    names += ["EarlyStoppingCallback"] if training.stops_early else []
    device = '"cuda" if torch.cuda.is_available() else "cpu"'
    return code(
        "import json",
        "import os",
        "from itertools import groupby" if recipe.training.packing else "",
        "from pathlib import Path",
        '\nos.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")  # one card, where there are several',
        "\nimport torch",
        "from bitsandbytes.nn import Linear4bit" if four_bit else "",
        "from datasets import Dataset",
        f"from peft import {', '.join(sorted(peft))}" if recipe.lora.enabled else "",
        "from torch.nn.functional import cross_entropy" if training.spells_loss else "",
        f"from transformers import {', '.join(sorted(names))}",
        "from trl import SFTConfig, SFTTrainer",
        f"\nBASE = {quoted(training.base)}",
        f"REVISION = {quoted(training.revision)}" if training.revision else "",
        f"DEVICE = {device if recipe.model.device == 'auto' else quoted(recipe.model.device)}",
        f"MAX_LENGTH = {recipe.training.max_length}  # tokens",
        'HERE = Path(globals().get("__file__", "")).parent  # a notebook is run in its own folder',
        f"\nset_seed({recipe.training.seed})  # the adapter's first numbers come from it",
    )
