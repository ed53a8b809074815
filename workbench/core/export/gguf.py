"""A run as GGUF: what it becomes in each type, before there is a merged model to write it from."""

from workbench.core.export.subject import Subject
from workbench.core.llamacpp import gguf_export, gguf_types
from workbench.core.llamacpp.gguf_export import Source
from workbench.core.llamacpp.gguf_types import GgufType
from workbench.core.llamacpp.packing import GgufPlan
from workbench.core.model.adapter_folder import FoundModel

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
    base = subject.base.path
    tokenizer = FoundModel(base, subject.adapter).tokenizer_folder or base
    return gguf_export.source(base, subject.name, tokenizer)


def plan_of(subject: Subject, wanted: GgufType) -> GgufPlan | None:
    """The same in a type. Raises UserError."""
    source = source_of(subject)
    return source.plan(wanted) if source is not None else None
