"""Evaluations kept with the run that they are of, each in a folder: its figures, and what was answered to each row."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.job.evaluation_kinds import TaskMeasured
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.whole_folder import whole_folder

FOLDER = "evaluations"
FIGURES, ANSWERS = "evaluation.json", "answers.jsonl"


class Evaluation(BaseModel):
    """What was measured at one time.

    Attributes:
        title: Whose weights: the run, with its checkpoint.
        base_hash: Of the base's configuration, its weights' headers and samples of them.
        adapter_sha256: Of the adapter's weights; empty for a model without one.
        limit: Rows of each task at most; 0 for all.
        versions: Of the libraries that measured, by their names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: Literal[1] = 1
    title: str
    made_at: datetime
    base_hash: str
    adapter_sha256: str
    limit: int
    versions: dict[str, str]
    tasks: list[TaskMeasured]


def keep(run: RunFolder, name: str, evaluation: Evaluation, answers: Iterable[Mapping[str, Any]]) -> Path:
    """Puts an evaluation into the run's folder, whole or not at all. Raises UserError."""
    target = run.path / FOLDER / name
    try:
        with whole_folder(target) as folder:
            text = evaluation.model_dump_json(indent=1, exclude={"tasks": {"__all__": {"at", "elapsed_seconds"}}})
            (folder / FIGURES).write_text(text + "\n", encoding="utf-8")
            with (folder / ANSWERS).open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in answers)
    except OSError as error:
        raise UserError(
            f"The evaluation cannot be kept in {target}: {error.strerror or error}.",
            remedy="Make room there or grant writing, then evaluate again.",
        ) from None
    return target


def kept_evaluations(run: RunFolder) -> tuple[list[Evaluation], list[str]]:
    """Those of a run, oldest first, and what is wrong with those that cannot be read."""
    found: list[Evaluation] = []
    told: list[str] = []
    for path in sorted((run.path / FOLDER).glob(f"*/{FIGURES}")):
        try:
            found.append(Evaluation.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not as this version writes them"
            told.append(f"{path} cannot be read: {reason}.")
    return sorted(found, key=lambda entry: entry.made_at), told
