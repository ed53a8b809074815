"""What a fetch is to bring: the files of a model, or the Parquet files of a dataset, at one commit."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from workbench.core.hub.listing import PICKLES, HubFile, Listing, listed, model_files
from workbench.core.hub.parquet_names import CONVERTED, chosen, sorted_by_split
from workbench.core.hub.repo import Repo
from workbench.core.model.folder import TRAINER_STATE, only_pickles
from workbench.core.problems import UserError, shown

# The sums of a file that holds nothing, as the Hub and as git take them.
EMPTY = (hashlib.sha256().hexdigest(), hashlib.sha1(b"blob 0\0").hexdigest())


@dataclass(frozen=True)
class Wanted:
    """The files of one repository; `revision` is the branch or tag that `commit` is noted under."""

    repo: Repo
    revision: str
    commit: str
    files: tuple[HubFile, ...]

    @property
    def total_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def wanted(name: str, revision: str = "", config: str = "", split: str = "", *, elsewhere: str = "") -> Wanted:
    """What is to be fetched under a name. Raises UserError where the Hub has nothing that is loaded here.

    `elsewhere` adds where else it was looked for.
    """
    repo = Repo.of(name)
    if repo.kind == "dataset":
        return _of_dataset(repo, revision, config, split)
    listing = listed(name, revision, elsewhere)
    files = model_files(listing.files)
    _refuse_without_weights(listing)
    return _whole(Wanted(repo, revision or "main", listing.commit, files))


def _of_dataset(repo: Repo, revision: str, config: str, split: str) -> Wanted:
    listing = listed(repo.name, revision)
    at = revision or "main"
    if not revision and not sorted_by_split(listing.names):
        try:
            listing, at = listed(repo.name, CONVERTED), CONVERTED
        except UserError as error:
            if "has no revision" not in error.what:
                raise  # the Hub cannot be asked; else it has converted nothing, and what is on main is refused
    _, names = chosen(repo.id, listing.names, config, split)
    kept = set(names)
    return _whole(Wanted(repo, at, listing.commit, tuple(file for file in listing.files if file.name in kept)))


def _whole(found: Wanted) -> Wanted:
    """The same, once each file is known by its sum, and lies inside its folder. Raises UserError."""
    if not _is_sum(found.commit, 40):
        raise UserError(f"The Hub does not say at which commit {found.repo.id} is.", remedy="Try again later.")
    for file in found.files:
        if not _is_sum(file.sum, 40, 64):
            raise UserError(f"The Hub gives no checksum of {shown(file.name)}.", remedy="Try again later.")
        if not file.size_bytes and file.sum not in EMPTY:
            raise UserError(f"The Hub gives no size of {shown(file.name)}.", remedy="Try again later.")
        if file.name.startswith("/") or "\\" in file.name or ".." in file.name.split("/") or Path(file.name).drive:
            raise UserError(f'{found.repo.id} has a file that lies outside it: "{shown(file.name)}".')
    return found


def _is_sum(text: str, *lengths: int) -> bool:
    return len(text) in lengths and all(sign in "0123456789abcdef" for sign in text)


def _refuse_without_weights(listing: Listing) -> None:
    names = listing.names
    if any(name.endswith(".safetensors") and "/" not in name for name in names):
        return
    pickles = [name for name in names if name.endswith(PICKLES) and name not in TRAINER_STATE]
    if pickles:
        raise only_pickles(listing.repo.id, pickles)
    raise UserError(
        f"{listing.repo.id} has no safetensors weights.", why=_what_it_has(names), remedy="Take another model."
    )


def _what_it_has(names: list[str]) -> str:
    gguf = [name for name in names if name.endswith(".gguf")]
    return f"It has GGUF files, such as {shown(gguf[0])}." if gguf else ""
