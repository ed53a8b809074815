"""Where the prompts of a table come from: the rows that a run has held out, what is typed, or a file."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.core.chat.prompts import PromptFile, prompt_file, prompts_of_rows, typed_prompts
from workbench.core.job.question import Asking
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings
from workbench.core.tokens.prepared.of_run import held_out_of
from workbench.core.units import counted

Origin = Literal["held out", "typed", "file"]


@dataclass(frozen=True)
class ListWanted:
    """Which prompts are to be asked.

    Attributes:
        run: Whose rows are held out, and whose recipe says what the columns of a file are for; None without a run.
        expected: The column of a file that holds the expected answers; None for what its rows learn, empty for none.
    """

    origin: Origin = "held out"
    run: Path | None = None
    text: str = ""
    path: str = ""
    expected: str | None = None


@dataclass(frozen=True)
class PromptList:
    """The prompts that are there.

    Attributes:
        wanted: What was asked for.
        source: Where they are from, in words.
        columns: Those of the file that may hold the expected answers.
        left_out: Rows that ask nothing that could be answered.
    """

    wanted: ListWanted
    prompts: tuple[Asking, ...] = ()
    source: str = ""
    columns: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def has_expected(self) -> bool:
        return any(asking.expected is not None for asking in self.prompts)


def prompt_list(wanted: ListWanted) -> PromptList:
    """Reads them. Raises UserError where there are none."""
    match wanted.origin:
        case "typed":
            typed = tuple(typed_prompts(wanted.text))
            return PromptList(wanted, typed, f"{counted(len(typed), 'line')} typed" if typed else "")
        case "file":
            if not wanted.path:
                return PromptList(wanted)
            found = _of_file(wanted)
            return PromptList(wanted, tuple(found.prompts), Path(wanted.path).name, found.columns)
    return _held_out(wanted)


def _of_file(wanted: ListWanted) -> PromptFile:
    """By what the run's columns are for, as far as the file has them; else by what the file itself shows."""
    if wanted.run is not None:
        with suppress(UserError):
            return prompt_file(wanted.path, RunFolder(wanted.run).recipe().data, wanted.expected)
    return prompt_file(wanted.path, DataSettings(), wanted.expected)


def _held_out(wanted: ListWanted) -> PromptList:
    if wanted.run is None:
        raise UserError(
            "Only a run holds rows out, and this is a model.", remedy="Type the prompts, or name a file of them."
        )
    held_out = held_out_of(RunFolder(wanted.run))
    prompts = tuple(prompts_of_rows(held_out.rows))
    left_out = len(held_out.problems) + len(held_out.rows) - len(prompts)
    if not prompts:
        raise UserError(
            f"No row of {held_out.source} asks anything.", remedy="Type the prompts, or name a file of them."
        )
    return PromptList(wanted, prompts, held_out.source, left_out=left_out)
