"""The export job: makes what is planned of a run, one step after the other, whole or not at all."""

import time
from pathlib import Path

from workbench.core.export.made import ExportFolder, MadeItem, files_in, remove
from workbench.core.export.measured import REFERENCE
from workbench.core.export.plan import planned_steps, refuse_without_room, told
from workbench.core.export.subject import Subject, subject_of
from workbench.core.job.events import Ended
from workbench.core.job.export_kinds import (
    ExportRequest,
    PlannedStep,
    StepBegun,
    StepChecked,
    StepDone,
    StepRefused,
    StepRejected,
)
from workbench.core.problems import UserError
from workbench.core.whole_folder import flush
from workbench.engine.export import readme
from workbench.engine.export.beginning import begin
from workbench.engine.export.measuring import suggest
from workbench.engine.export.step import Step, step_of
from workbench.engine.export.work import SCRATCH
from workbench.engine.job.job import Job

# A product of a large model may take longer than a person waits for a cancel: it is then left where it is.
CANCEL_SECONDS = 0.8


def run(job: Job) -> Ended:
    """Makes all that is asked for and can be made. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, ExportRequest)
    job.orders.overdue_seconds = CANCEL_SECONDS
    subject = subject_of(request)
    folder = ExportFolder(Path(request.out) if request.out else job.run.path / "export")

    def leave() -> None:
        folder.leave()
        remove(job.run.path / SCRATCH)
        if not request.out:  # it was made to be measured alone
            remove(folder.path)

    with folder.held():
        job.before_leaving = leave
        try:
            return _Exporting(job, subject, folder).run()
        finally:
            leave()


class _Exporting:
    """One export at work: the plan, which orders change, and what has become of each step."""

    def __init__(self, job: Job, subject: Subject, folder: ExportFolder) -> None:
        self._job = job
        self._folder = folder
        self._asked = list(subject.request.items)
        self._work = begin(job, subject, folder.path)
        self._subject = self._work.subject
        self._over: dict[str, bool] = {}  # the items that are over, and whether they were made
        self._refused: list[StepRefused | StepRejected] = []
        self._steps: list[PlannedStep] = []

    def run(self) -> Ended:
        """Raises Ordered, and UserError where nothing that was asked for could be made."""
        self._note_made()
        self._plan()
        self._job.orders.takes_stops = True
        while (step := self._next()) is not None:
            self._do(step)
            self._forget_passing()
            self._change_plan()
        self._job.obey()
        if (suggested := suggest(self._work)) is not None:
            self._job.emit(suggested)
            if self._folder.items():
                readme.write(self._work, self._folder)
        peak_bytes = self._work.device.memory().peak_bytes
        if self._job.orders.is_stopped and self._waiting():
            return Ended(state="stopped", peak_memory_bytes=peak_bytes)
        if self._refused:
            first = self._refused[0]
            return Ended(
                state="crashed",
                what=first.what,
                why=first.why,
                remedy=first.remedy,
                is_mendable=True,
                peak_memory_bytes=peak_bytes,
            )
        return Ended(state="finished", peak_memory_bytes=peak_bytes)

    # -- the plan ------------------------------------------------------------------------------------------------------

    def _note_made(self) -> None:
        """What an earlier export of the same weights has left whole is needed by others as it is."""
        for item, made in self._folder.items().items():
            if made.of == self._work.made_of and item not in self._asked:
                self._work.made[item] = self._folder.path / made.done.path
                for event in made.measured:
                    self._work.measured.setdefault(event.item, event)

    def _plan(self) -> None:
        """Raises UserError for what cannot be made, and where the disk would not hold it."""
        waiting = [item for item in self._asked if item not in self._over]
        there = [item for item in self._work.made if item not in waiting]
        ahead_of_it = [step for step in planned_steps(self._subject, waiting, there) if step.item not in self._over]
        for step in ahead_of_it:
            if step.path and not step.is_passing:
                self._folder.refuse_others(step.path)
        ahead = told(self._subject, ahead_of_it)
        refuse_without_room(ahead)
        self._steps = [*(step for step in self._steps if step.item in self._over), *ahead_of_it]
        self._job.emit(told(self._subject, self._steps).model_copy(update={"peak_bytes": ahead.peak_bytes}))

    def _change_plan(self) -> None:
        """Obeys what was added and removed; a change that cannot be is refused, and the plan stays."""
        changes = self._job.orders.take_plan_changes()
        for change in changes:
            before = list(self._asked)
            passing = any(step.item == change.item and step.is_passing for step in self._steps)
            if change.item in self._over and not (change.is_added and passing):
                continue  # it has begun
            if change.is_added:
                self._over.pop(change.item, None)  # what was made for others alone does not stay
                self._asked = [*dict.fromkeys([*self._asked, change.item])]
            else:
                self._asked = [item for item in self._asked if item != change.item]
            try:
                self._plan()
            except UserError as error:
                self._asked = before
                refused = StepRefused(
                    item=change.item, title=change.item, what=error.what, why=error.why, remedy=error.remedy
                )
                self._job.emit(refused)

    def _waiting(self) -> list[PlannedStep]:
        return [step for step in self._steps if step.item not in self._over]

    def _next(self) -> PlannedStep | None:
        self._change_plan()
        if self._job.orders.is_stopped:
            return None
        return next(iter(self._waiting()), None)

    # -- a step --------------------------------------------------------------------------------------------------------

    def _do(self, planned: PlannedStep) -> None:
        failed = next((need for need in planned.needs if self._over.get(need) is False), None)
        if failed is not None:
            title = next(step.title for step in self._steps if step.item == failed)
            self._refuse(planned, UserError(f"It needs {title}, which could not be made."))
            return
        self._job.emit(StepBegun(item=planned.item, title=planned.title))
        began = time.monotonic()
        staging = self._folder.staging(planned.path or planned.item.replace(":", "-"))
        remove(staging)
        try:
            step = step_of(self._work, planned)
            step.make(staging)
            checks = self._check(step, planned, staging)
            if checks is not None:
                self._take(planned, staging, checks, time.monotonic() - began)
        except UserError as error:
            self._refuse(planned, error)
        except OSError as error:
            self._refuse(planned, self._unwritable(error))
        finally:
            if not (planned.is_passing and self._over.get(planned.item)):
                remove(staging)

    def _check(self, step: Step, planned: PlannedStep, staging: Path) -> list[StepChecked] | None:
        """What was found; None where a check has failed and the result is rejected."""
        found: list[StepChecked] = []
        for check in step.check(staging):
            self._job.obey()
            event = StepChecked(item=planned.item, title=planned.title, name=check.name, ok=check.ok, found=check.found)
            self._job.emit(event)
            found.append(event)
            if not check.ok:
                self._reject(planned, staging, check.found)
                return None
        return found

    def _take(self, planned: PlannedStep, staging: Path, checks: list[StepChecked], seconds: float) -> None:
        self._over[planned.item] = True
        if planned.is_passing:
            self._work.made[planned.item] = staging
            path, files = "", []
        else:
            path, files = planned.path, files_in(staging, planned.path) if planned.path else []
        done = StepDone(
            item=planned.item,
            title=planned.title,
            path=path,
            size_bytes=sum(file.size_bytes for file in files),
            files=files,
            seconds=seconds,
            peak_bytes=self._work.device.memory().peak_bytes,
        )
        if not planned.is_passing:
            self._keep(planned, done, checks, staging if path else None)
        self._job.emit(done)

    def _keep(self, planned: PlannedStep, done: StepDone, checks: list[StepChecked], staging: Path | None) -> None:
        """Puts what was made in its place: from then on it is whole, whatever happens. Raises OSError."""
        if staging is not None:
            for path in [*sorted(staging.rglob("*")), staging] if staging.is_dir() else [staging]:
                flush(path)
        measured = [each for each in self._work.measured.values() if each.item in (planned.item, REFERENCE)]
        made = MadeItem(done=done, of=self._work.made_of, checks=checks, measured=measured)
        if staging is not None or measured:
            self._folder.take(planned.item, made, staging)
            flush(self._folder.path)
            readme.write(self._work, self._folder)
        if staging is not None:
            self._work.made[planned.item] = self._folder.path / done.path

    def _reject(self, planned: PlannedStep, staging: Path, found: str) -> None:
        self._over[planned.item] = False
        path = ""
        if planned.path and not planned.is_passing:
            path = self._folder.reject(planned.path, staging).name
        rejected = StepRejected(
            item=planned.item,
            title=planned.title,
            path=path,
            what=f"{planned.title} is not what it should be: {found}",
            remedy=f"It is kept as {self._folder.path / path}, and not to be used." if path else "",
        )
        self._refused.append(rejected)
        self._job.emit(rejected)

    def _refuse(self, planned: PlannedStep, error: UserError) -> None:
        self._over[planned.item] = False
        refused = StepRefused(
            item=planned.item, title=planned.title, what=error.what, why=error.why, remedy=error.remedy
        )
        self._refused.append(refused)
        self._job.emit(refused)

    def _unwritable(self, error: OSError) -> UserError:
        return UserError(
            f"A file could not be read or written: {error.strerror or error}.",
            why=str(error.filename or ""),
            remedy=f"Make room in {self._folder.path}, or name another folder; what was finished there stays.",
        )

    def _forget_passing(self) -> None:
        """Removes what was made for others alone, once none of them is ahead; one that is added later has it anew."""
        ahead = {need for step in self._waiting() for need in step.needs}
        gone = [
            step for step in self._steps if step.is_passing and step.item not in ahead and self._over.get(step.item)
        ]
        for step in gone:
            remove(self._work.made.pop(step.item))
            del self._over[step.item]
            self._steps.remove(step)
