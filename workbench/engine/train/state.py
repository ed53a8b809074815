"""Optimizer, schedule, scaler and random state as safetensors and JSON: resuming never unpickles."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file


def save(folder: Path, name: str, value: Any) -> None:
    """Writes nested dicts, lists and tuples of tensors and plain values as `name`.json and `name`.safetensors."""
    tensors: dict[str, torch.Tensor] = {}
    # Two places may hold one tensor (bitsandbytes shares its quantization map): stored once.
    names: dict[tuple[int, torch.Size, torch.dtype], str] = {}

    def pack(item: Any) -> Any:
        match item:
            case torch.Tensor():
                key = (item.data_ptr() or id(item), item.shape, item.dtype)
                if key not in names:
                    names[key] = str(len(names))
                    tensors[names[key]] = item.detach().cpu().contiguous().clone()
                return {"tensor": names[key]}
            case dict():
                return {"dict": [[pack(key), pack(entry)] for key, entry in item.items()]}
            case tuple():
                return {"tuple": [pack(entry) for entry in item]}
            case list():
                return [pack(entry) for entry in item]
            case np.integer() | np.floating():
                return item.item()
            case None | bool() | int() | float() | str():
                return item
            case _:
                raise TypeError(f"{name} holds a {type(item).__name__}, which a checkpoint cannot keep")

    text = json.dumps(pack(value))
    save_file(tensors, folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def load(folder: Path, name: str) -> Any:
    """Reads back what `save` wrote; tensors are on the CPU. Raises OSError and ValueError."""
    tensors = load_file(folder / f"{name}.safetensors")

    def unpack(item: Any) -> Any:
        match item:
            case {"tensor": str(key)}:
                return tensors[key]
            case {"dict": list(pairs)}:
                return {unpack(key): unpack(entry) for key, entry in pairs}
            case {"tuple": list(entries)}:
                return tuple(unpack(entry) for entry in entries)
            case list():
                return [unpack(entry) for entry in item]
            case _:
                return item

    return unpack(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def random_state() -> dict[str, Any]:
    """The state of every generator a step may draw from."""
    kind, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    state = {
        "python": random.getstate(),
        "numpy": (kind, [int(key) for key in keys], position, has_gauss, cached),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def set_random_state(state: dict[str, Any]) -> None:
    """Puts back what `random_state` gave."""
    random.setstate(state["python"])
    kind, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((kind, np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state["torch"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])
