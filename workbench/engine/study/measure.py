"""The measure job: a race of precisions, each in a process of its own so that its memory is its own."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workbench.core import places, sources
from workbench.core.data import texts
from workbench.core.data.rows import settings_at
from workbench.core.job import last_words, launch
from workbench.core.job.events import Ended, Event, Notice, Phase, Step
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import MeasureRequest, PrecisionMeasured
from workbench.core.model import folder as model_folder
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.quantized.once_quantized import was_four_bit
from workbench.core.race.measures import in_order, title_of
from workbench.core.race.race import STARTER
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job.job import Job
from workbench.engine.study.race_files import RaceFiles
from workbench.engine.study.race_recipe import training_of

CHILD = (sys.executable, "-m", "workbench.engine.study.measured_precision")
POLL_SECONDS = 0.1


def run(job: Job) -> Ended:
    """Measures one precision after the other, the widest first. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, MeasureRequest)
    names = in_order(request.precisions)
    texts.read_text(request.text)
    folder = _model(job, request)
    model_folder.inspect_for_text(folder)
    if request.train_steps:
        preflight.check_rows(settings_at(Recipe().data, request.data))
    race = _Race(job, request, folder)
    try:
        for name in names:
            race.run(name)
    finally:
        race.files.reference.unlink(missing_ok=True)
    ran = [found for found in race.found if not found.problem]
    if not ran:
        raise UserError("No precision could be measured.", why=race.found[0].problem)
    return Ended(state="finished", peak_memory_bytes=max(found.peak_bytes or 0 for found in ran))


def _model(job: Job, request: MeasureRequest) -> Path:
    if request.model != STARTER:
        return sources.expanded(request.model)
    from workbench.engine.model import starter  # where it has to be fetched, what fetches is large

    return starter.fetch_starter(job)


class _Race:
    """What the precisions share: the model, and the reference that the first one to run becomes."""

    def __init__(self, job: Job, request: MeasureRequest, folder: Path) -> None:
        self.files = RaceFiles(job.run.path)
        self.found: list[PrecisionMeasured] = []
        self._job = job
        self._request = request
        self._folder = folder
        self._reference = ""
        self._notes = _notes(folder)

    def run(self, name: str) -> None:
        """Measures a precision, trains in it where that is wanted, and writes it down."""
        found = self._measured(name)
        if not found.problem:
            self._reference = self._reference or name
            found = found.model_copy(update={"notes": [*found.notes, *self._notes]})
            if self._request.train_steps:
                found = self._trained(found)
        self.found.append(found)
        self._job.emit(found)

    def _measured(self, name: str) -> PrecisionMeasured:
        journal, console = self.files.journal(name), self.files.console(name)
        journal.parent.mkdir(parents=True, exist_ok=True)
        words = [*CHILD, str(self._job.run.path), name, str(self._folder), *filter(None, [self._reference])]
        results: list[PrecisionMeasured | Ended] = []

        def take_event(event: Event) -> None:
            if isinstance(event, PrecisionMeasured | Ended):
                results.append(event)
            elif isinstance(event, Phase | Notice):
                self._job.emit(event)

        self._job.phase("start", unit=title_of(name))
        with console.open("ab") as file:
            child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=file, stderr=file, env=launch.environment())
        status = self._followed(child, JournalReader(journal), take_event)
        if results and isinstance(results[-1], PrecisionMeasured):
            return results[-1]
        if results and isinstance(results[-1], Ended):
            raise UserError(results[-1].what, why=results[-1].why, remedy=results[-1].remedy)
        death = launch.how_it_ended(status)
        hint = "Perhaps the memory was not enough." if "SIGKILL" in death else ""
        reason = last_words.reason_in(last_words.lines_of(console))
        return PrecisionMeasured(
            precision=name, problem=" ".join(filter(None, [f"Its process {death}.", hint, reason]))
        )

    def _trained(self, found: PrecisionMeasured) -> PrecisionMeasured:
        """The figures with the curve of a short training, or with why there is none."""
        recipe = training_of(found.precision, found.compute_dtype, self._folder, self._request)
        run = RunFolder.create(recipe, under=self.files.trainings)
        losses: list[tuple[int, float]] = []
        endings: list[Ended] = []
        unit = f"steps of {title_of(found.precision)}"
        phase = Phase(name="train", total=self._request.train_steps, unit=unit)
        self._job.emit(phase)

        def take_event(event: Event) -> None:
            if isinstance(event, Step):
                losses.append((event.step, event.loss))
                self._job.emit(phase.model_copy(update={"done": event.step, "total": event.steps}))
            elif isinstance(event, Ended):
                endings.append(event)

        status = self._followed(launch.start(run), JournalReader(run.journal), take_event)
        problem = ""
        if not endings:
            problem = f"The training {launch.how_it_ended(status)}."
        elif endings[-1].state != "finished":
            problem = " ".join(filter(None, [endings[-1].what, endings[-1].why])) or f"It was {endings[-1].state}."
        else:
            run.remove()  # the curve is what was wanted of it
        return found.model_copy(update={"losses": losses, "training_problem": problem})

    def _followed(
        self, process: subprocess.Popen[bytes], journal: JournalReader, take_event: Callable[[Event], None]
    ) -> int:
        """The process's exit status, once it has ended; an order to end kills it. Raises Ordered."""
        try:
            while process.poll() is None:
                for event in journal.read():
                    take_event(event)
                self._job.obey()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
            for event in journal.read():
                take_event(event)
            return process.returncode
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()


def _notes(folder: Path) -> list[str]:
    """What has to be said of the model itself."""
    if not was_four_bit(folder):
        return []
    if folder.name == places.STARTER:
        return [
            "The starter from the package registry was once quantized to Q4_1: its perplexities are printed as they "
            "are, and are not those of the original."
        ]
    return ["These weights were once stored in 4 bits: the perplexities are printed as they are."]
