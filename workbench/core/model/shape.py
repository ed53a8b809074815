"""A model's shape: what its config.json and its tensors' sizes say, before a weight is loaded."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from workbench.core import places
from workbench.core.hub import cache as hub_cache
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import AdapterFolder, find_model
from workbench.core.model.already_quantized import AlreadyQuantized, sizes_as_loaded
from workbench.core.model.block_traits import UNKNOWN, BlockTraits
from workbench.core.model.config_checks import check_config, refuse_without_sizes
from workbench.core.model.families import known as families
from workbench.core.model.families.family import Role
from workbench.core.model.json_file import LARGEST_JSON_BYTES
from workbench.core.model.loaded_tensors import Counted, as_loaded, counted, is_parameter, is_router, is_tied
from workbench.core.model.safetensors_header import BITS
from workbench.core.problems import UserError
from workbench.core.units import count_in_words, grouped

TYPES = {
    "F32": "FP32", "F16": "FP16", "BF16": "BF16", "float32": "FP32", "float16": "FP16", "bfloat16": "BF16",
}  # fmt: skip
_BLOCK = re.compile(r"^(.*?)\.?\b(\d+)\.")


@dataclass(frozen=True)
class ModelShape:
    """What a model is made of; a number that is not known is 0."""

    name: str
    family: str  # in words, such as "Llama"
    layers: int
    hidden_size: int
    intermediate_size: int
    attention_heads: int
    key_value_heads: int
    head_size: int
    vocab_size: int
    is_tied: bool
    max_positions: int  # tokens
    parameters: int  # a tied head counted once
    linear_parameters: int  # in the layers that quantization replaces
    linear_rows: int  # of those layers: the sum of their output features
    other_parameters: int  # all that stays in the compute type: embeddings, head, norms, biases
    embedding_parameters: int  # of embeddings and an untied head
    linears: tuple[tuple[int, int], ...]  # (out, in) of every linear layer of one block, in its order
    linear_names: tuple[str, ...]  # of `linears`, such as "q_proj"
    linear_roles: tuple[Role, ...]  # of `linears`: what each does in its block
    stored_as: str  # such as "BF16 in 1 safetensors file"
    linear_sizes: tuple[
        tuple[tuple[int, ...], int], ...
    ] = ()  # of the layers that quantization replaces, each with its count
    other_sizes: Counted = ()  # of all other tensors
    embedding_sizes: Counted = ()  # of those, tables that are looked up
    block: BlockTraits = UNKNOWN
    adapter: AdapterFolder | None = None  # that it is trained further through
    quantized: AlreadyQuantized | None = None  # what bitsandbytes has made of the stored weights
    stored_bytes: int = 0
    licence: str = ""
    is_local: bool = False
    path: Path | None = None


# -- where a shape comes from ------------------------------------------------------------------------------------------


def from_folder(path: Path) -> ModelShape:
    """The shape of a model folder, exact. Raises UserError where it cannot be loaded."""
    facts = model_folder.inspect(path)
    try:
        config = json.loads((path / "config.json").read_bytes())
        refuse_without_sizes(config, f"{_name(path)}/config.json")
        files = _weight_files(path)
        tensors, quantized = sizes_as_loaded(model_folder.stored_tensors(path), path.name)
    except OSError as error:
        raise UserError(
            f"The model folder {path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    shape = from_tensors(config, _name(path), tensors, quantized=quantized if facts.quantized else None)
    stored_as = stored_in_words(facts.stored_dtypes, len(files))
    return replace(
        shape,
        stored_as=_in_files(facts.quantized.title, len(files)) if facts.quantized else stored_as,
        quantized=facts.quantized,
        stored_bytes=facts.stored_bytes,
        is_local=True,
        path=path,
    )


def from_path(path: Path) -> ModelShape | None:
    """The shape of a model folder, or of an adapter's base with the adapter; None where that base is not here yet.

    Raises UserError.
    """
    found = find_model(path)
    return None if found.folder is None else replace(from_folder(found.folder), adapter=found.adapter)


def from_config(config: Mapping[str, Any], name: str) -> ModelShape:
    """The shape that config.json alone says; the counts of parameters only of the families whose layers are known."""
    is_nested = isinstance(config.get("text_config"), dict)  # what sees its pictures is not known
    tensors = {} if is_nested else families.read(config).tensors
    said = config.get("dtype") or config.get("torch_dtype")
    shape = from_tensors(config, name, tensors)
    bits = {"float32": 32, "float16": 16, "bfloat16": 16}.get(str(said), 0)
    return replace(shape, stored_as=TYPES.get(str(said), ""), stored_bytes=shape.parameters * bits // 8)


def checked(config: object, name: str) -> ModelShape:
    """The shape of a config.json whose sizes make sense. Raises UserError."""
    return from_config(check_config(config, name), name)


def read_config(path: Path) -> ModelShape:
    """The shape that a config.json says by itself. Raises UserError."""
    try:
        if path.stat().st_size > LARGEST_JSON_BYTES:
            raise UserError(
                f"{path.name} is not a config.json: it is longer than {LARGEST_JSON_BYTES // 1_000_000} MB."
            )
        config = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(f"There is no config.json at {path}.", remedy="Check the path.") from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is not JSON: {error}.", remedy="Take the model's own config.json.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from None
    return replace(checked(config, path.name), name=_name(path.absolute().parent))


def from_tensors(
    config: Mapping[str, Any],
    name: str,
    tensors: Mapping[str, tuple[int, ...]],
    quantized: frozenset[str] | None = None,
) -> ModelShape:
    """The shape of a config with its tensors' sizes by name; `quantized` names those that are codes already."""
    read = families.read(config)
    family, traits = read.family, read.block
    tied = is_tied(read, tensors)
    kept = {key: size for key, size in tensors.items() if is_parameter(key, size, family, is_tied=tied)}
    kept = as_loaded(kept, traits)
    linear = {
        key: (size[1], size[0]) if family.is_transposed else (size[0], size[1])
        for key, size in kept.items()
        if len(size) == 2 and key.endswith(".weight") and _BLOCK.match(key) and ".experts." not in key
    }
    replaced = {key: size for key, size in linear.items() if family.is_quantized and not is_router(key, family)}
    if quantized is not None:
        replaced = {key: size for key, size in linear.items() if key in quantized}
    parameters = sum(map(prod, kept.values()))
    linear_parameters = sum(map(prod, replaced.values()))
    embeddings = {key: size for key, size in kept.items() if key.endswith(family.embeddings)}
    head = {key: size for key, size in kept.items() if key.endswith(family.heads)}
    names, linears = _one_block(linear)
    return ModelShape(
        name=name,
        family=families.title_of(str(config.get("model_type") or "")),
        layers=read.size("layers"),
        hidden_size=read.size("hidden size"),
        intermediate_size=read.size("MLP width") or max((width for _, width in linears), default=0),
        attention_heads=read.size("attention heads"),
        key_value_heads=read.key_value_heads,
        head_size=read.head_size,
        vocab_size=read.size("vocabulary"),
        is_tied=tied,
        max_positions=read.size("positions"),
        parameters=parameters,
        linear_parameters=linear_parameters,
        linear_rows=sum(out for out, _ in replaced.values()),
        other_parameters=parameters - linear_parameters,
        embedding_parameters=sum(map(prod, (embeddings | head).values())),
        linears=linears,
        linear_names=names,
        linear_roles=tuple(
            family.role_of(layer, reads_hidden=width == read.size("hidden size"))
            for layer, (_, width) in zip(names, linears, strict=True)
        ),
        stored_as="",
        linear_sizes=counted(replaced.values()),
        other_sizes=counted(size for key, size in kept.items() if key not in replaced),
        embedding_sizes=counted(embeddings.values()),
        block=traits,
    )


