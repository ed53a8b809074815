"""A run as GGUF: what it becomes in each type, before there is a merged model to write it from."""

from pathlib import Path

from workbench.core.export.subject import Subject
from workbench.core.llamacpp import gguf_export, gguf_types, ollama
from workbench.core.llamacpp.gguf_export import Source
from workbench.core.llamacpp.gguf_types import GgufType
from workbench.core.llamacpp.packing import GgufPlan
from workbench.core.model.adapter_folder import FoundModel
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.templates.named import chosen_template

# Where nothing else is said: hardly to be told from 16 bits, at half the size.
USUAL_TYPE = "q8_0"
# Read, packed, written, flushed, read back and compared, on one core of 2019.
NUMBERS_A_SECOND = 20e6


def type_of(name: str) -> GgufType:
    """The type that an item names. Raises UserError."""
    return gguf_types.named(name or USUAL_TYPE)


def file_name(subject: Subject, wanted: GgufType) -> str:
    return f"{subject.name}-{wanted.title}.gguf"


def source_of(subject: Subject) -> Source | None:
    """The run as a model that can be written; None where its base is not on this machine. Raises UserError."""
    if subject.base is None:
        return None
    return gguf_export.source(subject.base.path, subject.name, _tokenizer_folder(subject))


def plan_of(subject: Subject, wanted: GgufType) -> GgufPlan | None:
    """The same in a type. Raises UserError."""
    source = source_of(subject)
    return source.plan(wanted) if source is not None else None


def modelfile_of(subject: Subject, file: str) -> str:
    """What Ollama is told of a GGUF file; empty where the base is not on this machine. Raises UserError."""
    source = source_of(subject)
    if source is None:
        return ""
    data = (subject.speaker.recipe or Recipe()).data
    tokenizer = kept_tokenizer.make(_tokenizer_folder(subject))
    return ollama.modelfile(
        file,
        tokenizer,
        chosen_template(tokenizer, data),
        context=source.parameters.config.position_limit,
        system=data.system_prompt if data.system_turns != "keep" else "",
        system_in_user=data.system_in_user,
    )


def _tokenizer_folder(subject: Subject) -> Path:
    """With the adapter where that has a tokenizer of its own, as what is merged gets it."""
    assert subject.base is not None
    return FoundModel(subject.base.path, subject.adapter).tokenizer_folder or subject.base.path
