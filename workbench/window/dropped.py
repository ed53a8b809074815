"""What files and folders are that a person drops on the window."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from workbench.core.data.files import OTHER_KINDS, is_data
from workbench.core.model import gguf_file
from workbench.core.problems import UserError

Kind = Literal["run", "recipe", "model", "data"]
# Entries of a folder that are looked at: it may hold any number.
MOST_ENTRIES = 1000
MODEL_FILES = ("config.json", "adapter_config.json")
MODEL_SUFFIXES = (".safetensors", ".gguf")


def kind_of(paths: Sequence[Path]) -> Kind:
    """What they are together: several are the files of one dataset. Raises UserError."""
    if not paths:
        raise UserError(
            "There is no file in what was dropped.",
            remedy="Drop it again, or name the file on the Data page under Source.",
        )
    if len(paths) > 1:
        odd = next((path for path in paths if not (path.is_dir() or _is_read_as_data(path))), None)
        if odd is not None:
            raise UserError(f"{odd.name} is not a data file.", remedy="Drop data files alone, or one thing.")
        return "data"
    path = paths[0]
    if (path / "job.toml").is_file():
        return "run"
    if path.suffix.lower() == ".toml":
        return "recipe"
    if path.suffix.lower() == gguf_file.SUFFIX and path.is_file():
        return "model"  # the Model page offers to convert it
    if path.is_dir():
        return "data" if _is_data_folder(path) else "model"
    if _is_read_as_data(path):
        return "data"
    raise UserError(
        f"{path.name} is nothing that can be opened here.",
        remedy="Drop a recipe (.toml), a run folder, a model folder, or data: a spreadsheet, CSV, JSONL, Parquet.",
    )


def _is_read_as_data(path: Path) -> bool:
    """Whether the Data page has something to say of it: what to save it as, where it is not read."""
    return is_data(path) or path.suffix.lower() in OTHER_KINDS


def _is_data_folder(folder: Path) -> bool:
    try:
        found = list(islice(folder.iterdir(), MOST_ENTRIES))
    except OSError:
        return False
    if any(path.name in MODEL_FILES or path.suffix.lower() in MODEL_SUFFIXES for path in found):
        return False
    return any(is_data(path) for path in found)
