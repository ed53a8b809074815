"""Where models and datasets of the Hugging Face Hub lie in the cache that programs share, by its folders alone."""

import os
from collections.abc import Iterator
from pathlib import Path

from workbench.core.hub.repo import DATASETS, is_revision
from workbench.core.whole_file import write_whole

PREFIX = "models--"
DATASET_PREFIX = "datasets--"
# What a download has fetched so far of a file is blobs/SUM.incomplete, as huggingface_hub has long named it.
PART = ".incomplete"


def root() -> Path:
    """The cache's folder, as huggingface_hub finds it (constants.py of 2.4)."""
    if chosen := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(os.path.expandvars(chosen)).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or str(Path(cache) / "huggingface")
    return Path(os.path.expandvars(home)).expanduser() / "hub"


def models() -> Iterator[tuple[str, Path]]:
    """The id and the newest snapshot of every model in the cache."""
    try:
        folders = sorted(path for path in root().iterdir() if path.name.startswith(PREFIX))
    except OSError:
        return
    for folder in folders:
        model_id = id_of(folder)
        newest = snapshot(model_id)
        if newest is not None:
            yield model_id, newest


def folder_of(name: str) -> Path:
    """Where a model "org/name" or a dataset "datasets/org/name" lies once it has been fetched."""
    if name.startswith(DATASETS):
        return root() / f"{DATASET_PREFIX}{name.removeprefix(DATASETS).replace('/', '--')}"
    return root() / f"{PREFIX}{name.replace('/', '--')}"


def snapshot(name: str, revision: str = "") -> Path | None:
    """The snapshot of a branch, tag or commit, by default of main, else the newest; None where there is none.

    The name is a model's "org/name" or a dataset's "datasets/org/name".
    """
    folder = folder_of(name)
    if revision and not is_revision(revision):
        return None
    try:
        wanted = folder / "snapshots" / _commit(folder, revision or "main")
        if wanted.is_dir():
            return wanted
        if revision:
            return None
        found = [path for path in (folder / "snapshots").iterdir() if path.is_dir()]
        return max(found, key=lambda path: path.stat().st_mtime, default=None)
    except (OSError, ValueError):
        return None


def note_revision(name: str, revision: str, commit: str) -> None:
    """Notes which commit a branch or tag stands for now, where `snapshot` and other programs look it up.

    Raises OSError.
    """
    if revision != commit:
        reference = folder_of(name) / "refs" / revision
        reference.parent.mkdir(parents=True, exist_ok=True)
        write_whole(reference, commit)


def id_of(folder: Path) -> str:
    """The id of the model that a folder models--org--name holds."""
    return folder.name.removeprefix(PREFIX).replace("--", "/", 1)


def _commit(folder: Path, revision: str) -> str:
    """The commit a branch or tag stood for when it was last asked for, or the revision itself."""
    try:
        return (folder / "refs" / revision).read_text(encoding="utf-8").strip()
    except OSError:
        return revision
