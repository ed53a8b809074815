"""The lines of Python that load the same model with transformers."""

import json

from workbench.core import sources
from workbench.core.model.shape import ModelShape
from workbench.core.places import STARTER
from workbench.core.recipe.recipe import FOUR_BIT, Recipe

TYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}


def python_lines(recipe: Recipe, shape: ModelShape | None = None) -> str:
    """A script that transformers understands, a choice a line."""
    model = recipe.model
    folder = sources.model_path(model.source)
    if folder is not None and shape is not None:
        folder = shape.path or folder
    source = f"HuggingFaceTB/{STARTER}" if model.source == "starter" else str(folder or model.source)
    settings = _quantization(recipe)
    lines = ["from transformers import (", "    AutoModelForCausalLM,"]
    lines += ["    BitsAndBytesConfig,"] if settings else []
    lines += [
        ")",
        "",
        "model = AutoModelForCausalLM.from_pretrained(",
        f"    {json.dumps(source, ensure_ascii=False)},",
    ]
    if model.revision:
        lines.append(f"    revision={json.dumps(model.revision)},")
    if settings:
        lines.append("    quantization_config=BitsAndBytesConfig(")
        lines += [f"        {line}," for line in settings[:-1]]
        lines.append(f"        {settings[-1]}),")
    dtype = model.compute_dtype if settings else model.precision
    lines += [f'    dtype="{TYPES[dtype]}",', ")"]
    if shape is not None and shape.adapter is not None:
        path = json.dumps(str(shape.adapter.path), ensure_ascii=False)
        lines.insert(0, "from peft import PeftModel")
        lines.append(f"model = PeftModel.from_pretrained(model, {path}, is_trainable=True)")
    return "\n".join(lines) + "\n"


def _quantization(recipe: Recipe) -> list[str]:
    model = recipe.model
    if model.precision in FOUR_BIT:
        return [
            "load_in_4bit=True",
            f'bnb_4bit_quant_type="{model.precision}"',
            f"bnb_4bit_use_double_quant={model.double_quant}",
            f'bnb_4bit_compute_dtype="{TYPES[model.compute_dtype]}"',
        ]
    if model.precision == "int8":
        return ["load_in_8bit=True", f"llm_int8_threshold={model.int8_threshold}"]
    return []
