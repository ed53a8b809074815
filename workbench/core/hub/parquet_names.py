"""Which Parquet files of a dataset belong to which configuration and part, by their names."""

import re
from collections.abc import Iterable, Sequence

from workbench.core.problems import UserError, nearest, shown

DEFAULT = "default"
# What the Hub has made of datasets in other formats: CONFIG/PART/0000.parquet.
CONVERTED = "refs/convert/parquet"
LISTED = 8
_SHARD = re.compile(r"(?P<split>.+?)-\d{5}-of-\d{5}(-[0-9a-f]+)?")
_NUMBER = re.compile(r"\d+")
_PARTIAL = "partial-"
_SPLITS = {
    "train": "train", "training": "train",
    "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
}  # fmt: skip


def sorted_by_split(names: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """The Parquet files among the names by configuration, then by part; a file whose name says no part is of train."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in sorted(names):
        if name.lower().endswith(".parquet"):
            config, split = _place(name)
            found.setdefault(config, {}).setdefault(split, []).append(name)
    return found


def chosen(dataset: str, names: Iterable[str], config: str, split: str) -> tuple[str, list[str]]:
    """The configuration that is meant, and the names of its files of a part, of all parts where none is named.

    Without a configuration its only one is meant, or "default". Raises UserError.
    """
    found = sorted_by_split(names)
    if not found:
        raise UserError(
            f"{shown(dataset)} has no Parquet files.",
            why="Only Parquet is read of a dataset of the Hub: a loading script could run code.",
            remedy="Take another dataset, or download one of its files and name that.",
        )
    config = config or (next(iter(found)) if len(found) == 1 else DEFAULT)
    if config not in found:
        raise UserError(
            f"{shown(dataset)} has {_listed('configuration', list(found))}.{nearest(config, list(found))}",
            remedy="Name one of them: data.config.",
        )
    splits = found[config]
    if not split:
        return config, [name for each in splits.values() for name in each]
    if split not in splits:
        raise UserError(
            f'{shown(dataset)} has no part "{shown(split)}"; it has {_listed("part", list(splits))}.',
            remedy="Name one of them: data.split.",
        )
    return config, splits[split]


def _listed(thing: str, words: Sequence[str]) -> str:
    named = ", ".join(shown(word) for word in words[:LISTED])
    more = f" and {len(words) - LISTED} more" if len(words) > LISTED else ""
    return f"the {thing}{'s' * (len(words) != 1)} {named}{more}"


def _place(name: str) -> tuple[str, str]:
    """The configuration and the part of one file."""
    *folders, last = name.split("/")
    stem = last.rpartition(".")[0]
    if folders and folders[0] == "data":
        folders = folders[1:]
    shard = _SHARD.fullmatch(stem)
    if shard:
        split = shard["split"]
    elif folders and (_NUMBER.fullmatch(stem) or folders[-1].removeprefix(_PARTIAL) in _SPLITS):
        split = folders.pop().removeprefix(_PARTIAL)
    else:
        split = next((_SPLITS[word] for word in re.split(r"[^a-z]+", stem.lower()) if word in _SPLITS), "train")
    return "/".join(folders) or DEFAULT, _SPLITS.get(split, split)
