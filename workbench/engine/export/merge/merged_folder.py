"""A merged model written as a folder that others load: weights in files, and what lies beside them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from workbench.core.model import tokenizer_files
from workbench.engine.export.merge.merging import Merging
from workbench.engine.export.merge.shards import Entry, shards_of, write

# Beside weights and tokenizer, what others read of a model's folder.
_BESIDE = (
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
)
_TERMS = ("LICENSE*", "LICENCE*", "NOTICE*", "USE_POLICY*")


def write_merged(merging: Merging, folder: Path, largest_bytes: int, tokenizer: Path | None = None) -> Iterator[int]:
    """Writes a new folder; yields how many bytes were written after each piece of a tensor.

    `tokenizer` is where the tokenizer lies that counts, where that is not the base's. Raises UserError and OSError.
    """
    folder.mkdir()
    shards = shards_of([made.entry for made in merging.made], largest_bytes)
    yield from write(folder, shards, _pieces(merging))
    base = merging.stored.folder
    names = [name for name in _BESIDE if (base / name).is_file()]
    names += [path.name for pattern in _TERMS for path in base.glob(pattern) if path.is_file()]
    sources = [base / name for name in names]
    for place in (base, tokenizer or base):
        sources += [place / name for name in tokenizer_files.names_in(place)]
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, folder / source.name, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, folder / source.name)
    said = _config(json.loads((base / "config.json").read_bytes()), merging)
    (folder / "config.json").write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def as_bytes(tensor: torch.Tensor) -> torch.Tensor:
    """Its bytes, shape (bytes,)."""
    return tensor.contiguous().reshape(-1).view(torch.uint8)


def _pieces(merging: Merging) -> Iterator[tuple[Entry, bytes | memoryview]]:
    for made in merging.made:
        if made.is_changed:
            yield made.entry, as_bytes(merging.value(made)).numpy().data
        else:
            for data in merging.stored.pieces(made.source):
                yield made.entry, data


def _config(said: dict[str, Any], merging: Merging) -> dict[str, Any]:
    """The base's config.json, as far as it still holds."""
    for part in [said, *(part for part in (said.get("text_config"),) if isinstance(part, dict))]:
        part.pop("quantization_config", None)
        for name in ("dtype", "torch_dtype"):
            if merging.stored.quantized and name in part:
                part[name] = str(merging.compute).removeprefix("torch.")
        if merging.is_untied:
            part["tie_word_embeddings"] = False
    return said
