"""What a model folder says of itself in config.json and its safetensors headers, read without loading a weight."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from workbench.core.model import gguf_file, tokenizer_files
from workbench.core.model.already_quantized import AlreadyQuantized, quantization_of, sizes_as_loaded
from workbench.core.model.families import known as families
from workbench.core.model.json_file import read_json
from workbench.core.model.safetensors_header import Tensor, read_header
from workbench.core.problems import UserError, shown

LONGEST_FILE_NAME = 255
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
# Pickles beside a model's weights that are not its weights.
TRAINER_STATE = ("training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "optimizer.bin", "scheduler.bin")


@dataclass(frozen=True)
class ModelFolder:
    """What is stored of a model, and how far it reads; what config.json does not say is 0."""

    path: Path
    model_type: str
    architecture: str
    max_positions: int  # tokens
    parameters: int  # numbers of the weights, as many as before a quantization: a tied head is counted once
    stored_bytes: int  # of the numbers, without the headers
    stored_dtypes: dict[str, int]  # numbers of each safetensors type, such as {"BF16": 134515008}
    has_tokenizer: bool
    has_chat_template: bool
    needs_remote_code: bool
    quantized: AlreadyQuantized | None = None  # what bitsandbytes has made of the weights


def inspect(path: Path) -> ModelFolder:
    """The facts of a model folder, in milliseconds however large it is. Raises UserError where it cannot be loaded."""
    try:
        if not path.exists():
            raise UserError(f"There is no model folder {path}.", remedy="Check model.source.")
        if path.suffix.lower() == gguf_file.SUFFIX and path.is_file():
            raise gguf_file.refusal(path)
        if not path.is_dir():
            raise UserError(f"{path} is a file, not a model folder.", remedy="Name the folder it lies in.")
        config = _config(path)
        tensors = stored_tensors(path)
        quantized = quantization_of(config, tensors, path.name)
        sizes = sizes_as_loaded(tensors, path.name)[0] if quantized else {}
    except OSError as error:
        raise UserError(
            f"The model folder {path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    dtypes: dict[str, int] = {}
    for tensor in tensors.values():
        dtypes[tensor.dtype] = dtypes.get(tensor.dtype, 0) + tensor.numbers
    architectures = config.get("architectures")
    return ModelFolder(
        path=path,
        model_type=config["model_type"],
        architecture=str(architectures[0]) if isinstance(architectures, list) and architectures else "",
        max_positions=families.read(config).size("positions"),
        parameters=sum(map(prod, sizes.values())) if quantized else sum(dtypes.values()),
        stored_bytes=sum(tensor.size_bytes for tensor in tensors.values()),
        stored_dtypes=dtypes,
        has_tokenizer=tokenizer_files.are_there(path),
        has_chat_template=_has_chat_template(path),
        needs_remote_code=bool(config.get("auto_map")),
        quantized=quantized,
    )


def inspect_for_text(path: Path) -> ModelFolder:
    """As `inspect`, of a model that is to read text: raises UserError also where its tokenizer is not whole."""
    facts = inspect(path)
    try:
        tokenizer_files.check(path)
    except OSError as error:
        raise UserError(
            f"The tokenizer in {path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    return facts


def _has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_template.json").is_file():
        return True
    try:
        settings = read_json(folder / "tokenizer_config.json")
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and bool(settings.get("chat_template"))


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        why = ""
        if (folder / "adapter_config.json").is_file():
            why = f"It holds an adapter{_base_in_words(folder)}, which is not a model by itself."
        elif (packed := gguf_file.gguf_in(folder)) is not None:
            raise gguf_file.refusal(packed)
        raise UserError(
            f"{folder} is not a model folder: it has no config.json.",
            why=why,
            remedy="Name a folder with config.json and safetensors weights.",
        )
    remedy = "Get the model's config.json again."
    try:
        config = read_json(path)
    except ValueError as error:
        raise UserError(f"{path} is not valid JSON: {shown(str(error))}.", remedy=remedy) from None
    if not isinstance(config, dict):
        raise UserError(f"{path} holds no JSON object.", remedy=remedy)
    if not isinstance(config.get("model_type"), str) or not config["model_type"]:
        raise UserError(
            f"{path} has no model_type.", why="It says which architecture to build from the weights.", remedy=remedy
        )
    return config


def _base_in_words(folder: Path) -> str:
    try:
        base = read_json(folder / "adapter_config.json").get("base_model_name_or_path")
    except (OSError, ValueError, AttributeError):
        return ""
    return f" of {shown(base, 200)}" if isinstance(base, str) and base else ""


# -- weights -----------------------------------------------------------------------------------------------------------


def stored_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of the files that would be loaded, by name. Raises UserError and OSError."""
    if (folder / WEIGHTS).is_symlink() or (folder / WEIGHTS).is_file():  # comes before an index, as in transformers
        if _leaves(folder, folder / WEIGHTS):
            raise _outside(folder / WEIGHTS, "It is a link that leads out of it.")
        return read_header(folder / WEIGHTS)
    if (folder / INDEX).is_file():
        return _sharded(folder)
    names = sorted(path.name for path in folder.iterdir())
    pickles = [name for name in names if name.endswith(PICKLES) and name not in TRAINER_STATE]
    others = [name for name in names if name.endswith(".safetensors")]
    if others:
        raise UserError(
            f"{folder} has neither {WEIGHTS} nor {INDEX}.",
            why=f"It has {shown(', '.join(others))}.",
            remedy=f"Get the whole model; several shards need their {INDEX}.",
        )
    if pickles:
        raise only_pickles(str(folder), pickles)
    raise UserError(f"{folder} has no weights.", remedy=f"Put the model's {WEIGHTS} beside its config.json.")


