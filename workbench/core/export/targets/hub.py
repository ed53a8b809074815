"""A repository of the Hugging Face Hub: what was made, and a card."""

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
    sizes = [subject.adapter_bytes if item_of(each).to == "adapter" else subject.merged_bytes for each in sends]
    return PlannedStep(
        item=str(item),
        title=f"Hub, {name}",
        path="",
        size_bytes=0,
        seconds=5 + sum(sizes) / _BYTES_PER_SECOND,
        needs=sends,
    )


TARGET = Target("hub", "Hub", 10, _plan)
