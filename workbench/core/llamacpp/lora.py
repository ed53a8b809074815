"""A LoRA adapter as a GGUF file, which llama.cpp puts on its base in one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gguf import GGUFType, GGUFWriter, Keys

from workbench.core.llamacpp import gguf_types, parameters
from workbench.core.llamacpp.packing import GgufPlan
from workbench.core.llamacpp.tensors import TURNED, Names, Stored, Wanted
from workbench.core.model.adapter_folder import CONFIG, WEIGHTS
from workbench.core.model.families import known as families
from workbench.core.model.json_file import read_json
from workbench.core.model.safetensors_header import Tensor, read_header
from workbench.core.problems import UserError, shown

_NAME = re.compile(r"^base_model\.model\.(.+)\.lora_([AB])\.weight$")
_REMEDY = "Export the merged model as GGUF instead: the adapter is in its weights."


@dataclass
class _Layer:
    """The two matrices of one layer, as the adapter's file has them."""

    parts: dict[str, Stored] = field(default_factory=dict)


def plan(adapter: Path, base: Path, name: str) -> GgufPlan:
    """What an adapter's folder becomes, on a base of which its config.json is read.

    Raises UserError for what llama.cpp cannot put on a model.
    """
    try:
        settings: Any = read_json(adapter / CONFIG)
        stored = read_header(adapter / WEIGHTS)
        config = families.read(read_json(base / "config.json"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"The adapter in {adapter} cannot be read: {shown(str(error), 200)}.", remedy="Check that it is whole."
        ) from None
    traits = parameters.traits_of(config)
    names, alpha = Names(config, traits), float(settings["lora_alpha"])
    single, found = gguf_types.named("f32"), list[Wanted]()
    for layer, parts in sorted(_layers(stored).items()):
        target = names.of(f"{layer}.weight")
        if not target or (config.is_tied and f"{layer}.weight".endswith(config.family.heads)):
            raise UserError(f"llama.cpp has no place for an adapter on {shown(layer)}.", remedy=_REMEDY)
        first, second = parts.parts["A"], parts.parts["B"]
        heads = 0
        if traits.is_turned and (match := TURNED.search(target)):
            heads = config.size("attention heads") if match[1] == "q" else config.key_value_heads
        scale = _strength(settings, layer, first.shape[0]) / (alpha / first.shape[0])
        found.append(Wanted(f"{target}.lora_a", first.shape, single, first))
        found.append(Wanted(f"{target}.lora_b", second.shape, single, second, heads=heads, scale=scale))
    head = partial(_write_head, name=name, alpha=alpha)
    return GgufPlan(traits.architecture, head, tuple(found)).sized()


def _write_head(writer: GGUFWriter, *, name: str, alpha: float) -> None:
    writer.add_type(GGUFType.ADAPTER)
    writer.add_name(name)
    writer.add_string(Keys.Adapter.TYPE, "lora")
    writer.add_float32(Keys.Adapter.LORA_ALPHA, alpha)


def _layers(stored: Mapping[str, Tensor]) -> dict[str, _Layer]:
    """The layers that it changes, by their names in the model. Raises UserError for anything else."""
    found: dict[str, _Layer] = {}
    for name, entry in stored.items():
        match = _NAME.match(name)
        if match is None:
            what = "a DoRA adapter's magnitudes" if "magnitude" in name else "more than the two matrices of a layer"
            raise UserError(f"llama.cpp cannot put on a model what this adapter holds: {what}.", remedy=_REMEDY)
        found.setdefault(match[1], _Layer()).parts[match[2]] = Stored(name, entry)
    broken = next((layer for layer, parts in found.items() if len(parts.parts) < len("AB")), "")
    if broken or not found:
        raise UserError(
            f"The adapter is not whole: {shown(broken) or 'it holds no layer'}.", remedy="Take another checkpoint."
        )
    return found


def _strength(settings: Mapping[str, Any], layer: str, rank: int) -> float:
    """By what PEFT multiplies a layer's two matrices."""
    alpha = _of_layer(settings.get("alpha_pattern") or {}, layer, float(settings["lora_alpha"]))
    return float(alpha / rank**0.5 if settings.get("use_rslora") else alpha / rank)


def _of_layer(patterns: Mapping[str, float], layer: str, usual: float) -> float:
    return next((value for pattern, value in patterns.items() if re.match(rf"(.*\.)?({pattern})$", layer)), usual)
