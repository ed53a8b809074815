"""The models and datasets on this machine, ours and those in the cache that programs share: sizes, uses, deletion."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.core import places, sources
from workbench.core.data.hub_dataset import hub_datasets
from workbench.core.hub import cache as hub_cache
from workbench.core.hub.repo import DATASETS
from workbench.core.job.run_folder import RunFolder, listed
from workbench.core.job.study import read_request
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import find_model
from workbench.core.problems import UserError, nearest, shown
from workbench.core.units import bytes_in_words

CARD_BYTES = 64_000
STARTER_ID = f"HuggingFaceTB/{places.STARTER}"
_GOING = ".deleted"
_LICENCE = re.compile(r"^licen[sc]e:\s*[\"']?([^\"'#\n]+?)[\"']?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class ModelHere:
    """One model, or one dataset of the Hub.

    Attributes:
        name: What it is removed by: the Hub's name, or that of its folder.
        source: What a recipe calls it.
        folder: What is loaded; None where nothing of it is whole.
        size_bytes: All that would be free once it is removed, older revisions and parts of files too.
        part_bytes: Of those, what a fetch that broke off has left.
        licence: As its card says; nothing where there is no card.
        used_by: Names of the runs whose recipe names it, oldest first.
        last_used: When the newest of them was last at work, in seconds since 1970; 0 where there is none.
        running: Names of runs and studies at work that use it.
        problem: Why it cannot be loaded, as a sentence.
    """

    kind: Literal["ours", "hub", "dataset"]
    name: str
    source: str
    folder: Path | None
    size_bytes: int
    part_bytes: int
    licence: str
    used_by: tuple[str, ...]
    last_used: float
    running: tuple[str, ...]
    problem: str


@dataclass(frozen=True)
class _Use:
    """What a run or a study names, and whether it is at work."""

    run: str
    names: frozenset[str]
    at: float
    is_running: bool
    is_training: bool


def models_here() -> list[ModelHere]:
    """The models, by name; reads folders and runs, so not for the window's thread."""
    return [entry for entry in everything_here() if entry.kind != "dataset"]


def everything_here() -> list[ModelHere]:
    """The models and datasets, by name."""
    uses = list(_uses())
    found = [_ours(folder, uses) for folder in _folders(places.models())]
    for folder in _folders(hub_cache.root()):
        if folder.name.startswith((hub_cache.PREFIX, hub_cache.DATASET_PREFIX)):
            found.append(_of_hub(folder, uses))
    return sorted((entry for entry in found if entry is not None), key=lambda entry: (entry.name.lower(), entry.name))


