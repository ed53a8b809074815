"""What a model's weights are already quantized as, told by its config.json and by what its files hold."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.core.model.safetensors_header import Tensor
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import FOUR_BIT, Recipe
from workbench.numerics.formats import FORMATS

Sizes = dict[str, tuple[int, ...]]

# What quantization_config.quant_method of transformers 5.24 says (utils/quantization_config.py), in words.
TITLES = {
    "bitsandbytes": "bitsandbytes", "gptq": "GPTQ", "awq": "AWQ", "auto-round": "AutoRound", "aqlm": "AQLM",
    "vptq": "VPTQ", "quanto": "Quanto", "eetq": "EETQ", "higgs": "HIGGS", "hqq": "HQQ", "fp8": "FP8",
    "compressed-tensors": "compressed-tensors", "fbgemm_fp8": "FP8 (FBGEMM)", "torchao": "torchao", "bitnet": "BitNet",
    "spqr": "SpQR", "quark": "Quark", "fpquant": "FP-Quant", "mxfp4": "MXFP4", "modelopt": "ModelOpt", "sinq": "SINQ",
}  # fmt: skip
# bitsandbytes writes this behind the name of each 4-bit weight, with its type at the end.
_STATE = ".quant_state.bitsandbytes__"
_BESIDE_FOUR_BIT = (".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map")
_BESIDE_EIGHT_BIT = (".SCB", ".weight_format")
# The state is a line of JSON: some 200 bytes.
_MOST_STATE_BYTES = 65536
_REMEDY = "Take its unquantized weights: this program quantizes them itself."


@dataclass(frozen=True)
class AlreadyQuantized:
    """Weights that bitsandbytes has quantized: they are loaded and trained as they are.

    `precision` is "nf4", "fp4" or "int8"; `block_size` numbers share an absmax, 0 where a row does.
    """

    precision: str
    double_quant: bool = False
    block_size: int = 0

    @property
    def title(self) -> str:
        """In words, such as "NF4 with double quantization"."""
        return FORMATS[self.precision].title + (" with double quantization" if self.double_quant else "")


def quantization_of(config: Mapping[str, Any], tensors: Mapping[str, Tensor], name: str) -> AlreadyQuantized | None:
    """What bitsandbytes has made of a model's weights; None where they are not quantized.

    Raises UserError for weights that are quantized in any other way, with the way's name, and for a config.json that
    says what the files do not hold. Raises OSError.
    """
    said = _said(config)
    method = str(said.get("quant_method") or "").lower()
    if not method and said:
        method = "bitsandbytes" if said.get("load_in_4bit") or said.get("load_in_8bit") else "unknown"
    stored, example = _stored(tensors)
    if method not in ("", "bitsandbytes"):
        title = TITLES.get(method, shown(method, 40))
        raise UserError(f"The model in {name} is already quantized, by {title}.", remedy=_REMEDY)
    if stored not in ("", "bitsandbytes"):
        raise UserError(
            f"The model in {name} is already quantized, as {stored}.",
            why=f"Its numbers mean nothing without what is stored beside them, such as {shown(example)}.",
            remedy=_REMEDY,
        )
    if method and not stored:
        raise UserError(
            f"{name}/config.json says that bitsandbytes has quantized the model, and none of its weights is quantized.",
            remedy="Take quantization_config out of config.json: this program quantizes the weights itself.",
        )
    if stored and not method:
        raise UserError(
            f"The model in {name} is already quantized, by bitsandbytes, and its config.json does not say so.",
            why=f"It holds {shown(example)}.",
            remedy="Get its config.json again, which has a quantization_config.",
        )
    return _by_bitsandbytes(tensors, name) if stored else None


def _said(config: Mapping[str, Any]) -> Mapping[str, Any]:
    nested = config.get("text_config")
    for each in (config, nested if isinstance(nested, dict) else {}):
        said = each.get("quantization_config") or each.get("compression_config")
        if isinstance(said, dict):
            return said
    return {}


def _stored(tensors: Mapping[str, Tensor]) -> tuple[str, str]:
    """The way that weights are quantized in as the files show it, with one of the tensors that show it."""
    is_fp8 = any(tensor.dtype.startswith("F8_E") and tensor.dtype != "F8_E8M0" for tensor in tensors.values())
    for name in tensors:
        if _STATE in name or name.endswith(_BESIDE_EIGHT_BIT):
            return "bitsandbytes", name
        if name.endswith((".qweight", ".qzeros")):
            return "GPTQ or AWQ", name
        if name.endswith(".weight_packed"):
            return "compressed-tensors", name
        if name.endswith("_blocks") and name.removesuffix("_blocks") + "_scales" in tensors:
            return "MXFP4", name
        if is_fp8 and name.endswith(("_scale", "_scale_inv", ".scale")):
            return "FP8 with scales", name
    return "", ""


# -- bitsandbytes ------------------------------------------------------------------------------------------------------


def layers_of(tensors: Mapping[str, Tensor], folder: str) -> dict[str, tuple[AlreadyQuantized, tuple[int, ...]]]:
    """What each weight that bitsandbytes has quantized is, and the size it had before, by its name.

    Raises UserError where what belongs to one of them is not there, and OSError.
    """
    found: dict[str, tuple[AlreadyQuantized, tuple[int, ...]]] = {}
    for name, tensor in tensors.items():
        if _STATE in name:
            weight = name.partition(_STATE)[0]
            found[weight] = _state(weight, tensor, folder)
        elif name.endswith(".SCB"):
            weight = f"{name.removesuffix('.SCB')}.weight"
            found[weight] = (AlreadyQuantized("int8"), tensors[weight].shape if weight in tensors else ())
    for weight, (made, size) in found.items():
        numbers = 1
        for count in size:
            numbers *= count
        held = tensors[weight].size_bytes if weight in tensors else 0
        wanted = numbers if made.precision == "int8" else -(-numbers // 2)
        if held != wanted or (made.precision != "int8" and f"{weight}.absmax" not in tensors):
            raise UserError(
                f"The model in {folder} is not whole: {shown(weight)} lacks what bitsandbytes stores of it.",
                remedy="Get the model again.",
            )
    return found


def _state(weight: str, tensor: Tensor, folder: str) -> tuple[AlreadyQuantized, tuple[int, ...]]:
    try:
        if tensor.size_bytes > _MOST_STATE_BYTES:
            raise ValueError
        with tensor.path.open("rb") as file:
            file.seek(tensor.start)
            said = json.loads(file.read(tensor.size_bytes))
        precision, size, block = said["quant_type"], tuple(said["shape"]), said["blocksize"]
        if precision not in ("nf4", "fp4") or not all(type(count) is int and count > 0 for count in (*size, block)):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(
            f"The model in {folder} is damaged: what bitsandbytes says of {shown(weight)} cannot be read.",
            remedy="Get the model again.",
        ) from None
    return AlreadyQuantized(precision, "nested_blocksize" in said, block), size


def _by_bitsandbytes(tensors: Mapping[str, Tensor], name: str) -> AlreadyQuantized:
    kinds = {made for made, _ in layers_of(tensors, name).values()}
    if len(kinds) == 1:
        return kinds.pop()
    raise UserError(
        f"The layers of {name} are quantized in {len(kinds) or 'no'} different ways.",
        why=f"They are {', '.join(sorted(made.title for made in kinds))}." if kinds else "",
        remedy=_REMEDY,
    )


def sizes_as_loaded(tensors: Mapping[str, Tensor], folder: str) -> tuple[Sizes, frozenset[str]]:
    """The size of each weight as a layer holds it, and which of them bitsandbytes has quantized.

    Raises UserError and OSError.
    """
    layers = layers_of(tensors, folder)
    beside = {f"{weight}{end}" for weight in layers for end in _BESIDE_FOUR_BIT}
    beside |= {f"{weight.removesuffix('.weight')}{end}" for weight in layers for end in _BESIDE_EIGHT_BIT}
    sizes = {
        name: layers[name][1] if name in layers else tensor.shape
        for name, tensor in tensors.items()
        if name not in beside and _STATE not in name
    }
    return sizes, frozenset(layers)


# -- beside a recipe ---------------------------------------------------------------------------------------------------


def refuse_other_precision(quantized: AlreadyQuantized | None, precision: str, name: str) -> None:
    """Refuses a precision that is not the stored one: what is quantized stays as it is. Raises UserError."""
    if quantized is None or precision == quantized.precision:
        return
    raise UserError(
        f"The weights of {name} are stored as {quantized.title}, and model.precision is {precision}.",
        why="Weights that bitsandbytes has quantized are trained upon as they are.",
        remedy=f"Set model.precision = {quantized.precision}, or take the model's unquantized weights.",
    )


def as_stored(recipe: Recipe, quantized: AlreadyQuantized | None) -> Recipe:
    """The recipe with its weights as they are stored, where they are quantized already."""
    if quantized is None:
        return recipe
    doubled = quantized.double_quant if quantized.precision in FOUR_BIT else recipe.model.double_quant
    model = recipe.model.model_copy(update={"precision": quantized.precision, "double_quant": doubled})
    return recipe.model_copy(update={"model": model})
