"""What tests of a JobControl share."""

from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl, JobState
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

Control = Callable[..., JobControl]


def watched(control: JobControl) -> list[JobState]:
    """The states it goes through from now on, each once in a row."""
    states: list[JobState] = []

    def note() -> None:
        if not states or states[-1] != control.state:
            states.append(control.state)

    control.state_changed.connect(note)
    return states


def reach(control: JobControl, state: JobState) -> None:
    wait_until(lambda: control.state is state)


def started(control: JobControl, recipe: Recipe) -> RunFolder:
    """The run that a control makes of a recipe. Raises UserError where it refuses to."""
    refused: list[UserError] = []
    control.start(recipe, refused.append)
    return _begun(control, refused)


def resumed(control: JobControl, run: RunFolder, extra_steps: int = 0) -> RunFolder:
    """The run once a control goes on with it. Raises UserError where it refuses to."""
    refused: list[UserError] = []
    control.resume(run, extra_steps, refused.append)
    return _begun(control, refused)


def _begun(control: JobControl, refused: list[UserError]) -> RunFolder:
    wait_until(lambda: not control.is_checking, 60)
    if refused:
        raise refused[0]
    assert control.run is not None
    return control.run


def await_process(run: RunFolder) -> None:
    """Waits for an engine that nobody follows to be gone: it lets go of the lock a moment before that."""
    started = run.history().started
    assert started is not None
    with suppress(psutil.NoSuchProcess):
        psutil.Process(started.pid).wait(60)