def find_here(name: str) -> ModelHere:
    """The model or dataset of a name, as it is written, else in any case.

    Raises UserError where it is not here, and where several are meant.
    """
    known = everything_here()
    wanted = name.rstrip("/\\") or name
    for fits in (_is_source, _is_called, _is_called_in_any_case):
        found = [entry for entry in known if fits(entry, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = " and ".join(shown(entry.source, 200) for entry in found)
            raise UserError(
                f'There are {len(found)} of the name "{shown(name)}": {listed}.', remedy="Name one of them."
            )
    raise UserError(
        f'There is no model "{shown(name)}" on this machine.{nearest(name, [entry.name for entry in known])}',
        remedy="`workbench models` lists them.",
    )


def _is_source(entry: ModelHere, wanted: str) -> bool:
    """What is told apart from every other: what a recipe calls it, and where it lies."""
    return wanted in (entry.source, str(entry.folder))


def _is_called(entry: ModelHere, wanted: str) -> bool:
    return wanted == entry.name


def _is_called_in_any_case(entry: ModelHere, wanted: str) -> bool:
    return wanted.lower() in (entry.name.lower(), entry.source.lower())


def remove(name: str) -> ModelHere:
    """Deletes a model or a dataset and gives what it was. Raises UserError where it is in use or cannot be deleted."""
    clear_leftovers()
    entry = find_here(name)
    if entry.running:
        raise UserError(
            f"{entry.name} is in use by {entry.running[0]}.",
            why="It is at work.",
            remedy="Wait for its end, or cancel it.",
        )
    folder = places.models() / entry.name if entry.kind == "ours" else hub_cache.folder_of(entry.name)
    if folder.is_symlink():
        raise UserError(
            f"{entry.name} is a link, and what it leads to is not deleted: {_resolved(str(folder))}.",
            remedy=f"Delete {folder} yourself, and what it leads to if nobody else needs it.",
        )
    locks = hub_cache.root() / ".locks" / folder.name
    _refuse_while_fetched(entry, locks)
    going = folder.with_name(f".{folder.name}{_GOING}")
    try:
        folder.rename(going)  # half of it must never look like a model
        shutil.rmtree(going)
    except OSError as error:
        left = going if going.exists() else folder
        raise UserError(
            f"{entry.name} could not be deleted: {error.strerror or error}.", remedy=f"Delete {left} yourself."
        ) from None
    shutil.rmtree(locks, ignore_errors=True)
    return entry


def clear_leftovers() -> None:
    """Deletes what a deletion has left that did not come to its end."""
    for parent in (places.models(), hub_cache.root()):
        with suppress(OSError):
            for path in parent.glob(f".*{_GOING}"):
                shutil.rmtree(path, ignore_errors=True)


def _refuse_while_fetched(entry: ModelHere, locks: Path) -> None:
    """Refuses what any program is fetching: each holds the lock of the file that it loads. Raises UserError."""
    from filelock import FileLock, Timeout  # no part of a window's first paint

    for path in _locks_in(locks):
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UserError(
                f"{entry.name} is being fetched.",
                why="A program holds the lock of one of its files.",
                remedy="Wait for its end, or cancel it.",
            ) from None
        except (OSError, NotImplementedError):  # a drive without locks says nothing
            continue
        lock.release()


def _locks_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".lock")
    except OSError:
        return []


def removal_in_words(entry: ModelHere) -> str:
    """What is asked before a model is deleted."""
    count = len(entry.used_by)
    needs = "" if not count else f" {count} run{'s need' if count > 1 else ' needs'} it to be tried or resumed."
    return f"Delete {shown(entry.name, 200)}, {bytes_in_words(entry.size_bytes)}?{needs}"


# -- what lies here ----------------------------------------------------------------------------------------------------


def _folders(parent: Path) -> list[Path]:
    try:
        return [path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:  # it is not there yet, or is closed to this person
        return []


def _ours(folder: Path, uses: Iterable[_Use]) -> ModelHere | None:
    if not (folder / "config.json").is_file() and next(folder.glob("*.safetensors"), None) is None:
        return None
    is_starter = folder.name == places.STARTER
    names = {str(folder), str(folder.resolve()), *(("starter",) if is_starter else ())}
    return _entry("ours", folder.name, "starter" if is_starter else str(folder), folder, folder, names, uses)


def _of_hub(folder: Path, uses: Iterable[_Use]) -> ModelHere:
    if folder.name.startswith(hub_cache.DATASET_PREFIX):
        name = DATASETS + folder.name.removeprefix(hub_cache.DATASET_PREFIX).replace("--", "/", 1)
        return _entry("dataset", name, name, folder, hub_cache.snapshot(name), {name}, uses)
    name = hub_cache.id_of(folder)
    snapshots = _folders(folder / "snapshots")
    names = {
        name,
        *map(str, snapshots),
        *(_resolved(str(path)) for path in snapshots),
        *(("starter",) if name == STARTER_ID else ()),
    }
    return _entry("hub", name, name, folder, hub_cache.snapshot(name), names, uses)


def _entry(
    kind: Literal["ours", "hub", "dataset"],
    name: str,
    source: str,
    lies_in: Path,
    folder: Path | None,
    names: set[str],
    uses: Iterable[_Use],
) -> ModelHere:
    mine = [use for use in uses if use.names & names]
    trainings = [use for use in mine if use.is_training]
    size, part = _sizes(lies_in)
    return ModelHere(
        kind=kind,
        name=name,
        source=source,
        folder=folder,
        size_bytes=size,
        part_bytes=part,
        licence=_licence(folder),
        used_by=tuple(use.run for use in trainings),
        last_used=max((use.at for use in trainings), default=0.0),
        running=tuple(use.run for use in mine if use.is_running),
        problem=_problem(kind, folder),
    )


def _sizes(folder: Path) -> tuple[int, int]:
    """Bytes of all files, and of those that are parts; what a link leads to counts where it lies."""
    size = part = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                size += path.stat().st_size
                part += path.stat().st_size if path.name.endswith(hub_cache.PART) else 0
    return size, part


def _licence(folder: Path | None) -> str:
    """What the head of a README.md says, as the Hub's cards have it."""
    try:
        with ((folder or Path()) / "README.md").open(encoding="utf-8", errors="replace") as file:
            head = file.read(CARD_BYTES)
    except OSError:
        return ""
    if folder is None or not head.startswith("---"):
        return ""
    found = _LICENCE.search(head[3:].partition("\n---")[0])
    return found[1].strip() if found else ""


def _problem(kind: str, folder: Path | None) -> str:
    if folder is None:
        return "Nothing of it is whole yet."
    if kind == "dataset":
        return "" if next(folder.rglob("*.parquet"), None) else "It has no Parquet files."
    try:
        if find_model(folder).adapter is None:
            model_folder.inspect(folder)
    except UserError as error:
        return error.what
    return ""


# -- who uses it -------------------------------------------------------------------------------------------------------


def _uses() -> Iterator[_Use]:
    for run in _listed(places.runs()):
        with suppress(UserError, OSError):  # a job.toml that someone has edited names nothing
            recipe = run.recipe()
            datasets = {name for name, _ in hub_datasets(recipe)}
            yield _use(run, {recipe.model.source, *_base_of(recipe.model.source), *datasets}, is_training=True)
    for run in _listed(places.studies()):
        with suppress(UserError, OSError):
            if run.is_held():
                about = read_request(run).about
                yield _use(run, {about, *_base_of(about)}, is_training=False)


def _base_of(source: str) -> set[str]:
    """The model that the adapter in a folder belongs to, by its name and by where it lies; nothing of what is none."""
    folder = sources.model_path(source)
    if folder is None:
        return set()
    try:
        found = find_model(folder)
    except UserError:
        return set()
    if found.adapter is None:
        return set()
    return {found.adapter.base, *([str(found.folder)] if found.folder is not None else [])}


def _use(run: RunFolder, names: set[str], *, is_training: bool) -> _Use:
    path = run.journal if run.journal.exists() else run.job
    known = frozenset(name for text in names if text for name in (text, _resolved(text)))
    return _Use(run.name, known, path.stat().st_mtime, run.is_held(), is_training)


def _resolved(text: str) -> str:
    try:
        return str(Path(text).expanduser().resolve())
    except (OSError, RuntimeError, ValueError):
        return text


def _listed(parent: Path) -> list[RunFolder]:
    try:
        return listed(parent)
    except UserError:
        return []