def starter() -> ModelShape:
    """The starter's shape: of its folder where it has been fetched, else what is known of it."""
    facts = json.loads((places.resources() / "models" / "starter.json").read_text(encoding="utf-8"))
    for folder in (places.models() / places.STARTER, hub_cache.snapshot(facts["hub_id"])):
        if folder is not None and folder.is_dir():
            try:
                return replace(from_folder(folder), name=facts["name"], licence=facts["licence"])
            except UserError:
                continue  # half a download: the engine fetches it again
    shape = from_config(facts["config"], facts["name"])
    return replace(shape, stored_as=_in_files(shape.stored_as, facts["files"]), licence=facts["licence"])


# -- in words ----------------------------------------------------------------------------------------------------------


def in_words(shape: ModelShape) -> list[tuple[str, str, str]]:
    """What config.json says, as rows: a label, the fact, and what belongs to it in smaller words."""
    stored, _, files = shape.stored_as.partition(" in ")
    keys = f"{shape.key_value_heads} for keys, values" if shape.key_value_heads != shape.attention_heads else ""
    rows = [
        ("Parameters", count_in_words(shape.parameters), "", shape.parameters),
        ("Layers", grouped(shape.layers), "decoder blocks", shape.layers),
        ("Hidden size", grouped(shape.hidden_size), "numbers a token", shape.hidden_size),
        ("Attention", f"{shape.attention_heads} heads", keys, shape.attention_heads),
        ("Vocabulary", grouped(shape.vocab_size), f"words, {'' if shape.is_tied else 'not '}tied", shape.vocab_size),
        ("Stored as", stored, files, len(stored)),
    ]
    return [(label, fact, more) if known else (label, "unknown", "") for label, fact, more, known in rows]


