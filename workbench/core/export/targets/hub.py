"""A repository of the Hugging Face Hub: what was made, and a card."""

from workbench.core.export.gguf import plan_of, type_of
from workbench.core.export.item import Item, item_of
from workbench.core.export.subject import Subject
from workbench.core.export.target import Target
from workbench.core.hub.offline import why_offline
from workbench.core.hub.uploads import repository_name
from workbench.core.job.export_kinds import PlannedStep
from workbench.core.problems import UserError, shown

SENDS = ("adapter", "merged", "merged-nf4", "gguf", "adapter-gguf")
_BYTES_PER_SECOND = 2_000_000


def _plan(subject: Subject, item: Item) -> PlannedStep:
    sends = subject.request.hub_sends
    others = [each for each in sends if item_of(each).to not in SENDS]
    if others or not sends:
        raise UserError(
            f"{shown(others[0])} is not uploaded to the Hub." if others else "Nothing is to be uploaded to the Hub.",
            remedy=f"What can be uploaded is {', '.join(SENDS)}.",
        )
    if why := why_offline():
        raise UserError("Nothing can be uploaded to the Hub now.", why=why, remedy="Turn it off, or leave the Hub out.")
    name = repository_name(subject.hub_name)
    size_bytes = sum(_size_of(subject, item_of(each)) for each in sends)
    return PlannedStep(
        item=str(item),
        title=f"Hub, {name}",
        path="",
        size_bytes=0,
        seconds=5 + size_bytes / _BYTES_PER_SECOND,
        needs=sends,
    )


def _size_of(subject: Subject, sent: Item) -> int:
    """Raises UserError."""
    match sent.to:
        case "adapter" | "adapter-gguf":
            return subject.adapter_bytes
        case "gguf":
            planned = plan_of(subject, type_of(sent.type))
            return planned.size_bytes if planned is not None else 0
    return subject.merged_bytes


TARGET = Target("hub", "Hub", 10, _plan)
