"""A study: a job of the laboratory, from what was asked of it to the folder that it works in."""

import tomllib
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from workbench.core import places
from workbench.core.job.run_folder import RunFolder, RunState, listed, slug
from workbench.core.job.study_kinds import REQUESTS, Request, StudyKind
from workbench.core.problems import UserError

KEPT_OF_EACH = 3  # of a passing kind


def create_study(request: Request) -> RunFolder:
    """Makes a new folder with its job.toml, whole or not at all. Raises UserError."""
    text = f'# What was asked, frozen when it began.\n\n[job]\nkind = "{request.kind}"\n\n{request.as_toml()}'
    stem = f"{datetime.now():%Y-%m-%d-%H%M}-{request.kind}-{slug(request.about)}"
    if request.is_passing:
        _forget_older(request.kind)
    return RunFolder.make(places.studies(), stem, text)


def _forget_older(kind: str) -> None:
    over = [run for run in _studies() if _kind_of(run) == kind and not run.state().is_alive]
    for run in over[: max(0, len(over) - KEPT_OF_EACH + 1)]:
        run.remove()


def _kind_of(run: RunFolder) -> str:
    try:
        return run.kind()
    except UserError:
        return ""  # it was deleted just now


def read_request(run: RunFolder) -> Request:
    """What a study was asked. Raises UserError."""
    kind = run.kind()
    if kind not in REQUESTS:
        raise UserError(f'This version knows no study of the kind "{kind}".')
    try:
        tables: dict[str, Any] = tomllib.loads(run.job.read_text(encoding="utf-8"))
        return REQUESTS[kind].from_tables(tables)
    except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        raise UserError(f"{run.job} does not say what was asked.", remedy="Start the study again.") from None


def latest_study(
    kind: StudyKind,
    asks: Callable[[Request], bool] = lambda _request: True,
    ends: Collection[RunState] = (RunState.FINISHED,),
) -> RunFolder | None:
    """The newest study of a kind that is alive or has come to one of the ends, and whose request is what is meant."""
    for run in reversed(_studies()):
        try:
            is_one = run.kind() == kind and ((state := run.state()).is_alive or state in ends)
            if is_one and asks(read_request(run)):
                return run
        except (UserError, OSError):
            continue  # it was deleted just now, or is of another version
    return None


def alive_studies(kind: StudyKind) -> list[RunFolder]:
    """The studies of a kind whose engines are there, oldest first."""
    return [run for run in _studies() if _kind_of(run) == kind and run.state().is_alive]


def _studies() -> list[RunFolder]:
    """Oldest first, by when they were asked: the name of one that went is given again."""
    found: list[tuple[int, RunFolder]] = []
    with suppress(UserError):
        for run in listed(places.studies()):
            with suppress(OSError):  # it was deleted just now
                found.append((run.job.stat().st_mtime_ns, run))
    return [run for _, run in sorted(found, key=lambda entry: entry[0])]
