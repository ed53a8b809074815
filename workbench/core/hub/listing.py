"""What a repository of the Hub holds, and which of its files would be fetched: safetensors, never a pickle or code."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from workbench.core.hub import client
from workbench.core.hub.repo import Repo, is_revision
from workbench.core.problems import UserError, shown

# Everything a model folder is made of, its card and its licence; no pickle and no code.
MODEL_PATTERNS = ("*.json", "*.safetensors", "*.model", "*.jinja", "*.txt", "README.md", "LICENSE*", "LICENCE*")
# Second copies of the weights in other layouts, which some repositories keep.
LEFT_OUT = ("*/*", "consolidated*")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack", ".npz", ".npy")
CODE = (".py", ".so", ".dll", ".sh", ".ipynb")


@dataclass(frozen=True)
class HubFile:
    """One file of a repository.

    Attributes:
        name: Its path within the repository.
        size_bytes: 0 where the Hub does not say.
        sum: The sha256 of a large file, the git blob's sha1 of a small one; its name in the cache's blobs.
    """

    name: str
    size_bytes: int
    sum: str


@dataclass(frozen=True)
class Listing:
    """A repository at one commit."""

    repo: Repo
    commit: str
    files: tuple[HubFile, ...]
    gated: Literal["", "auto", "manual"]
    is_private: bool
    licence: str
    downloads: int
    info: Any  # what the library read

    @property
    def names(self) -> list[str]:
        return [file.name for file in self.files]


def listed(name: str, revision: str = "", elsewhere: str = "") -> Listing:
    """What the Hub holds under a name, at a branch, tag or commit. Raises UserError, as `client.said_of`."""
    repo = Repo.of(name)
    if revision and not is_revision(revision):
        raise UserError(f'"{shown(revision)}" is not a branch, tag or commit.', remedy="Leave the revision empty.")
    api = client.api()
    ask = api.dataset_info if repo.kind == "dataset" else api.model_info
    with client.said_of(name, revision, elsewhere):
        info: Any = ask(repo.id, revision=revision or None, timeout=client.ANSWER_SECONDS, files_metadata=True)
    card = info.card_data
    return Listing(
        repo=repo,
        commit=info.sha or revision or "main",
        files=tuple(_file(entry) for entry in info.siblings or []),
        gated=info.gated or "",
        is_private=bool(info.private),
        licence=_licence(card, info.tags or []),
        downloads=info.downloads or 0,
        info=info,
    )


def _file(entry: Any) -> HubFile:
    lfs = entry.lfs
    return HubFile(entry.rfilename, entry.size or 0, (lfs.sha256 if lfs else entry.blob_id) or "")


def _licence(card: Any, tags: Sequence[str]) -> str:
    if card and (said := card.get("license")):
        return ", ".join(map(str, said)) if isinstance(said, list) else str(said)
    return licence_in(tags)


def licence_in(tags: Sequence[str]) -> str:
    """The licence that a repository's tags name; nothing where none does."""
    return next((tag.removeprefix("license:") for tag in tags if tag.startswith("license:")), "")


def model_files(files: Sequence[HubFile]) -> tuple[HubFile, ...]:
    """Those of a model that are fetched."""
    return tuple(file for file in files if is_fetched(file.name))


def is_fetched(name: str) -> bool:
    """Whether a model's file of this name is fetched."""
    if any(fnmatchcase(name, pattern) for pattern in LEFT_OUT) or name.lower().endswith((*PICKLES, *CODE)):
        return False
    return any(fnmatchcase(name, pattern) for pattern in MODEL_PATTERNS)
