"""The journal of a draft: a line for each change, for each way back or forth among them, and for each copy saved."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from workbench.core.data.edits.change import Change
from workbench.core.problems import UserError

JOURNAL = "changes.jsonl"


class Went(BaseModel):
    """This number of changes of the list is done; those after it are undone."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    went_to: int


class Saved(BaseModel):
    """A copy was saved with this number of changes done."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    saved_at: int
    path: str


_LINES: TypeAdapter[Change | Went | Saved] = TypeAdapter(Change | Went | Saved, config=ConfigDict(defer_build=True))


def lines(folder: Path, *, mends: bool = False) -> Iterator[Change | Went | Saved]:
    """What a draft's folder tells, oldest first; a last line that was cut is passed over, and taken off by who `mends`.

    Raises UserError where it cannot be read.
    """
    path = folder / JOURNAL
    try:
        data = path.read_bytes() if path.exists() else b""
        end = data.rfind(b"\n") + 1
        if mends and end < len(data):
            os.truncate(path, end)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from None
    for number, line in enumerate(data[:end].splitlines(), start=1):
        try:
            yield _LINES.validate_json(line)
        except ValidationError:
            raise UserError(
                f"{path}, line {number}: this is not a change of rows.",
                remedy="Begin to edit the file anew; the rows of the last copy are in it.",
            ) from None


def unsaved_changes(folder: Path) -> int:
    """How many steps a draft is away from its last copy, or from its file where there is none. Raises UserError.

    Nothing of it is opened for writing: another window may be at it.
    """
    done = saved_at = 0
    for found in lines(folder):
        match found:
            case Change():
                if saved_at > done:
                    saved_at = -1  # the state of that copy cannot be reached any more
                done += 1
            case Went():
                done = found.went_to
            case Saved():
                saved_at = found.saved_at
    return abs(done - saved_at)
