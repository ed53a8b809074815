"""What goes into a repository of the Hub, and under which names."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.core.export.made import PARTIAL
from workbench.core.model.adapter_folder import CONFIG
from workbench.core.problems import UserError

CARD = "README.md"


def layout(made: Mapping[str, Path]) -> dict[str, Path]:
    """The files of items that are made, by their names in the repository; the card is none of them.

    The first folder's files stand at the top, where programs look for them; a further one keeps its name. Raises
    UserError where two files would have one name.
    """
    found: dict[str, Path] = {}
    folders = 0
    for path in made.values():
        if path.is_file():
            _add(found, _name_of(path), path)
            continue
        above = f"{_name_of(path)}/" if folders else ""
        folders += 1
        for file in sorted(each for each in path.rglob("*") if each.is_file()):
            name = above + file.relative_to(path).as_posix()
            if name != CARD:
                _add(found, name, file)
    return found


def _name_of(path: Path) -> str:
    """What it is called where it stays; what is made for the upload alone never gets there."""
    return path.name.removeprefix(".").removesuffix(PARTIAL) if path.name.endswith(PARTIAL) else path.name


def _add(found: dict[str, Path], name: str, path: Path) -> None:
    if name in found:
        raise UserError(
            f"Two files would be {name} on the Hub: {found[name]} and {path}.", remedy="Upload one of the two."
        )
    found[name] = path


def without_paths(name: str, text: str) -> str:
    """The adapter's configuration with the base's name where it holds the path of a folder on this machine."""
    if name.rpartition("/")[2] != CONFIG:
        return text
    said: dict[str, Any] = json.loads(text)
    base = str(said.get("base_model_name_or_path") or "")
    if not is_a_path(base):
        return text
    return json.dumps({**said, "base_model_name_or_path": Path(base).name}, indent=2, ensure_ascii=False)


def is_a_path(base: str) -> bool:
    """Whether a base is named by a folder and not by its id on the Hub."""
    return Path(base).is_absolute() or base.startswith((".", "~")) or base.count("/") != 1
