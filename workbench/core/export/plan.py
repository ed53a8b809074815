"""The plan of an export: its steps in the order of work, their sizes and times, and whether the disk holds them."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from workbench.core.export.item import item_of
from workbench.core.export.known import target_of
from workbench.core.export.subject import Subject
from workbench.core.job.export_kinds import ExportPlanned, PlannedStep
from workbench.core.problems import UserError
from workbench.core.units import bytes_in_digits

# Of a disk that is quite full, the journal and the system want some.
SPARE_BYTES = 20_000_000


def planned_steps(subject: Subject, items: Iterable[str], made: Collection[str] = ()) -> list[PlannedStep]:
    """The steps that make these items, each behind what it needs; what is `made` already is not made again.

    Raises UserError for an item that cannot be made.
    """
    asked = dict.fromkeys(items)
    wanted = sorted(asked, key=lambda item: target_of(item_of(item).to).place)
    found: dict[str, PlannedStep] = {}
    for item in wanted:
        _add(subject, item, made, found)
    stays = {*asked, *(item for step in found.values() for item in step.refers_to)}
    return [step.model_copy(update={"is_passing": step.item not in stays}) for step in found.values()]


def _add(subject: Subject, name: str, made: Collection[str], found: dict[str, PlannedStep]) -> None:
    if name in found or name in made:
        return
    item = item_of(name)
    step = target_of(item.to).plan(subject, item)
    for need in step.needs:
        _add(subject, need, made, found)
    found[name] = step


def told(subject: Subject, steps: Sequence[PlannedStep]) -> ExportPlanned:
    """The plan with its sums. Raises UserError where there is no such disk."""
    folder = subject.request.out
    return ExportPlanned(
        folder=folder,
        title=subject.name,
        steps=list(steps),
        size_bytes=sum(step.size_bytes for step in steps if not step.is_passing and step.path),
        peak_bytes=_peak_bytes(steps),
        free_bytes=free_bytes(Path(folder)) if folder else 0,
        seconds=sum(step.seconds for step in steps),
    )


def _peak_bytes(steps: Sequence[PlannedStep]) -> int:
    """The most that lies on the disk at once: what is made for others alone goes after the last of them."""
    held, peak = 0, 0
    for place, step in enumerate(steps):
        peak = max(peak, held + step.size_bytes + step.passing_bytes)
        if step.path or step.is_passing:
            held += step.size_bytes
        later = {need for each in steps[place + 1 :] for need in each.needs}
        over = [each for each in steps[: place + 1] if each.is_passing and each.item not in later]
        last = {need for need in step.needs} | {step.item}
        held -= sum(each.size_bytes for each in over if each.item in last)
    return peak


def refuse_without_room(planned: ExportPlanned) -> None:
    """Raises UserError where the disk would not hold what is planned."""
    wanted = planned.peak_bytes + SPARE_BYTES
    if planned.folder and planned.free_bytes < wanted:
        missing = bytes_in_digits(wanted - planned.free_bytes)
        raise UserError(
            f"{planned.folder} has too little room: {missing} are missing.",
            why=f"It takes up to {bytes_in_digits(wanted)}, and {bytes_in_digits(planned.free_bytes)} are free.",
            remedy="Make room, choose another folder, or leave something out.",
        )


def free_bytes(folder: Path) -> int:
    """On the disk that a folder lies on, or would. Raises UserError where that cannot be asked."""
    place = folder
    while not place.is_dir() and place != place.parent:
        place = place.parent
    try:
        return shutil.disk_usage(place).free
    except OSError as error:
        raise UserError(
            f"{folder} cannot be reached: {error.strerror or error}.", remedy="Name another folder."
        ) from None
