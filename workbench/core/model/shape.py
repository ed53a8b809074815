"""A model's shape: what its config.json and its tensors' sizes say, before a weight is loaded."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from workbench.core import places
from workbench.core.model import folder as model_folder
from workbench.core.model import hub_cache
from workbench.core.model.block_traits import UNKNOWN, BlockTraits, traits_of
from workbench.core.model.config_checks import check_config
from workbench.core.model.family_tensors import HEAD_SIZES, tensors_of
from workbench.core.model.loaded_tensors import HEADS, Counted, as_loaded, counted, is_parameter, is_router, is_tied
from workbench.core.model.safetensors_header import BITS, read_header
from workbench.core.problems import UserError
from workbench.core.units import count_in_words, grouped

FAMILIES = {
    "llama": "Llama", "mistral": "Mistral", "mixtral": "Mixtral", "qwen2": "Qwen2", "qwen3": "Qwen3",
    "qwen3_moe": "Qwen3 MoE", "gemma": "Gemma",
    "gemma2": "Gemma 2", "gemma3": "Gemma 3", "gemma3_text": "Gemma 3", "phi3": "Phi-3", "gpt2": "GPT-2", "opt": "OPT",
    "gpt_neox": "GPT-NeoX", "falcon": "Falcon", "bloom": "BLOOM",
}  # fmt: skip
TYPES = {
    "F32": "FP32", "F16": "FP16", "BF16": "BF16", "float32": "FP32", "float16": "FP16", "bfloat16": "BF16",
}  # fmt: skip

# transformers replaces nn.Linear and GPT-2's Conv1D, and no subclass of them such as Falcon's (5.24,
# integrations/bitsandbytes.py). Experts are one tensor of three dimensions once they are loaded; nor is their router.
NOT_QUANTIZED = ("falcon",)
# These store a linear layer's weight as (in, out).
TRANSPOSED = ("gpt2",)
_BLOCK = re.compile(r"^(.*?)\.?\b(\d+)\.")
_EMBEDDINGS = (
    "embed_tokens.weight", "embed_in.weight", "embed_out.weight", "wte.weight", "wpe.weight", "word_embeddings.weight",
    "embed_positions.weight", "lm_head.weight",
)  # fmt: skip
# The order of the layers in a block; others follow by name.
_ORDER = (
    "q_proj", "k_proj", "v_proj", "qkv_proj", "query_key_value", "c_attn", "o_proj", "out_proj", "dense", "gate_proj",
    "up_proj", "gate_up_proj", "c_fc", "fc1", "dense_h_to_4h", "down_proj", "fc2", "dense_4h_to_h", "c_proj",
)  # fmt: skip


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
    stored_as: str  # such as "BF16 in 1 safetensors file"
    linear_sizes: tuple[
        tuple[tuple[int, ...], int], ...
    ] = ()  # of the layers that quantization replaces, each with its count
    other_sizes: Counted = ()  # of all other tensors
    embedding_sizes: Counted = ()  # of those, tables that are looked up
    block: BlockTraits = UNKNOWN
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
        files = _weight_files(path)
        tensors = {name: tensor.shape for file in files for name, tensor in read_header(file).items()}
    except OSError as error:
        raise UserError(
            f"The model folder {path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    shape = from_tensors(config, _name(path), tensors)
    return replace(
        shape,
        stored_as=stored_in_words(facts.stored_dtypes, len(files)),
        stored_bytes=facts.stored_bytes,
        is_local=True,
        path=path,
    )


def from_config(config: Mapping[str, Any], name: str) -> ModelShape:
    """The shape that config.json alone says; the counts of parameters only of the families whose layers are known."""
    nested = config.get("text_config")
    tensors = {} if isinstance(nested, dict) else tensors_of(config)
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
        if path.stat().st_size > model_folder.LARGEST_JSON_BYTES:
            raise UserError(
                f"{path.name} is no config.json: it is longer than {model_folder.LARGEST_JSON_BYTES // 1_000_000} MB."
            )
        config = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(f"There is no config.json at {path}.", remedy="Check the path.") from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is not JSON: {error}.", remedy="Take the model's own config.json.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from None
    return replace(checked(config, path.name), name=_name(path.absolute().parent))


def from_tensors(config: Mapping[str, Any], name: str, tensors: Mapping[str, tuple[int, ...]]) -> ModelShape:
    """The shape of a config with its tensors' sizes by name."""
    nested = config.get("text_config")
    text = {**config, **nested} if isinstance(nested, dict) else config
    kind = str(text.get("model_type") or config.get("model_type") or "")
    tied = is_tied(text, kind, tensors)
    traits = traits_of({**text, "model_type": kind})
    kept = as_loaded({key: size for key, size in tensors.items() if is_parameter(key, size, tied)}, traits)
    linear = {
        key: (size[1], size[0]) if kind in TRANSPOSED else (size[0], size[1])
        for key, size in kept.items()
        if len(size) == 2 and key.endswith(".weight") and _BLOCK.match(key) and ".experts." not in key
    }
    replaced = (
        {} if kind in NOT_QUANTIZED else {key: size for key, size in linear.items() if not is_router(key, traits)}
    )
    parameters = sum(map(prod, kept.values()))
    linear_parameters = sum(map(prod, replaced.values()))
    names, linears = _one_block(linear)
    hidden = _said(text, "hidden_size", "n_embd", "d_model")
    heads = _said(text, "num_attention_heads", "n_head", "n_heads")
    shared = 1 if text.get("multi_query") and not text.get("new_decoder_architecture") else 0
    size = _said(text, "head_dim") or HEAD_SIZES.get(kind, 0)
    inner = _said(text, "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size")
    return ModelShape(
        name=name,
        family=FAMILIES.get(str(config.get("model_type")), str(config.get("model_type") or "")),
        layers=_said(text, "num_hidden_layers", "n_layer", "n_layers", "num_layers"),
        hidden_size=hidden,
        intermediate_size=inner or max((width for _, width in linears), default=0),
        attention_heads=heads,
        key_value_heads=shared or _said(text, "num_key_value_heads", "num_kv_heads") or heads,
        head_size=size or (hidden // heads if heads else 0),
        vocab_size=_said(text, "vocab_size"),
        is_tied=tied,
        max_positions=_said(text, "max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length"),
        parameters=parameters,
        linear_parameters=linear_parameters,
        linear_rows=sum(out for out, _ in replaced.values()),
        other_parameters=parameters - linear_parameters,
        embedding_parameters=sum(prod(size) for key, size in kept.items() if key.endswith(_EMBEDDINGS)),
        linears=linears,
        linear_names=names,
        stored_as="",
        linear_sizes=counted(replaced.values()),
        other_sizes=counted(size for key, size in kept.items() if key not in replaced),
        embedding_sizes=counted(
            size for key, size in kept.items() if key.endswith(_EMBEDDINGS) and not key.endswith(HEADS)
        ),
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
    """Bytes of so many numbers of each safetensors type."""
    return sum(count * BITS.get(dtype, 0) // 8 for dtype, count in numbers.items())


def _in_files(dtype: str, files: int) -> str:
    return f"{dtype} in {files} safetensors file{'s' * (files != 1)}"


# -- one fact ----------------------------------------------------------------------------------------------------------


def _said(config: Mapping[str, Any], *names: str) -> int:
    values = (config.get(name) for name in names)
    return next((value for value in values if type(value) is int and value > 0), 0)


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
    block = sorted(stack[min(stack)], key=lambda entry: (place_in_block(entry[0]), entry[0]))
    return tuple(name for name, _ in block), tuple(size for _, size in block)


def place_in_block(layer: str) -> int:
    """Where a linear layer stands among those of its block, by the last part of its name."""
    return _ORDER.index(layer) if layer in _ORDER else len(_ORDER)


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
