"""Answers of one column that were made by the same weights and settings: a file in the folder of its run.

The first line says what all of them have in common, each line behind it is an answer; a line that is torn is none.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.chat.table.columns import Column
from workbench.core.job.chat_kinds import Answered, Finish
from workbench.core.job.question import AnswerSettings, Asking
from workbench.core.problems import UserError
from workbench.core.whole_file import write_whole

FOLDER = "answers"
# Settings that were tried: of more than these the file that was written longest ago goes.
MOST_FILES = 30
_LONGEST_LINE = 4_000_000  # bytes


class Answer(BaseModel):
    """What one of them has said to a prompt, and by which weights, as `Answered` proves them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: str
    tokens: int
    finish: Finish
    seconds: float
    first_token_seconds: float
    base_hash: str = ""
    adapter_sha256: str = ""
    strength: float = 0.0

    @classmethod
    def of(cls, event: Answered) -> "Answer":
        return cls(
            text=event.text,
            tokens=len(event.ids),
            finish=event.finish,
            seconds=event.seconds,
            first_token_seconds=event.first_token_seconds,
            base_hash=event.base_hash,
            adapter_sha256=event.adapter_sha256,
            strength=event.strength,
        )


class KeptAnswer(NamedTuple):
    """An answer with the prompt that it belongs to."""

    asking: Asking
    answer: Answer


class _Head(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    # Raised where an earlier version could not read what this one writes.
    format: Literal[1] = 1
    title: str
    whose: str
    weights: str
    settings: AnswerSettings


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    prompt: str
    answer: Answer


def prompt_key(asking: Asking) -> str:
    """Of what a model is asked, whatever is expected of it."""
    return _hash([asking.text, list(asking.before), list(asking.tools)])


class KeptAnswers:
    """The answers of a column by some settings; of a column that no run keeps there are none."""

    def __init__(self, column: Column, settings: AnswerSettings) -> None:
        told = deciding(settings, has_strength=bool(column.adapter))
        self._head = _Head(title=column.title, whose=column.whose, weights=column.weights, settings=told)
        is_kept = column.folder is not None and column.weights
        # Those that are as they come are left out: a version with more of them finds the same file.
        name = f"{_hash([column.whose, column.weights, told.model_dump(exclude_defaults=True)])}.jsonl"
        self.path: Path | None = column.folder / FOLDER / name if is_kept and column.folder else None
        self._is_begun = False

    def read(self) -> dict[str, Answer]:
        """What is there, by the keys of the prompts; nothing where the file is another version's."""
        found: dict[str, Answer] = {}
        self._is_begun = False
        if self.path is None:
            return found
        with suppress(OSError, ValidationError, RecursionError), self.path.open("rb") as file:
            self._is_begun = _Head.model_validate_json(file.readline(_LONGEST_LINE)) == self._head
            if not self._is_begun:
                return found
            while line := file.readline(_LONGEST_LINE):
                with suppress(ValidationError, RecursionError):
                    kept = _Line.model_validate_json(line)
                    found[kept.prompt] = kept.answer
        return found

    def add(self, answers: Sequence[KeptAnswer]) -> None:
        """Keeps more of them; one that was interrupted is not worth it. Raises UserError."""
        lines = [
            _Line(prompt=prompt_key(asking), answer=answer).model_dump_json().encode("utf-8", "replace") + b"\n"
            for asking, answer in answers
            if answer.finish != "interrupted"
        ]
        if self.path is None or not lines:
            return
        try:
            self.path.parent.mkdir(exist_ok=True)
            if not self._is_begun:
                self._begin(self.path)
            # A line that was torn by a full disk stays a line of its own.
            with self.path.open("ab", buffering=0) as file:
                file.write(b"".join((b"\n", *lines)))
                os.fsync(file.fileno())
        except OSError as error:
            raise UserError(
                f"The answers cannot be kept in {self.path.parent}: {error.strerror or error}.",
                remedy="Make room or grant writing there; they stay in the table until the window closes.",
            ) from None

    def _begin(self, path: Path) -> None:
        self.read()
        if not self._is_begun:
            write_whole(path, self._head.model_dump_json() + "\n")
            self._is_begun = True
            _forget_older(path.parent)


def deciding(settings: AnswerSettings, *, has_strength: bool) -> AnswerSettings:
    """The settings without what changes nothing: what chance decides at a temperature of 0, a strength of the base."""
    usual = AnswerSettings()
    told = {} if settings.temperature else {name: getattr(usual, name) for name in ("top_p", "top_k", "seed")}
    return settings.model_copy(update=told if has_strength else told | {"strength": usual.strength})


def _forget_older(folder: Path) -> None:
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-MOST_FILES]:
        path.unlink(missing_ok=True)


def _hash(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
