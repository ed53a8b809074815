"""The export that the window has started or found, and what it measures of exports: one of them at work at a time."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.bridge.outcome import Outcome
    from workbench.bridge.study_control import StudyControl
    from workbench.core.export.progress import ExportSeen
    from workbench.core.job.events import Event
    from workbench.core.job.export_kinds import ExportRequest
    from workbench.core.job.study_kinds import Request


class ExportControl(QObject):
    """Starts an export, changes its plan while it goes on, and finds it again; call `close` before it goes.

    An export outlives the window, and so does what is measured without one.

    Signals:
        advanced: An export or a measurement went on.
        state_changed: One of them began, ended, or is about to be cancelled.
    """

    advanced = Signal()
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studies: dict[bool, StudyControl] = {}  # by whether it is an export: else it is measured alone
        self._written: dict[bool, dict[str, float]] = {True: {}, False: {}}  # of each item, from 0 to 1
        self._is_over = False  # the export that is followed was over when it was found
        self.stops_after = ""  # the item after which the export ends, where it was asked to

    def _study(self, *, is_export: bool) -> "StudyControl":
        if is_export not in self._studies:
            from workbench.bridge.study_control import StudyControl  # no part of the first paint

            study = StudyControl(self)
            study.advanced.connect(partial(self._advance, is_export))
            study.state_changed.connect(self._change)
            self._studies[is_export] = study
        return self._studies[is_export]

    def _advance(self, is_export: bool, events: "Sequence[Event]") -> None:
        from workbench.core.export.progress import WRITING

        written = self._written[is_export]
        for event in events:
            if event.kind == "started":
                written.clear()
            elif event.kind == "phase" and event.name in WRITING and event.total:
                written[event.file] = max(written.get(event.file, 0.0), event.done / event.total)
        self.advanced.emit()

    # -- what goes on -------------------------------------------------------------------------------------------------

    @property
    def export(self) -> "StudyControl":
        return self._study(is_export=True)

    @property
    def measurement(self) -> "StudyControl":
        return self._study(is_export=False)

    @property
    def is_exporting(self) -> bool:
        return bool(self._studies) and self.export.is_busy and not self._is_over

    @property
    def is_measuring(self) -> bool:
        return bool(self._studies) and self.measurement.is_busy

    @property
    def is_busy(self) -> bool:
        return self.is_exporting or self.is_measuring

    @property
    def request(self) -> "ExportRequest | None":
        """Of the export that is followed."""
        return self._asked(self.export.request) if self._studies else None

    @property
    def measured_request(self) -> "ExportRequest | None":
        return self._asked(self.measurement.request) if self._studies else None

    @staticmethod
    def _asked(request: "Request | None") -> "ExportRequest | None":
        from workbench.core.job.export_kinds import ExportRequest

        return request if isinstance(request, ExportRequest) else None

    def seen(self, *, is_export: bool = True) -> "ExportSeen":
        """How far it is."""
        from workbench.core.export.progress import ExportSeen, seen

        if not self._studies:
            return ExportSeen()
        study = self._study(is_export=is_export)
        return seen(study.findings, study.phase, self._written[is_export])

    @property
    def outcome(self) -> "Outcome | None":
        """How the export that is followed has ended; None before it has."""
        return self.export.outcome if self._studies else None

    @property
    def elapsed_seconds(self) -> float | None:
        """Of the export, as its journal last told; None before it tells anything."""
        if not self._studies or not self.export.findings:
            return None
        last, phase = self.export.findings[-1].elapsed_seconds, self.export.phase
        return max(last, phase.elapsed_seconds) if phase is not None else last

    # -- orders -------------------------------------------------------------------------------------------------------

    def start(self, request: "ExportRequest") -> None:
        """Starts an export, or what is measured where the request has no folder. Raises UserError."""
        if self.is_busy:
            what = "An export is under way." if self.is_exporting else "Something is being measured."
            raise UserError(what, remedy="Cancel it, or wait for its end.")
        self.stops_after = ""
        if request.out:
            self._is_over = False
        self._study(is_export=bool(request.out)).start(request)

    def add(self, item: str) -> None:
        """Takes an item into the plan of the export at work. Raises UserError where no order can be given."""
        self.export.order(Order(order="add", name=item))

    def remove(self, item: str) -> None:
        """Takes an item that has not begun out of it. Raises UserError where no order can be given."""
        self.export.order(Order(order="remove", name=item))

    def stop(self) -> None:
        """Lets the export end after the step at work. Raises UserError where no order can be given."""
        now = self.seen().at_work
        self.export.order(Order(order="stop"))
        self.stops_after = now.item if now is not None else ""
        self.state_changed.emit()

    def cancel(self) -> None:
        """Ends what goes on now; what was done and checked stays. Raises UserError where no order can be given."""
        (self.export if self.is_exporting else self.measurement).cancel()

    def find(self) -> None:
        """Takes up the newest export, and what is being measured: an earlier window's, or a terminal's."""
        run_task(_left, self._take_up, lambda _error: None, parent=self)

    def close(self) -> None:
        """Stops following; what is at work goes on, and is found again."""
        for study in self._studies.values():
            study.close()

    def _take_up(self, left: "tuple[_Left, _Left]") -> None:
        for is_export, (run, is_held) in zip((True, False), left, strict=True):
            if run is None or not (is_export or is_held):
                continue
            study = self._study(is_export=is_export)
            # A name that became free is given again.
            is_known = study.run is not None and study.run.path == run.path and not is_held
            if not is_known and not study.is_busy:  # else a person was faster
                if is_export:
                    self._is_over = not is_held
                with suppress(UserError):
                    study.follow(run)

    def _change(self) -> None:
        if not self.export.is_busy:
            self.stops_after = ""
        self.state_changed.emit()


class _Left(NamedTuple):
    """The newest of its kind, and whether an engine is at work on it."""

    run: RunFolder | None
    is_held: bool


def _left() -> tuple[_Left, _Left]:
    """The newest export, and the newest measurement without one."""
    from workbench.core.job.export_kinds import ExportRequest
    from workbench.core.job.study import latest_study

    ends = (RunState.FINISHED, RunState.STOPPED, RunState.CRASHED)  # what was checked before stays
    export = latest_study("export", lambda request: isinstance(request, ExportRequest) and bool(request.out), ends)
    measurement = latest_study("export", lambda request: isinstance(request, ExportRequest) and not request.out)
    return _Left(export, export is not None and export.is_held()), _Left(
        measurement, measurement is not None and measurement.is_held()
    )
