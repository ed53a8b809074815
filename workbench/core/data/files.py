"""Which files a recipe's data settings mean: one, several, a folder of them, or a dataset of the Hub."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from workbench.core import sources
from workbench.core.data.formats.known import format_of, suffixes
from workbench.core.data.hub_dataset import hub_dataset_files, is_hub_dataset
from workbench.core.data.stored import inner_suffix
from workbench.core.problems import UserError, nearest
from workbench.core.recipe.recipe import DataSettings

MOST_FILES = 50_000
MOST_ENTRIES = 500_000  # of a folder and those in it; 2 s to look at
# What is like data and is not read, with what to save it as.
OTHER_KINDS = {
    ".xls": "It is a workbook of before 2007. Save it as .xlsx.",
    ".xlsb": "It is a binary workbook. Save it as .xlsx.",
    ".xlsm": "It is a workbook with macros, which are not read. Save it as .xlsx.",
    ".numbers": "Export it as .xlsx or .csv.",
    ".zip": "Unpack it, and give the folder.",
    ".tar": "Unpack it, and give the folder.",
    ".docx": "Save its text as .txt, or its table as .csv.",
    ".pdf": "Save its text as .txt.",
}


def data_files(settings: DataSettings) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The files in the order they are read, with notes to tell. Raises UserError."""
    found: list[Path] = []
    notes: list[str] = []
    for text in (settings.path, *settings.also):
        if is_hub_dataset(text):
            found.extend(hub_dataset_files(text, settings.config, settings.split))
            continue
        path = sources.data_path(text)
        try:
            if path.is_dir():
                files, passed_over = _files_in(path)
                found.extend(files)
                if passed_over:
                    notes.append(f"{passed_over:,} files of other kinds in {path.name} are passed over.")
            else:
                refuse_what_is_no_file(path)
                found.append(path)
        except OSError as error:
            raise unreadable(path, error) from None
    return tuple(found), tuple(notes)


def is_data(path: Path) -> bool:
    """Whether its name is that of a data file."""
    return format_of(path) is not None


def unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} cannot be read: {error.strerror or error}.", remedy="Check the file and its permissions.")


def refuse_what_is_no_file(path: Path) -> None:
    """Raises UserError for a path that cannot hold rows: nothing there, another ending, a pipe; and OSError."""
    if not path.exists():
        if not path.parent.is_dir():
            raise UserError(f"There is no folder {path.parent}.", remedy="Check the path.")
        names = sorted(entry.name for entry in islice(path.parent.iterdir(), 1000))
        raise UserError(f"There is no file {path}.{nearest(path.name, names)}", remedy="Check the path.")
    if not is_data(path):
        advice = OTHER_KINDS.get(inner_suffix(path.name), "Save the data as one of these.")
        raise UserError(
            f"{path.name} is of an unknown kind.",
            why=f"The ending of its name has to be one of {', '.join(suffixes())}, or one of them with .gz or .zst.",
            remedy=advice,
        )
    if not path.is_file():
        raise UserError(f"{path} is neither a file nor a folder.", remedy="Save the data as a file.")


def _files_in(folder: Path) -> tuple[list[Path], int]:
    """The data files in a folder and those within, sorted, and how many files of other kinds there are."""
    found: list[Path] = []
    passed_over = 0
    for count, entry in enumerate(_entries(folder)):
        if count >= MOST_ENTRIES:
            raise UserError(
                f"{folder} holds more than {MOST_ENTRIES:,} files.", remedy="Give a folder that holds the data alone."
            )
        if is_data(entry):
            found.append(entry)
        else:
            passed_over += 1
    if len(found) > MOST_FILES:
        raise UserError(
            f"{folder} holds {len(found):,} data files, and at most {MOST_FILES:,} are read.",
            remedy="Join them into fewer files, such as one .jsonl.",
        )
    if not found:
        raise UserError(
            f"{folder} is a folder without a data file.",
            why=f"It would end with {', '.join(suffixes())}, or one of them with .gz or .zst.",
            remedy="Choose a file, or a folder that holds some.",
        )
    return sorted(found), passed_over


def _entries(folder: Path) -> Iterator[Path]:
    """Files below it but for hidden ones; links to folders are not followed. Raises OSError of the folder itself."""
    waiting = [str(folder)]
    while waiting:
        path = waiting.pop()
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file():
                    yield Path(entry.path)