def only_pickles(model: str, names: list[str]) -> UserError:
    """What is said of a model, a folder or one on the Hub, that has no safetensors."""
    return UserError(
        f"{model} has its weights only as a pickle ({shown(', '.join(names))}).",
        why="Only safetensors are loaded, because a pickle can run code.",
        remedy="Convert it to safetensors, or take a revision of the model that has safetensors.",
    )


def _sharded(folder: Path) -> dict[str, Tensor]:
    index = folder / INDEX
    remedy = "Get the model again."
    try:
        said = read_json(index)
    except ValueError as error:
        raise UserError(f"{index} is not valid JSON: {shown(str(error))}.", remedy=remedy) from None
    shard_of = said.get("weight_map") if isinstance(said, dict) else None
    if not isinstance(shard_of, dict) or not shard_of or not all(isinstance(name, str) for name in shard_of.values()):
        raise UserError(f"{index} has no weight_map from tensors to files.", remedy=remedy)
    shards = sorted(set(shard_of.values()))
    for shard in shards:
        if not _is_file_name(shard):
            raise _outside(index, f'It names "{shown(shard)}".')
        if _leaves(folder, folder / shard):
            raise _outside(index, f'"{shown(shard)}" is a link that leads out of it.')
    missing = [shard for shard in shards if not (folder / shard).is_file()]
    if missing:
        raise UserError(
            f"{folder} is half a model: {len(missing)} of its {len(shards)} weight files are missing.",
            why=f"{shown(missing[0])} is {'the first' if len(missing) > 1 else 'not there'}.",
            remedy="Get the missing files, or download the model again.",
        )
    tensors: dict[str, Tensor] = {}
    for shard in shards:
        tensors.update(read_header(folder / shard))
    lost = [name for name in shard_of if name not in tensors]
    if lost:
        raise UserError(
            f"{folder} lacks {len(lost)} of the {len(shard_of)} tensors that {INDEX} names.",
            why=f'"{shown(lost[0])}" is in none of its files.',
            remedy=remedy,
        )
    return tensors


def _is_file_name(name: str) -> bool:
    # A colon is a drive on Windows.
    return 0 < len(name) <= LONGEST_FILE_NAME and name not in (".", "..") and not any(sign in name for sign in "/\\:\0")


def _leaves(folder: Path, path: Path) -> bool:
    """Whether following links leads out of the folder, or out of the model's part of the Hub's cache."""
    root = folder.resolve()
    if root.parent.name == "snapshots" and root.parent.parent.name.startswith("models--"):
        root = root.parent.parent  # snapshots/REVISION holds links to ../../blobs
    try:
        return not path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a link to itself
        return True


def _outside(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} points at weights outside the model's folder.",
        why=why,
        remedy="Get the model from a source you trust, or put the files themselves into the folder.",
    )
