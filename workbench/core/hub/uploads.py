"""Where something can be put on the Hugging Face Hub: a repository that is new, or one that this program has made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workbench.core.hub import client
from workbench.core.hub import token as hub_token
from workbench.core.hub.errors import reason, too_many
from workbench.core.hub.offline import why_offline
from workbench.core.hub.repo import DATASETS, Repo
from workbench.core.problems import UserError, shown
from workbench.core.scrubbed import scrubbed

# The tag in the card of what this program has put there.
TAG = "qlora-workbench"
# What the Hub itself puts into a new repository.
_OF_THE_HUB = (".gitattributes",)
_WRITING = "Make a token that may write at https://huggingface.co/settings/tokens, and enter it with " \
    "`workbench token set`."  # fmt: skip


@dataclass(frozen=True)
class Destination:
    """A repository that may be written to.

    Attributes:
        id: "owner/name".
        is_there: Whether it exists already.
        is_private: Whether it is, or will be, closed to others.
        files: The names of those that this program has put there.
    """

    id: str
    is_there: bool
    is_private: bool
    files: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"{client.api().endpoint}/{self.id}"


def repository_name(name: str) -> str:
    """A name, or owner/name, that the Hub would take for a model. Raises UserError."""
    repo = Repo.of(name.strip())
    if repo.kind != "model" or name.startswith(DATASETS):
        raise UserError(f'"{shown(name)}" is the name of a dataset.', remedy="Write org/name, or a name alone.")
    return repo.id


def destination(name: str, *, private: bool) -> Destination:
    """Where a name is, of the token's owner where it says no other; asks the Hub.

    Raises UserError where there is no token or one that may not write there, where the repository holds what somebody
    else has put there, or is open to all though it was to be private.
    """
    name = repository_name(name)
    with uploading(name):
        if hub_token.token() is None and not _token_of_the_library():
            raise UserError(
                "There is no token of the Hub to upload with.",
                why=hub_token.why_none(),
                remedy=_WRITING if not hub_token.why_none() else f"{hub_token.WITHOUT_KEYRING.capitalize()}.",
            )
        who: dict[str, Any] = client.api().whoami()
    owner = name.partition("/")[0] if "/" in name else str(who["name"])
    _refuse_reader(who, owner)
    return _as_it_is(name if "/" in name else f"{owner}/{name}", private)


def create(place: Destination) -> None:
    """Makes the repository where it is not there. Raises UserError."""
    if not place.is_there:
        with uploading(place.id):
            client.api().create_repo(place.id, private=place.is_private)


def _token_of_the_library() -> bool:
    from huggingface_hub import get_token

    return bool(get_token())


def _refuse_reader(who: dict[str, Any], owner: str) -> None:
    """Refuses a token, or a member, that may only read. Of a token with rights of its own the Hub alone knows them."""
    role = str(((who.get("auth") or {}).get("accessToken") or {}).get("role", ""))
    if role == "read":
        raise UserError("This token of the Hub may only read.", remedy=_WRITING)
    organisations = {str(each.get("name")): str(each.get("roleInOrg", "")) for each in who.get("orgs") or []}
    is_known = owner in (who.get("name"), *organisations)
    if (not is_known and role != "fineGrained") or organisations.get(owner) == "read":
        ours = ", ".join([str(who.get("name")), *(name for name, role in organisations.items() if role != "read")])
        raise UserError(
            f"{who.get('name')} has no right to write in {shown(owner)} on the Hub.", remedy=f"Write into {ours}."
        )


def _as_it_is(name: str, private: bool) -> Destination:
    from huggingface_hub.errors import RepositoryNotFoundError

    with uploading(name):
        try:
            info: Any = client.api().model_info(name, timeout=client.ANSWER_SECONDS)
        except RepositoryNotFoundError:
            return Destination(name, is_there=False, is_private=private)
    files = tuple(entry.rfilename for entry in info.siblings or [] if entry.rfilename not in _OF_THE_HUB)
    if files and TAG not in (info.tags or []):
        raise UserError(
            f"{name} is there already, and holds something else.",
            why="Its card does not say that this program has made it.",
            remedy="Choose another name.",
        )
    if private and not info.private:
        raise UserError(
            f"{name} is there already, and is open to all.",
            why="What is uploaded was to be private.",
            remedy=f"Make it private at {client.api().endpoint}/{name}/settings, choose another name, or upload it "
            "openly.",
        )
    return Destination(name, is_there=True, is_private=bool(info.private), files=files)


@contextmanager
def uploading(name: str) -> Iterator[None]:
    """Says what the Hub refuses of what is put there, or why it does not answer. Raises UserError."""
    import httpx2
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HFValidationError

    if why := why_offline():
        raise UserError(
            "Nothing can be uploaded to the Hub now.", why=why, remedy="Turn it off, and export to the Hub again."
        )
    try:
        yield
    except GatedRepoError as error:
        raise UserError(
            f"{name} is gated, and its owner has not let this token's owner in.",
            why=f"{_first(error)}.",
            remedy="Choose another name.",
        ) from None
    except HfHubHTTPError as error:
        raise _refusal(error, name) from None
    except (HFValidationError, httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error.__cause__, HfHubHTTPError):  # as the library reports of one file
            raise _refusal(error.__cause__, name) from None
        raise _broken_off(name, f"{reason(error).rstrip('.')}.") from None


def _refusal(error: Any, name: str) -> UserError:
    status = error.response.status_code
    match status:
        case 401:
            return UserError("The Hub does not know this token.", why=f"It answered {status}.", remedy=_WRITING)
        case 402 | 413 | 507:
            return UserError(
                f"The Hub has no room for {name}.", why=f"{_first(error)}.", remedy="Delete something there."
            )
        case 403 | 404:
            return UserError(f"This token may not write to {name}.", why=f"It answered {status}.", remedy=_WRITING)
        case 409:
            return UserError(f"{name} was made by somebody else meanwhile.", remedy="Choose another name.")
        case 429:
            return too_many(error.response.headers.get("Retry-After", ""))
    return _broken_off(name, f"{_first(error)}.")


def _broken_off(name: str, why: str) -> UserError:
    return UserError(
        f"The upload to {name} broke off.",
        why=why,
        remedy="Export it to the Hub again: what has arrived there is not sent twice.",
    )


def _first(error: Exception) -> str:
    said = getattr(error, "server_message", None) or str(error)
    return scrubbed((said.strip().splitlines() or [type(error).__name__])[0])[:200].rstrip(".")
