"""What is known of a model of the Hub before it is fetched: shape, files, licence, and who may have it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from workbench.core.hub import cache as hub_cache
from workbench.core.hub import client
from workbench.core.hub.errors import Unreachable
from workbench.core.hub.listing import CODE, PICKLES, HubFile, Listing, listed, model_files
from workbench.core.model import hub_models
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError

Access = Literal["open", "ask first", "waiting", "granted", "refused"]


@dataclass(frozen=True)
class HubDetails:
    """One model at one commit.

    Attributes:
        access: "open" is anybody's; "ask first" is gated and not given to this token, or there is none; "waiting" has
            been asked for; "refused" its owner does not give.
        shape: From config.json alone; None where it cannot be read, and `problem` says why.
        files: What would be fetched: safetensors and what belongs to them, never a pickle or code.
        here_bytes: How many of their bytes lie on this machine already.
        left_out: Names of pickles and code, which are not fetched.
        terms: Where the licence or its terms can be read; nothing where the Hub names none.
    """

    id: str
    commit: str
    licence: str
    terms: str
    downloads: int
    access: Access
    shape: ModelShape | None
    problem: str
    files: tuple[HubFile, ...]
    here_bytes: int
    left_out: tuple[str, ...]

    @property
    def total_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    @property
    def weights(self) -> Literal["safetensors", "pickles", "none"]:
        if any(file.name.endswith(".safetensors") for file in self.files):
            return "safetensors"
        return "pickles" if any(name.endswith(PICKLES) for name in self.left_out) else "none"


def details(model_id: str, revision: str = "") -> HubDetails:
    """The details of a model. Raises UserError where the Hub does not show it or cannot be asked."""
    listing = listed(model_id, revision)
    access = _access(listing)
    shape, problem = None, ""
    try:
        shape = hub_models.shape_of(model_id, listing)
    except Unreachable:
        raise  # it is there, and may be read another time
    except UserError as error:
        problem = str(error)
    files = model_files(listing.files)
    card = listing.info.card_data
    return HubDetails(
        id=model_id,
        commit=listing.commit,
        licence=listing.licence,
        terms=str((card.get("license_link") if card else "") or ""),
        downloads=listing.downloads,
        access=access,
        shape=shape,
        problem=problem,
        files=files,
        here_bytes=here_bytes(model_id, files, listing.commit),
        left_out=tuple(name for name in listing.names if name.lower().endswith((*PICKLES, *CODE))),
    )


def here_bytes(name: str, files: tuple[HubFile, ...], commit: str) -> int:
    """How many bytes of a repository's files lie in the cache, parts of files too."""
    folder = hub_cache.folder_of(name)
    blobs, snapshot = folder / "blobs", folder / "snapshots" / commit
    found = 0
    for file in files:
        for path in (snapshot / file.name, blobs / file.sum, blobs / f"{file.sum}{hub_cache.PART}"):
            with suppress(OSError):
                found += min(path.stat().st_size, file.size_bytes)
                break
    return found


def _access(listing: Listing) -> Access:
    """Whether this machine's token may have its files. Raises UserError where the Hub cannot be asked."""
    if not listing.gated:
        return "granted" if listing.is_private else "open"
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    with client.said_of(listing.repo.name):
        try:
            client.answer(f"api/models/{listing.repo.id}/auth-check")
        except GatedRepoError as error:
            said = str(error).lower()
            if "rejected" in said:
                return "refused"
            return "waiting" if "awaiting" in said or "pending" in said else "ask first"
        except RepositoryNotFoundError:
            return "ask first"
    return "granted"
