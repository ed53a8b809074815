"""What the cards show, put together from what can be made, what was chosen, and how far the export is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.export.elsewhere import Made
from workbench.core.export.made import NOTED
from workbench.core.export.measured import ITEMS, REFERENCE
from workbench.core.export.offered import README, Offered, OfferedTarget
from workbench.core.export.progress import WRITING, ExportSeen, StepSeen, StepState
from workbench.core.export.training_plan import SCRIPT
from workbench.core.job.export_kinds import ExportedFile, ExportPlanned, Way, WeightsMeasured
from workbench.core.job.phases import how_far
from workbench.core.ticks import clock
from workbench.core.units import bytes_in_digits, counted, duration_in_words, grouped
from workbench.numerics.formats import FORMATS
from workbench.panes.runs.export.choice import MERGED, Choice
from workbench.panes.runs.export.files_card import FileRow
from workbench.panes.runs.export.gguf_card import GgufRow
from workbench.panes.runs.export.plan_list import PlanLine
from workbench.panes.runs.export.progress_card import ProgressRow
from workbench.panes.runs.export.ways_card import WayRow

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
# From this share of the same first choices on, answers are said to stay as they are.
SAME_ENOUGH = 0.99


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


# -- the plan ---------------------------------------------------------------------------------------------------------


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


# -- the two ways -----------------------------------------------------------------------------------------------------


def way_in_words(way: Way, offered: Offered) -> str:
    return f"{_rounded(offered)}\u2019s values" if way == "nf4" else "the original weights"


def _rounded(offered: Offered) -> str:
    return FORMATS[offered.precision].title if offered.precision in FORMATS else offered.precision.upper()


def way_rows(offered: Offered, choice: Choice) -> list[WayRow]:
    """The reference and both ways; nothing where there is one way alone."""
    if len(offered.ways) < 2:
        return []
    rounded = _rounded(offered)
    found = {way: offered.measured.get(ITEMS[way]) for way in offered.ways}
    closest = min((each.kl for each in found.values() if each is not None and each.kl is not None), default=None)
    is_whole = all(each is not None and each.kl is not None for each in found.values())
    reference = offered.measured.get(REFERENCE)
    rows = [
        WayRow(
            "",
            f"Adapter on {rounded}",
            "as it was trained",
            perplexity=reference.perplexity if reference is not None else None,
            tag=("reference", "none", "flag"),
        )
    ]
    titles: dict[Way, tuple[str, str]] = {
        "nf4": (f"Into {rounded}\u2019s values", "rounded, held in 16 bits"),
        "original": ("Into the original weights", "as downloaded"),
    }
    for way in offered.ways:
        event = found[way]
        is_better = is_whole and event is not None and event.kl == closest
        rows.append(
            WayRow(
                way,
                *titles[way],
                perplexity=event.perplexity if event is not None else None,
                kl=event.kl if event is not None else None,
                same_share=event.same_share if event is not None else None,
                is_better=is_better,
                tag=_tag(event, is_better=is_better, is_taken=choice.way_of(offered) == way) if is_whole else None,
            )
        )
    return rows


def _tag(event: WeightsMeasured | None, *, is_better: bool, is_taken: bool) -> tuple[str, str, str] | None:
    if event is None:
        return None
    if is_better:
        return ("better, taken" if is_taken else "better", "success", "check")
    changes = event.same_share is not None and event.same_share < SAME_ENOUGH
    return ("answers change" if changes else "further off", "warn", "warning")


def way_sentence(offered: Offered) -> str:
    """What follows of the figures; nothing before they are there."""
    rows = [event for way in offered.ways if (event := offered.measured.get(ITEMS[way])) is not None]
    if len(rows) < 2 or any(event.kl is None for event in rows):
        return ""
    rounded = _rounded(offered)
    if offered.way == "nf4":
        return (
            f"The adapter has also learned to undo {rounded}\u2019s rounding. In weights that were never rounded, "
            "that is a correction too many."
        )
    return (
        f"Held in 16 bits, {rounded}\u2019s values with the adapter lie further off than the original weights with it: "
        "what it learned does not hang on the rounding."
    )


def rows_in_words(offered: Offered) -> str:
    """ "measured on 40 held-out rows, 2 310 tokens"."""
    event = next(iter(offered.measured.values()), None)
    if event is None:
        return "to be measured on held-out rows"
    kind = "held-out row" if event.is_held_out else "row that it learned from"
    rows = counted(event.rows, kind) if event.is_held_out else f"{grouped(event.rows)} rows that it learned from"
    return f"measured on {rows}, {counted(event.tokens, 'token')}"


def measure_in_words(offered: Offered) -> str:
    """What the button says; nothing where all is measured, or nothing can be."""
    measured = all(ITEMS[way] in offered.measured for way in offered.ways)
    if measured or offered.measure_seconds is None:
        return ""
    return f"Measure, {_short(offered.measure_seconds)}"


def _short(seconds: float) -> str:
    return duration_in_words(seconds).removeprefix("about ").replace(" seconds", " s").replace(" minutes", " min")


# -- GGUF -------------------------------------------------------------------------------------------------------------


def gguf_rows(offered: Offered, choice: Choice, work: Work) -> list[GgufRow]:
    target = offered.target("gguf")
    if target is None:
        return []
    is_wanted = "gguf" in choice.targets
    rows = []
    for offer in target.offers:
        item = f"gguf:{offer.type}"
        event = work.seen.measured.get(item) or offered.measured.get(item)
        if event is not None and event.against not in ("", ITEMS[choice.way_of(offered)]):
            event = None  # of the other way to merge
        step = work.seen.step(item)
        is_made = step is not None and work.state_of(step) == "done" and bool(step.path)
        is_possible = event is None and not offer.why_not and not target.why_not and not work.is_busy
        rows.append(
            GgufRow(
                offer.type,
                offer.title,
                offer.bits,
                step.size_bytes if is_made and step is not None else offer.size_bytes,
                is_predicted=not is_made,
                is_ticked=is_wanted and offer.type in choice.types,
                is_locked=work.has_begun(item),
                is_busy=work.measuring == item,
                why_not=offer.why_not or (target.why_not and "not of this model"),
                perplexity=event.perplexity if event is not None else None,
                kl=event.kl if event is not None else None,
                same_share=event.same_share if event is not None else None,
                measure=f"Measure, {_short(target.seconds)}" if is_possible and not work.measuring else "",
            )
        )
    return rows


# -- the Hub ----------------------------------------------------------------------------------------------------------


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
    return f"{clock(seconds)}, about {_short(left)} left" if left >= 1 else clock(seconds)


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
    types = [path for item, path in paths.items() if item.startswith("gguf:")]
    ways = [paths[item] for way in (choice.way_of(offered), *offered.ways) if (item := ITEMS[way]) in paths]
    return Made(
        folder=folder,
        name=choice.name,
        run=choice.run,
        adapter=paths.get("adapter", ""),
        merged=ways[0] if ways else "",
        gguf=types[-1] if types else "",
        script=f"{paths['script']}/{SCRIPT}" if "script" in paths else "",
        modelfile=next((path for item, path in paths.items() if item.startswith("ollama")), ""),
    )
