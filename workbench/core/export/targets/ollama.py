"""A Modelfile beside a GGUF file: what Ollama makes a model of."""

from workbench.core.export.gguf import file_name, modelfile_of, type_of
from workbench.core.export.item import Item, item_of
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    asked = [each for each in subject.request.items if item_of(each).to == "gguf"]
    need = f"gguf:{type_of(item.type).name}" if item.type or not asked else asked[0]
    text = modelfile_of(subject, file_name(subject, type_of(item_of(need).type)))
    size = len(text.encode())
    return PlannedStep(item=str(item), title="Ollama", path="Modelfile", size_bytes=size, seconds=2, needs=(need,))


TARGET = Target("ollama", "Ollama", 6, _plan)
