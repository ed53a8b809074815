"""An adapter as llama.cpp and vLLM read it, where they read PEFT's own otherwise than PEFT.

Both take the rank and alpha of adapter_config.json for every layer: llama.cpp's convert_lora_to_gguf.py alpha alone,
vLLM's lora/peft_helper.py also rsLoRA, neither the patterns of single layers. Both call layers as the base's files do.
Neither knows DoRA, whole layers that were saved, biases, or single tokens.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file

from workbench.core.model import tokenizer_files
from workbench.core.model.adapter_folder import CONFIG, WEIGHTS
from workbench.engine.export.merge.merging import ADAPTER
from workbench.engine.export.merge.stand_in import loaded_names, stand_in
from workbench.engine.export.merge.stored import StoredModel
from workbench.engine.model.adapter import put_on

FOLDER = "plain"
NAMES = "the names of layers"
# What vLLM takes where nothing is said (config/lora.py).
VLLM_RANK = 16
_PREFIX = "base_model.model."
_UNKNOWN = (
    ("use_dora", "DoRA"),
    ("modules_to_save", "whole layers of its own"),
    ("trainable_token_indices", "single tokens of its own"),
    ("target_parameters", "experts"),
    ("lora_bias", "biases"),
)


@dataclass(frozen=True)
class Reading:
    """How others read an adapter.

    Attributes:
        obstacles: What they do not know of it, in words: they load none of it then.
        changes: What they would take otherwise than PEFT, in words.
    """

    obstacles: tuple[str, ...]
    changes: tuple[str, ...]
    rank: int

    @property
    def in_words(self) -> str:
        """A sentence."""
        if self.obstacles:
            return (
                f"llama.cpp and vLLM do not load it, for it has {' and '.join(self.obstacles)}: export a merged model."
            )
        flag = f", vLLM with --max-lora-rank {self.rank}" if self.rank > VLLM_RANK else ""
        if self.changes:
            changed = " and ".join(self.changes)
            return f"llama.cpp and vLLM read {changed} otherwise: for them the adapter in {FOLDER} says the same{flag}."
        return f"llama.cpp and vLLM read it as it is{flag}."


def reading_of(adapter: Path, base: Path) -> Reading:
    """Raises UserError and OSError."""
    said = json.loads((adapter / CONFIG).read_bytes())
    obstacles = [words for name, words in _UNKNOWN if said.get(name)]
    obstacles += ["biases of its own"] if said.get("bias", "none") != "none" else []
    changes = ["rsLoRA's scale"] if said.get("use_rslora") else []
    changes += ["ranks or scales of single layers"] if said.get("rank_pattern") or said.get("alpha_pattern") else []
    if not obstacles and _renamed(base):
        changes.append(NAMES)
    ranks = [int(said["r"]), *(int(rank) for rank in (said.get("rank_pattern") or {}).values())]
    return Reading(tuple(dict.fromkeys(obstacles)), tuple(changes), max(ranks))


def write(adapter: Path, base: Path, folder: Path) -> None:
    """The same adapter with one rank and alpha for all layers, each called as in the base's files.

    Raises UserError and OSError.
    """
    said = json.loads((adapter / CONFIG).read_bytes())
    held = load_file(adapter / WEIGHTS)
    model: Any = stand_in(base)
    renamed = _renamed(base)
    layers = {
        path.removeprefix(_PREFIX): layer
        for path, layer in put_on(model, adapter, ADAPTER, is_assigned=True).named_modules()
        if isinstance(layer, LoraLayer)
    }
    rank = max(layer.r[ADAPTER] for layer in layers.values())
    scale = said["lora_alpha"] / rank
    found: dict[str, torch.Tensor] = {}
    for name, tensor in held.items():
        path, _, part = name.removeprefix(_PREFIX).partition(".lora_")
        is_second = part.startswith(("B", "embedding_B"))
        factor = layers[path].scaling[ADAPTER] / scale if is_second else 1.0
        # A (rank, in) and B (out, rank): zeros for the ranks that a layer has not got.
        missing = rank - tensor.shape[1 if is_second else 0]
        padded = torch.nn.functional.pad(tensor.float() * factor, (0, missing) if is_second else (0, 0, 0, missing))
        found[f"{_PREFIX}{renamed.get(path, path)}.lora_{part}"] = padded.to(tensor.dtype).contiguous()
    folder.mkdir()
    save_file(found, folder / WEIGHTS, metadata={"format": "pt"})
    targets = sorted({name.partition(".lora_")[0].rpartition(".")[2] for name in found})
    plain = {"r": rank, "use_rslora": False, "rank_pattern": {}, "alpha_pattern": {}, "target_modules": targets}
    (folder / CONFIG).write_text(json.dumps(said | plain, indent=2) + "\n", encoding="utf-8")
    for name in tokenizer_files.names_in(adapter):
        if (adapter / name).is_file():
            shutil.copyfile(adapter / name, folder / name)


def _renamed(base: Path) -> dict[str, str]:
    """The layers that the model calls otherwise than its files do, but for a beginning that files leave out."""
    stored = StoredModel(base)
    found = {}
    for name, (loaded, is_joined) in loaded_names(stand_in(base), stored.sizes).items():
        path, own = name.rpartition(".")[0], loaded.rpartition(".")[0]
        if not is_joined and path != own and not own.endswith(f".{path}") and not path.endswith(f".{own}"):
            found[own] = path
    return found
