"""The lines of the plan: what each target is called, how large it is, and what of it is sent to the Hub."""

from collections.abc import Sequence

from workbench.core.export.offered import Offered, OfferedTarget
from workbench.core.export.progress import StepState
from workbench.core.job.export_kinds import ExportPlanned
from workbench.core.units import bytes_in_digits, grouped
from workbench.panes.runs.export.choice import MERGED, Choice
from workbench.panes.runs.export.plan_list import PlanLine
from workbench.panes.runs.export.work import Work

# The lines in their order; a target that is not among them comes behind with its own title.
TITLES = {
    "adapter": "Adapter",
    MERGED: "Merged, 16 bit",
    "gguf": "GGUF",
    "adapter-gguf": "Adapter, GGUF",
    "ollama": "Ollama",
    "script": "Python script",
    "notebook": "Notebook",
    "hub": "Hub",
}


def plan_lines(offered: Offered, choice: Choice, work: Work) -> list[PlanLine]:
    """A line a target, both ways to merge in one."""
    known = {target.name: target for target in offered.targets if target.name != "merged-nf4"}
    order = [*(name for name in TITLES if name in known), *(name for name in known if name not in TITLES)]
    return [_plan_line(known[name], offered, choice, work) for name in order]


def _plan_line(target: OfferedTarget, offered: Offered, choice: Choice, work: Work) -> PlanLine:
    items = choice.items_of(target.name, offered)
    why_not, remedy = target.why_not, target.remedy
    if target.name == MERGED and (known := offered.target(items[0])) is not None:
        why_not, remedy = known.why_not, known.remedy
    states = work.states(items)
    is_ticked = target.name in choice.targets and not why_not
    state = _joined(states) if is_ticked else None
    title = TITLES.get(target.name, target.title)
    if target.name == "hub":
        title = "Hub, private" if choice.hub_private else "Hub, open"
    return PlanLine(
        key=target.name,
        title=title,
        size=_size_of(target, items, offered, choice, work),
        is_ticked=is_ticked,
        is_locked=work.is_busy and any(work.has_begun(item) for item in items),
        state=state if state != "waits" or work.is_busy else None,
        why_not=why_not,
        remedy=remedy,
    )


def _joined(states: Sequence[StepState]) -> StepState | None:
    """Of a line that stands for several items."""
    order: tuple[StepState, ...] = ("rejected", "refused", "works", "waits", "done")
    return next((state for state in order if state in states), None)


def _size_of(target: OfferedTarget, items: Sequence[str], offered: Offered, choice: Choice, work: Work) -> str:
    if target.name == "hub":
        return f"sends {bytes_in_digits(sum(size_of(item, offered) for item in choice.sent(offered)))}"
    made = [step for item in items if (step := work.seen.step(item)) is not None and work.state_of(step) == "done"]
    size = target.size_bytes
    if target.name == MERGED:
        known = offered.target(items[0])
        size = known.size_bytes if known is not None else size
    if target.name == "gguf":
        size = sum(offer.size_bytes for offer in target.offers if offer.type in choice.types)
    if made and len(made) == len(items) and target.name in choice.targets:
        size = sum(step.size_bytes for step in made) or size
    words = bytes_in_digits(size) if size else ""
    if target.name == "ollama":
        return f"Modelfile, {words}" if words else "Modelfile"
    return words


def chosen_in_words(choice: Choice, offered: Offered, planned: ExportPlanned | None) -> str:
    """ "4 chosen, 4.78 GB"."""
    count = sum(not known.why_not for name in choice.targets if (known := offered.target(name)) is not None)
    if not count:
        return "none chosen"
    size = f", {bytes_in_digits(planned.size_bytes)}" if planned is not None else ""
    return f"{grouped(count)} chosen{size}"


def sends(choice: Choice, offered: Offered) -> list[tuple[str, str, bool]]:
    """What can be sent to the Hub: the adapter, and what else is made that others can load."""
    titles = {"adapter": "Adapter", "merged": "Merged", "merged-nf4": "Merged", "adapter-gguf": "Adapter, GGUF"}
    sent = choice.sent(offered)
    return [(item, titles.get(item, item.partition(":")[2].upper()), item in sent) for item in choice.sendable(offered)]


def size_of(item: str, offered: Offered) -> int:
    """Of an item, as it is predicted."""
    to, _, kind = item.partition(":")
    target = offered.target(to)
    if target is None:
        return 0
    return next((offer.size_bytes for offer in target.offers if offer.type == kind), target.size_bytes)
