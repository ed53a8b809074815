"""What tests of a JobControl share."""

from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl, JobState
from workbench.core.job.run_folder import RunFolder

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
    wait_until(lambda: control.state is state, 20)


def await_process(run: RunFolder) -> None:
    """Waits for an engine that nobody follows to be gone: it lets go of the lock a moment before that."""
    started = run.history().started
    assert started is not None
    with suppress(psutil.NoSuchProcess):
        psutil.Process(started.pid).wait(5)
