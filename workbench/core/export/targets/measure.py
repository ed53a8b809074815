"""No file: how far each way to merge lies from the run as it was trained."""

from workbench.core.export.item import Item
from workbench.core.export.merging import MEASURE_SECONDS, merge_seconds, refuse_quantized
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.job.export_kinds import PlannedStep


def _plan(subject: Subject, item: Item) -> PlannedStep:
    refuse_quantized(subject)
    ways = len(subject.ways)
    seconds = ways * merge_seconds(subject) + (ways + 1) * MEASURE_SECONDS
    title = "The ways to merge, measured"
    size = subject.merged_bytes
    return PlannedStep(item=str(item), title=title, path="", size_bytes=0, passing_bytes=size, seconds=seconds)


TARGET = Target("measure", "Measure the ways to merge", 3, _plan)
