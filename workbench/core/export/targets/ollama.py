"""A Modelfile beside a GGUF file: what Ollama makes a model of."""

from workbench.core.export.gguf import type_of
from workbench.core.export.item import Item, item_of
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep

# A template, a system prompt, some lines; the longest templates have thirty times as much.
_BYTES = 1000


def _plan(subject: Subject, item: Item) -> PlannedStep:
    asked = [each for each in subject.request.items if item_of(each).to == "gguf"]
    need = f"gguf:{type_of(item.type).name}" if item.type or not asked else asked[0]
    return PlannedStep(
        item=str(item),
        title="Ollama",
        path="Modelfile",
        size_bytes=_BYTES,
        seconds=2,
        needs=(need,),
        refers_to=(need,),
    )


TARGET = Target("ollama", "Ollama", 6, _plan)
