"""A model folder as one GGUF file: what it will be in each type, exactly, before it is written."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import prod
from pathlib import Path

import gguf
from gguf import GGUFType, GGUFWriter

from workbench.core.llamacpp import gguf_types, parameters, tensors, vocabulary
from workbench.core.llamacpp.gguf_types import GgufType
from workbench.core.llamacpp.packing import GgufPlan
from workbench.core.llamacpp.parameters import Parameters
from workbench.core.llamacpp.vocabulary import Vocabulary
from workbench.core.model import folder as model_folder
from workbench.core.model.already_quantized import sizes_as_loaded
from workbench.core.model.families import known as families
from workbench.core.model.safetensors_header import Tensor
from workbench.core.problems import UserError
from workbench.core.tokens import kept_tokenizer

_PHI3 = re.compile("phi-?3", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A model as it can be written in any type, known from its headers and its tokenizer.

    Attributes:
        stored: Its weights as a merged model holds them.
        head_bytes: Of a file before its weights, whatever their type.
    """

    name: str
    parameters: Parameters
    vocabulary: Vocabulary
    stored: Mapping[str, Tensor]
    head_bytes: int = 0

    def plan(self, wanted: GgufType) -> GgufPlan:
        """What it becomes as a file of a type. Raises UserError for a tensor that llama.cpp has no place for."""
        found, spoken = self.parameters, self.vocabulary
        planned, notes = tensors.plan(found.config, found.traits, self.stored, wanted, found.rope.factors)
        every = (*found.notes, *spoken.notes, *notes)
        numbers = sum(each.numbers for each in planned)
        head = partial(self._write_head, wanted=wanted, numbers=numbers)
        return GgufPlan(found.traits.architecture, head, tuple(planned), notes=every).sized(self.head_bytes)

    def _write_head(self, writer: GGUFWriter, *, wanted: GgufType, numbers: int) -> None:
        writer.add_type(GGUFType.MODEL)
        writer.add_name(_told_name(self.name, strips=self.vocabulary.strips))
        writer.add_size_label(gguf.size_label(numbers, numbers, 0, 0))
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        writer.add_file_type(wanted.file_type)
        writer.add_vocab_size(len(self.vocabulary.words))
        self.parameters.write(writer)
        self.vocabulary.write(writer)


def plan(folder: Path, type_name: str, name: str = "", tokenizer_folder: Path | None = None) -> GgufPlan:
    """What a model folder becomes as a file of a type.

    Raises UserError for a type, an architecture, a tokenizer or a tensor that cannot be done, naming it.
    """
    wanted = gguf_types.named(type_name)
    return source(folder, name or folder.name, tokenizer_folder or folder).plan(wanted)


def source(folder: Path, name: str, tokenizer_folder: Path) -> Source:
    """A model folder as it can be written, with the tokenizer of that folder or another.

    A second or two where it was not read before. Raises UserError.
    """
    try:
        stored = model_folder.stored_tensors(folder)
        files = sorted({folder / "config.json", *(each.path for each in stored.values())})
        stamps = tuple((path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    except OSError as error:
        raise UserError(
            f"The model folder {folder} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    return _source(folder, name, tokenizer_folder, stamps, kept_tokenizer.sha256_of(tokenizer_folder))


@lru_cache(maxsize=4)
def _source(folder: Path, name: str, tokenizer_folder: Path, _stamps: object, _tokenizer_sha256: str) -> Source:
    facts = model_folder.inspect(folder)
    stored = model_folder.stored_tensors(folder)
    if facts.quantized is not None:
        # What is merged into them is of 16 bits and has the shapes that they have once they are loaded.
        sizes = sizes_as_loaded(stored, folder.name)[0]
        stored = {key: Tensor("BF16", size, 2 * prod(size), folder, 0) for key, size in sizes.items()}
    found = parameters.read(families.read(json.loads((folder / "config.json").read_bytes())))
    planned, _ = tensors.plan(found.config, found.traits, stored, gguf_types.named("f32"), found.rope.factors)
    words = next(each for each in planned if each.name == tensors.WORDS)
    spoken = vocabulary.read(kept_tokenizer.make(tokenizer_folder), words.shape[0])
    made = Source(name, found, spoken, stored)
    return replace(made, head_bytes=made.plan(gguf_types.named("f32")).head_bytes())


def _told_name(name: str, *, strips: bool) -> str:
    """A name by which llama.cpp takes a model for a Phi-3 if it is one, and for none if it is not.

    It looks for "phi-3" and "phi3" in the name, and then for tokens, without which it stops.
    """
    if strips:
        return name if _PHI3.search(name) else f"{name} (phi-3)"
    return _PHI3.sub("phi 3", name)
