"""What was found of a run's answers, kept in its folder: each mark of a person, and how many were right of how many."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.core import places
from workbench.core.problems import UserError
from workbench.core.whole_file import write_whole

MARKS = "marks.json"
_LARGEST_BYTES = 50_000_000
_PATIENCE_SECONDS = 10.0

Judge = Literal["person", "exact match"]


@dataclass(frozen=True)
class Judged:
    """How many answers were right of those that were compared.

    Attributes:
        rows: The prompts whose answers of every side in the table had been judged.
        base_right: Of the base's answers to the same prompts; None where it was not asked.
    """

    judge: Judge
    right: int
    rows: int
    base_right: int | None = None

    @property
    def in_words(self) -> str:
        """Such as "24 of 28, by a person"."""
        return f"{self.right} of {self.rows}, {'by a person' if self.judge == 'person' else 'by exact match'}"


class Marks(BaseModel):
    """What is kept.

    Attributes:
        marks: Whether an answer is right, by the key of its side, prompt and text: another text has no mark.
        judged: What came of the table that was judged last; None where none was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    # Raised where an earlier version could not read what this one writes.
    format: Literal[1] = 1
    marks: dict[str, bool] = Field(default_factory=dict)
    judged: Judged | None = None

    @property
    def judged_by_person(self) -> bool:
        return self.judged is not None and self.judged.judge == "person"


def read_marks(folder: Path) -> Marks:
    """None where there are none. Raises UserError where what the folder holds cannot be read."""
    path = folder / MARKS
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
        if len(data) > _LARGEST_BYTES:
            raise UserError(f"{path} is larger than marks can be.", remedy="Move that file away.")
        return Marks.model_validate_json(data)
    except FileNotFoundError:
        return Marks()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.", remedy="Grant reading it.") from None
    except (ValidationError, RecursionError):
        raise UserError(
            f"{path} does not hold the marks of a run's answers as this version keeps them.",
            remedy="Move that file away; answers can be marked anew then.",
        ) from None


def change_marks(folder: Path, changes: Mapping[str, bool | None], judged: Judged | None) -> Marks:
    """Sets marks, or takes those away that are None, with what has come of it; a run without any has no file.

    What a person has judged is not replaced by an exact match. Nothing is lost where two do it at once.
    Raises UserError.
    """
    from filelock import FileLock, Timeout

    try:
        places.home().mkdir(parents=True, exist_ok=True)
        with FileLock(places.home() / "marks.lock", timeout=_PATIENCE_SECONDS):
            before = read_marks(folder)
            kept = before.marks | {key: mark for key, mark in changes.items() if mark is not None}
            for key in [key for key, mark in changes.items() if mark is None]:
                kept.pop(key, None)
            is_outdone = judged is not None and judged.judge == "exact match" and before.judged_by_person
            after = Marks(marks=kept, judged=before.judged if is_outdone else judged)
            if after == Marks():
                (folder / MARKS).unlink(missing_ok=True)
            elif after != before:
                write_whole(folder / MARKS, after.model_dump_json())
            return after
    except Timeout:
        why = "another program has been writing there for long"
    except OSError as error:
        why = error.strerror or str(error)
    raise UserError(
        f"No mark can be kept with run {folder.name}: {why}.",
        remedy="Make room or grant writing there, then mark it again.",
    )
