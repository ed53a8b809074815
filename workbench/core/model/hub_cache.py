"""Where models of the Hugging Face Hub lie in the cache that programs share, read from its folders alone."""

import os
from collections.abc import Iterator
from pathlib import Path

PREFIX = "models--"


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


def snapshot(model_id: str, revision: str = "") -> Path | None:
    """A model's snapshot of a branch, tag or commit, by default of main, else the newest; None where there is none."""
    folder = root() / f"{PREFIX}{model_id.replace('/', '--')}"
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


def id_of(folder: Path) -> str:
    """The id of the model that a folder models--org--name holds."""
    return folder.name.removeprefix(PREFIX).replace("--", "/", 1)


def _commit(folder: Path, revision: str) -> str:
    """The commit a branch or tag stood for when it was last asked for, or the revision itself."""
    try:
        return (folder / "refs" / revision).read_text(encoding="utf-8").strip()
    except OSError:
        return revision
