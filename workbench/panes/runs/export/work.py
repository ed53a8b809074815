"""An export as the view shows it: how far its steps are, and what lies in its folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.export.elsewhere import Made
from workbench.core.export.made import NOTED
from workbench.core.export.measured import ITEMS
from workbench.core.export.offered import README, Offered
from workbench.core.export.progress import WRITING, ExportSeen, StepSeen, StepState
from workbench.core.job.export_kinds import ExportedFile
from workbench.core.job.phases import how_far
from workbench.core.ticks import clock
from workbench.core.units import bytes_in_digits, counted
from workbench.panes.runs.export.choice import Choice
from workbench.panes.runs.export.files_card import FileRow
from workbench.panes.runs.export.progress_card import ProgressRow
from workbench.panes.runs.export.words import in_short


@dataclass(frozen=True)
class Work:
    """An export as the view shows it: what is seen of it, and whether it is at work."""

    seen: ExportSeen
    is_busy: bool = False
    measuring: str = ""  # the item that is measured alone

    def state_of(self, step: StepSeen) -> StepState:
        """What was at work when the export ended was not made."""
        return "waits" if step.state == "works" and not self.is_busy else step.state

    def states(self, items: Sequence[str]) -> list[StepState]:
        found = (self.seen.step(item) for item in items)
        return [self.state_of(step) for step in found if step is not None and not step.step.is_passing]

    def has_begun(self, item: str) -> bool:
        step = self.seen.step(item)
        return self.is_busy and step is not None and step.has_begun and not step.step.is_passing

    @property
    def made(self) -> set[str]:
        """The items that are there, because a person asked for them."""
        return {step.item for step in self.seen.kept if self.state_of(step) == "done"}


# -- how far it is ----------------------------------------------------------------------------------------------------


def progress_rows(work: Work) -> list[ProgressRow]:
    """A row a step, in the order of work."""
    return [_progress_row(step, number, work) for number, step in enumerate(work.seen.steps, 1)]


def _progress_row(step: StepSeen, number: int, work: Work) -> ProgressRow:
    state = work.state_of(step)
    return ProgressRow(
        step.item,
        number,
        step.step.title,
        _fact_of(step, state),
        _sentence_of(step, state, work),
        state,
        step.share,
        "\n".join(f"{check.name}: {check.found}" for check in step.checks),
    )


def _fact_of(step: StepSeen, state: StepState) -> str:
    phase = step.phase
    if state == "works" and phase is not None and phase.name in WRITING and phase.total:
        total_bytes = phase.total if phase.unit == "bytes" else step.size_bytes
        done, total = bytes_in_digits(total_bytes * phase.done / phase.total), bytes_in_digits(total_bytes)
        unit = total.partition(" ")[2]
        return f"{done.removesuffix(f' {unit}')} of {total}"
    if state in ("rejected", "refused") or not step.size_bytes:
        return ""
    files = f", {counted(len(step.files), 'file')}" if len(step.files) > 1 else ""
    return f"{bytes_in_digits(step.size_bytes)}{files}"


def _sentence_of(step: StepSeen, state: StepState, work: Work) -> str:
    match state:
        case "done":
            return _checked(step)
        case "rejected":
            return f"{step.problem} It is kept as {step.path}." if step.path not in step.problem else step.problem
        case "refused":
            return step.problem
        case "works":
            return _at_work(step)
    if not work.is_busy:
        return "not made"
    needs = [each.step.title for need in step.step.needs if (each := work.seen.step(need)) is not None]
    waiting = [each.step.title for each in work.seen.steps if each.step.title in needs and not each.is_over]
    return f"waits for {' and '.join(waiting)}" if waiting else "waits for its turn"


def _checked(step: StepSeen) -> str:
    """What the last check has found, which is the one with what is compared, and the names of those before it."""
    if not step.checks:
        return "made"
    *before, last = step.checks
    also = f" Checked before: {', '.join(check.name for check in before)}." if before else ""
    return f"{last.found}{also}"


def _at_work(step: StepSeen) -> str:
    phase = step.phase
    if phase is None:
        return "begins"
    if phase.name not in WRITING:
        words = how_far(phase)
        return words[:1].lower() + words[1:]
    # What counts numbers writes as many bytes of each as it is going to have.
    a_unit = 1 if phase.unit == "bytes" else step.size_bytes / phase.total if phase.total else 0
    speed = f"{bytes_in_digits(phase.rate * a_unit)} a second" if phase.rate and a_unit else "begins"
    then = "then it is read back and compared" if phase.name == "export" else "what is there already is not sent again"
    return f"{speed}; {then}"


def time_in_words(work: Work, seconds: float | None) -> str:
    """ "1:52, about 40 s left"; the time alone once it is over."""
    if seconds is None or not work.seen.steps:
        return ""
    if not work.is_busy:
        return clock(seconds)
    left = work.seen.seconds_left
    return f"{clock(seconds)}, about {in_short(left)} left" if left >= 1 else clock(seconds)


# -- where it lies ----------------------------------------------------------------------------------------------------


def file_rows(folder: Path, offered: Offered, work: Work) -> list[FileRow]:
    """What lies in the folder now, and what is being written or waits."""
    made = {made.done.path: (made.done.size_bytes, tuple(made.done.files)) for made in offered.made.values()}
    states: dict[str, str] = {}
    for step in work.seen.steps:
        path = step.path or step.step.path
        if not path or step.step.is_passing:
            continue
        match work.state_of(step):
            case "done":
                made[path] = (step.size_bytes, step.files)
            case "works":
                states[path] = "writing"
            case "waits" if work.is_busy:
                states[path] = "waits"
            case "rejected":
                states[path] = "rejected"
            case _:
                pass
    total = sum(size for size, _ in made.values()) + offered.readme_bytes
    note = "" if made or states else "nothing here yet"
    rows = [FileRow(".", _at_home(folder), depth=0, size_bytes=total, note=note, is_open=True)]
    for path in dict.fromkeys([*made, *states]):
        size, files = made.get(path, (0, ()))
        rows += _entry(path, size, files, states.get(path, ""))
    if offered.readme_bytes:
        rows.append(FileRow(README, README, size_bytes=offered.readme_bytes, note="what was measured"))
    return rows


def _entry(path: str, size: int, files: Sequence[ExportedFile], state: str) -> list[FileRow]:
    """A file, or a folder with what is in it."""
    inner = [file for file in files if file.name != path]
    rows = [FileRow(path, path, size_bytes=0 if state else size, state=state, is_open=False if inner else None)]
    for file in inner:
        name = file.name.removeprefix(f"{path}/")
        if "/" not in name:
            rows.append(FileRow(file.name, name, depth=2, size_bytes=file.size_bytes))
    return rows


def _at_home(folder: Path) -> str:
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) and folder != home else str(folder)


def made_of(folder: Path, offered: Offered, choice: Choice, work: Work) -> Made:
    """What can be used elsewhere."""
    paths = {item: made.done.path for item, made in offered.made.items() if item != NOTED}
    paths |= {step.item: step.path for step in work.seen.steps if work.state_of(step) == "done" and step.path}
    ways = [ITEMS[way] for way in (choice.way_of(offered), *offered.ways)]
    return Made.of(folder, choice.name, choice.run, paths, ways)
