"""What a source that a recipe names means: a path, a built-in name, or a model of the Hub."""

import re
from pathlib import Path

from workbench.core import places

LONGEST_HUB_ID = 96  # characters, huggingface_hub 2.4, utils/_validators.py
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


def model_path(source: str) -> Path | None:
    """The folder a recipe's model.source means; None where it is "starter" or a Hub id."""
    path = expanded(source)
    if source == "starter":
        return None
    if is_there(path) or path.is_absolute() or source.startswith((".", "~")) or not _is_hub_id(source):
        return path
    return None


def data_path(text: str) -> Path:
    """The file a recipe's path means: a built-in dataset's by its name, or the path itself."""
    return places.built_in_datasets().get(text) or expanded(text)


def expanded(text: str) -> Path:
    """The path a person wrote, with the home that ~ means; as it is written where nobody of that name has one."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _is_hub_id(text: str) -> bool:
    return len(text) <= LONGEST_HUB_ID and _HUB_ID.fullmatch(text) is not None


def is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name longer than a file's can be
        return False
