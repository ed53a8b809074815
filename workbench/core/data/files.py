"""Which files a recipe's data settings mean: one, several, a folder of them, or a dataset of the Hub."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from workbench.core import sources
from workbench.core.data.formats.known import format_of, suffixes
from workbench.core.data.hub_dataset import hub_dataset_files, is_hub_dataset
from workbench.core.data.stored import inner_suffix
from workbench.core.problems import UserError, nearest, shown
from workbench.core.recipe.recipe import DataSettings
from workbench.core.units import counted

MOST_FILES = 50_000
SHOWN_PATH = 300  # characters of it
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
                files, told = _files_in(path)
                found.extend(files)
                notes.extend(told)
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
    named = shown(str(path), SHOWN_PATH)
    return UserError(
        f"{named} cannot be read: {error.strerror or error}.", remedy="Check the file and its permissions."
    )


def refuse_what_is_no_file(path: Path) -> None:
    """Raises UserError for a path that cannot hold rows: nothing there, another ending, a pipe; and OSError."""
    named = shown(str(path), SHOWN_PATH)
    if not path.exists():
        if path.is_symlink():
            raise UserError(f"{named} is a link that leads nowhere.", remedy="Give the file that it is to lead to.")
        if not path.parent.is_dir():
            raise UserError(f"There is no folder {shown(str(path.parent), SHOWN_PATH)}.", remedy="Check the path.")
        names = sorted(entry.name for entry in islice(path.parent.iterdir(), 1000))
        raise UserError(f"There is no file {named}.{nearest(path.name, names)}", remedy="Check the path.")
    if not is_data(path):
        advice = OTHER_KINDS.get(inner_suffix(path.name), "Save the data as one of these.")
        raise UserError(
            f"{path.name} is of an unknown kind.",
            why=f"The ending of its name has to be one of {', '.join(suffixes())}, or one of them with .gz or .zst.",
            remedy=advice,
        )
    if not path.is_file():
        raise UserError(f"{named} is neither a file nor a folder.", remedy="Save the data as a file.")


def _files_in(folder: Path) -> tuple[list[Path], list[str]]:
    """The data files in a folder and those within, sorted, and what is passed over, as sentences."""
    found: list[Path] = []
    others = no_files = 0
    for count, (path, is_file) in enumerate(_entries(folder)):
        if count >= MOST_ENTRIES:
            raise UserError(
                f"{folder} holds more than {MOST_ENTRIES:,} files.", remedy="Give a folder that holds the data alone."
            )
        if not is_data(path):
            others += 1
        elif is_file:
            found.append(path)
        else:
            no_files += 1
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
    notes = []
    if others:
        notes.append(f"Passed over in {folder.name}: {counted(others, 'file')} of other kinds.")
    if no_files:
        names = counted(no_files, "name")
        notes.append(f"Passed over in {folder.name}: {names} of links that lead to no file, of pipes or of devices.")
    return sorted(found), notes


def _entries(folder: Path) -> Iterator[tuple[Path, bool]]:
    """What is below it but for folders and what is hidden, and whether it is a file; links to folders are not followed.

    Raises UserError for a folder within that cannot be read, and OSError for the folder itself.
    """
    waiting = [str(folder)]
    while waiting:
        path = waiting.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif (is_file := _is_file(entry)) or not _is_folder(entry):
                        yield Path(entry.path), is_file
        except OSError as error:
            raise unreadable(Path(path), error) from None


def _is_file(entry: "os.DirEntry[str]") -> bool:
    """Also where a link leads to one."""
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
