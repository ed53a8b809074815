"""The adapter as a file that llama.cpp puts on its base."""

from workbench.core.export.item import Item
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep
from workbench.core.llamacpp import lora
from workbench.core.problems import UserError


def _plan(subject: Subject, item: Item) -> PlannedStep:
    if subject.adapter is None:
        raise UserError(
            f"{subject.title} has no adapter: its training has changed the weights themselves.",
            remedy="Export it as gguf, which is the whole model.",
        )
    size = subject.adapter_bytes
    if subject.base is not None:
        size = lora.plan(subject.adapter.path, subject.base.path, subject.name).size_bytes
    return PlannedStep(
        item=str(item), title="Adapter for llama.cpp", path=f"{subject.name}-adapter.gguf", size_bytes=size, seconds=5
    )


TARGET = Target("adapter-gguf", "Adapter for llama.cpp", 5, _plan)
