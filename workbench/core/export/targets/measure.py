"""No file: how far each way to merge lies from the run as it was trained."""

from workbench.core.export.item import Item
from workbench.core.export.merging import measure_seconds, merge_seconds, refuse_without_adapter
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    refuse_without_adapter(subject)
    ways = len(subject.ways)
    seconds = ways * merge_seconds(subject) + (ways + 1) * measure_seconds(subject)
    title = "The ways to merge, measured"
    size = subject.merged_bytes
    return PlannedStep(item=str(item), title=title, path="", size_bytes=0, passing_bytes=size, seconds=seconds)


TARGET = Target("measure", "Measure the ways to merge", 3, _plan)