def stored_in_words(numbers: Mapping[str, int], files: int) -> str:
    """How numbers of each safetensors type are stored, by the type of most of them: "BF16 in 4 safetensors files"."""
    most = max(numbers, key=lambda dtype: numbers[dtype], default="")
    return _in_files(TYPES.get(most, most), files)


def stored_bytes(numbers: Mapping[str, int]) -> int:
    """Bytes of numbers, counted by safetensors type."""
    return sum(count * BITS.get(dtype, 0) // 8 for dtype, count in numbers.items())


def _in_files(dtype: str, files: int) -> str:
    return f"{dtype} in {files} safetensors file{'s' * (files != 1)}"


# -- one fact ----------------------------------------------------------------------------------------------------------


def _one_block(linear: Mapping[str, tuple[int, int]]) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Names and sizes of the linear layers of one block, of the stack of blocks that holds the most."""
    blocks: dict[str, dict[int, list[tuple[str, tuple[int, int]]]]] = {}
    for key, size in linear.items():
        match = _BLOCK.match(key)
        assert match is not None, "only what lies in a block is linear"
        layer = key.removesuffix(".weight").rpartition(".")[2]
        blocks.setdefault(match[1], {}).setdefault(int(match[2]), []).append((layer, size))
    if not blocks:
        return (), ()
    stack = max(
        blocks.values(), key=lambda stack: sum(out * width for block in stack.values() for _, (out, width) in block)
    )
    block = sorted(stack[min(stack)], key=lambda entry: (families.place_in_block(entry[0]), entry[0]))
    return tuple(name for name, _ in block), tuple(size for _, size in block)


def _weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights of a folder which has been inspected."""
    if (folder / model_folder.WEIGHTS).is_file():
        return [folder / model_folder.WEIGHTS]
    index = json.loads((folder / model_folder.INDEX).read_bytes())
    return sorted({folder / name for name in index["weight_map"].values()})


def _name(folder: Path) -> str:
    """The folder's name; the id of a model in the Hub's cache, whose folder is named by a commit."""
    resolved = folder.absolute()
    if resolved.parent.name == "snapshots" and resolved.parents[1].name.startswith(hub_cache.PREFIX):
        return hub_cache.id_of(resolved.parents[1])
    return resolved.name
