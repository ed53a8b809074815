"""The export that is followed, and how its plan is changed while it goes on."""

from pathlib import Path

from workbench.bridge.export_control import ExportControl
from workbench.core.export.progress import ExportSeen
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.job.run_folder import RunState
from workbench.core.problems import UserError
from workbench.panes.runs.export.choice import Choice, choice_of
from workbench.panes.runs.export.work import Work


class FollowedExport:
    """What the control follows, with the items that were added or removed until the plan says so."""

    def __init__(self, control: ExportControl) -> None:
        self._control = control
        self._pending: dict[str, bool] = {}  # items, by whether they were added

    @property
    def run(self) -> Path | None:
        """The folder of the run that an export is, or was, made of."""
        request = self._control.request
        return _root(Path(request.run)) if request is not None else None

    @property
    def choice(self) -> Choice | None:
        """What is being made, or was."""
        request = self._control.request
        if request is None:
            return None
        kept = [step.item for step in self._control.seen().kept] or list(request.items)
        items = [item for item in kept if self._pending.get(item, True)]
        items += [item for item, is_added in self._pending.items() if is_added and item not in items]
        return choice_of(request, items)

    def work(self, choice: Choice | None) -> Work:
        """The export of a choice, and what is measured of it."""
        control = self._control
        measured, request = control.measured_request, control.request
        measuring = measured.items[0] if control.is_measuring and measured is not None else ""
        is_its_own = request is not None and choice is not None and _is_of(request, choice)
        seen = control.seen() if is_its_own else ExportSeen()
        return Work(seen, is_busy=control.is_exporting, measuring=measuring)

    def order(self, item: str, *, is_wanted: bool) -> None:
        """Takes an item into the plan or out of it, where it has not begun. Raises UserError."""
        (self._control.add if is_wanted else self._control.remove)(item)
        self._pending[item] = is_wanted

    def settle(self) -> None:
        """Forgets of what was ordered what the plan says by now."""
        if self._control.is_exporting:
            planned = {step.item for step in self._control.seen().kept}
            pending = self._pending.items()
            self._pending = {item: is_added for item, is_added in pending if (item in planned) != is_added}

    def forget_orders(self) -> None:
        """Another export begins, or this one is over."""
        self._pending.clear()

    def crash(self) -> UserError | None:
        """Why something came to no end, where its lines do not say it; the measurement's where both did."""
        crash = None
        for is_export, study in ((True, self._control.export), (False, self._control.measurement)):
            outcome = study.outcome
            if outcome is None or outcome.state is not RunState.CRASHED:
                continue
            told = any(step.state in ("rejected", "refused") for step in self._control.seen(is_export=is_export).steps)
            if not (told and is_export):
                crash = UserError(outcome.what, why=outcome.why, remedy=outcome.remedy)
        return crash


def _is_of(request: ExportRequest, choice: Choice) -> bool:
    return Path(request.run) == choice.run and Path(request.out) == choice.out


def _root(path: Path) -> Path:
    """The folder of the run that a path is, or lies in."""
    return next((each for each in (path, *path.parents[:2]) if (each / "job.toml").is_file()), path)
