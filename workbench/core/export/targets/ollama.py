"""A Modelfile beside a GGUF file: what Ollama makes a model of."""

from collections.abc import Sequence

from workbench.core.export.gguf import file_name, modelfile_of, type_of
from workbench.core.export.item import Item, item_of
from workbench.core.export.subject import Subject
from workbench.core.export.target import Offer, Target
from workbench.core.job.export_kinds import PlannedStep
from workbench.core.llamacpp import gguf_types
from workbench.core.llamacpp.gguf_types import GgufType


def _plan(subject: Subject, item: Item) -> PlannedStep:
    asked = [each for each in subject.request.items if item_of(each).to == "gguf"]
    need = f"gguf:{type_of(item.type).name}" if item.type or not asked else asked[0]
    return PlannedStep(
        item=str(item),
        title="Ollama",
        path="Modelfile",
        size_bytes=_size(subject, type_of(item_of(need).type)),
        seconds=2,
        needs=(need,),
        refers_to=(need,),
    )


def _offers(subject: Subject) -> Sequence[Offer]:
    return [
        Offer(each.name, each.title, each.bits, _size(subject, each), gguf_types.why_not(each))
        for each in gguf_types.TYPES
    ]


def _size(subject: Subject, wanted: GgufType) -> int:
    return len(modelfile_of(subject, file_name(subject, wanted)).encode())


TARGET = Target("ollama", "Ollama", 6, _plan, _offers)
