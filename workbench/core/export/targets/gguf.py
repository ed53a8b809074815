"""The merged model as one file for llama.cpp, Ollama and what is built on them."""

from collections.abc import Sequence

from workbench.core.export.gguf import NUMBERS_A_SECOND, file_name, plan_of, source_of, type_of
from workbench.core.export.item import Item
from workbench.core.export.merging import measure_seconds
from workbench.core.export.subject import Subject
from workbench.core.export.target import Offer, Target
from workbench.core.job.export_kinds import PlannedStep
from workbench.core.llamacpp import gguf_types


def _plan(subject: Subject, item: Item) -> PlannedStep:
    wanted = type_of(item.type)
    planned = plan_of(subject, wanted)
    return PlannedStep(
        item=str(item),
        title=f"GGUF, {wanted.title}",
        path=file_name(subject, wanted),
        size_bytes=planned.size_bytes if planned is not None else 0,
        seconds=planned.numbers / NUMBERS_A_SECOND + measure_seconds(subject) if planned is not None else 0,
        needs=(subject.merged_item,),
    )


def _offers(subject: Subject) -> Sequence[Offer]:
    source = source_of(subject)
    return [
        Offer(
            each.name,
            each.title,
            each.bits,
            source.plan(each).size_bytes if source is not None else 0,
            gguf_types.why_not(each),
        )
        for each in gguf_types.TYPES
    ]


TARGET = Target("gguf", "GGUF", 4, _plan, _offers)
