"""What a run can become, read before anything is asked: sizes, what cannot be made and why, what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from workbench.core.chat.known import newest_checkpoint
from workbench.core.export import measured
from workbench.core.export.elsewhere import askable
from workbench.core.export.item import Item
from workbench.core.export.known import targets
from workbench.core.export.made import ExportFolder, MadeItem
from workbench.core.export.plan import free_bytes, planned_steps, refuse_without_room, told
from workbench.core.export.subject import Subject, subject_of
from workbench.core.export.target import Offer
from workbench.core.job import checkpoints
from workbench.core.job.events import Evaluated, Event, Sample
from workbench.core.job.export_kinds import ExportPlanned, ExportRequest, Way, WeightsMeasured
from workbench.core.job.journal import parsed
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, in_a_row

# As the journal writes them: within the text of an event their quotes would be escaped.
_SAMPLE, _EVALUATED = b'"kind":"sample"', b'"kind":"evaluated"'
README = "README.md"
_CARD_LINES = 60  # of a model card's head, in which its licence stands


@dataclass(frozen=True)
class OfferedTarget:
    """A target and what it would take of this run, or why it cannot be made and what to do instead.

    `seconds` are those of all that it needs, too.
    """

    name: str
    title: str
    size_bytes: int = 0
    seconds: float = 0.0
    why_not: str = ""
    remedy: str = ""
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """One that can be exported in place of what the run ended with; `is_best` by its evaluation loss."""

    step: int
    path: Path
    is_best: bool = False


@dataclass(frozen=True)
class Offered:
    """All that the choice is made by.

    Attributes:
        precision: What the base's weights were stored as in training.
        base_id: Of the base on the Hub; nothing where it is not of the Hub.
        licence: Of the base, as the Hub writes it; nothing where its folder does not say.
        measured: Of the ways to merge and of types, by item.
        has_result: Whether the run has come to one; `instead` is the checkpoint that was looked at in its place.
        made: What lies in the folder already.
        question, answer: The first sample that every shell can ask, and what the run has answered to it.
    """

    name: str
    title: str
    precision: str
    ways: tuple[Way, ...]
    way: Way
    targets: tuple[OfferedTarget, ...]
    base_id: str = ""
    licence: str = ""
    has_adapter: bool = True
    has_result: bool = True
    instead: Path | None = None
    measured: Mapping[str, WeightsMeasured] = field(default_factory=dict)
    made: Mapping[str, MadeItem] = field(default_factory=dict)
    measure_seconds: float | None = None
    checkpoints: tuple[Checkpoint, ...] = ()
    evaluations: int = 0
    last_step: int = 0
    question: str = ""
    answer: str = ""
    free_bytes: int = 0
    readme_bytes: int = 0  # of README.md in the folder; 0 where there is none

    def target(self, name: str) -> OfferedTarget | None:
        return next((target for target in self.targets if target.name == name), None)


def offered(request: ExportRequest) -> Offered:
    """Reads it all, in some tenths of a second. Raises UserError where there is nothing to export."""
    instead = newest_checkpoint(request.run)
    if instead is not None:
        request = request.model_copy(update={"run": str(instead)})
    subject = subject_of(request)
    run = _run_of(Path(request.run))
    samples, evaluations, last_step = _told(run) if run is not None else ([], [], 0)
    question = askable(sample.prompt for sample in samples)
    best = next((event.step for event in reversed(evaluations) if event.is_best), 0)
    measure = _offered_target(subject, "measure", "")
    return Offered(
        name=subject.name,
        title=subject.title,
        precision=subject.precision,
        ways=subject.ways,
        way=subject.way,
        targets=tuple(
            _offered_target(subject, target.name, target.title, tuple(target.offers(subject)))
            for target in targets()
            if target.name != "measure"
        ),
        base_id=subject.adapter.base if subject.adapter is not None and subject.adapter.is_of_hub else "",
        licence=_licence(subject),
        has_adapter=subject.adapter is not None,
        has_result=run is None or run.has_adapter or run.has_model,
        instead=instead,
        measured=measured.read(subject.speaker),
        made=ExportFolder(Path(request.out)).items() if request.out else {},
        measure_seconds=None if measure.why_not else measure.seconds,
        checkpoints=tuple(
            Checkpoint(step, path, is_best=step == best) for step, path in checkpoints.steps(run.checkpoints)
        )
        if run is not None
        else (),
        evaluations=len(evaluations),
        last_step=last_step,
        question=question,
        answer=next((sample.answer for sample in samples if sample.prompt == question), "") if question else "",
        free_bytes=free_bytes(Path(request.out)) if request.out else 0,
        readme_bytes=_size(Path(request.out) / README) if request.out else 0,
    )


class Planned(NamedTuple):
    """What a request would take, and why the disk would not hold it."""

    plan: ExportPlanned
    problem: str = ""


def planned(request: ExportRequest) -> Planned:
    """The plan of a request, before it is given. Raises UserError for what cannot be made."""
    subject = subject_of(request)
    plan = told(subject, planned_steps(subject, request.items))
    try:
        refuse_without_room(plan)
    except UserError as error:
        return Planned(plan, in_a_row(error.what, error.why, error.remedy))
    return Planned(plan)


def _offered_target(subject: Subject, name: str, title: str, offers: tuple[Offer, ...] = ()) -> OfferedTarget:
    possible = [offer for offer in offers if not offer.why_not]
    if offers and not possible:
        return OfferedTarget(name, title, why_not=offers[0].why_not, offers=offers)
    try:
        steps = planned_steps(subject, [str(Item(name, possible[0].type if possible else ""))])
    except UserError as error:
        remedy = in_a_row(error.why, error.remedy)
        return OfferedTarget(name, title, why_not=error.what, remedy=remedy, offers=offers)
    return OfferedTarget(name, title, steps[-1].size_bytes, sum(step.seconds for step in steps), offers=offers)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _run_of(path: Path) -> RunFolder | None:
    """The run that a path is, or lies in; None where it lies in none."""
    found = next((each for each in (path, *path.parents[:2]) if (each / "job.toml").is_file()), None)
    return RunFolder(found) if found is not None else None


def _told(run: RunFolder) -> tuple[list[Sample], list[Evaluated], int]:
    """The last answers to the samples, the evaluations, and the last step that the journal tells of."""
    samples: dict[str, Sample] = {}
    evaluations: list[Evaluated] = []
    last_step = 0
    for event in _events(run):
        if isinstance(event, Sample) and event.when == "after":
            samples[event.prompt] = event
            last_step = max(last_step, event.step)
        elif isinstance(event, Evaluated):
            evaluations.append(event)
            last_step = max(last_step, event.step)
    return list(samples.values()), evaluations, last_step


def _events(run: RunFolder) -> Iterator[Event]:
    try:
        with run.journal.open("rb") as file:
            # The steps of a long run take seconds to parse.
            yield from filter(None, (parsed(line) for line in file if _SAMPLE in line or _EVALUATED in line))
    except OSError:
        return  # the run can be exported without what it says


def _licence(subject: Subject) -> str:
    """As the card in the base's folder has it."""
    if subject.base is None:
        return ""
    try:
        with (subject.base.path / README).open(encoding="utf-8") as file:
            for line, _ in zip(file, range(_CARD_LINES), strict=False):
                name, _, value = line.partition(":")
                if name.strip() == "license":
                    return value.strip().strip("'\"")
    except (OSError, UnicodeDecodeError):
        pass
    return ""
