"""What the Hub refuses, and why it cannot be asked, in sentences."""

from workbench.core.hub import token as hub_token
from workbench.core.hub.offline import why_offline
from workbench.core.hub.repo import DATASETS
from workbench.core.problems import UserError, shown
from workbench.core.scrubbed import scrubbed


class Unreachable(UserError):
    """The Hub does not answer for now, or may not be asked: what lies on this machine may do."""


def refusal(error: Exception, name: str, revision: str, *, elsewhere: str = "") -> UserError:
    """The sentence for what is gated, unknown, closed to the token or lacks the revision.

    `elsewhere` adds where else it is not.
    """
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    thing, repo_id = ("dataset", name.removeprefix(DATASETS)) if name.startswith(DATASETS) else ("model", name)
    match error:
        case GatedRepoError():
            return _gated(error, name, repo_id)
        case RevisionNotFoundError():
            remedy = "Leave model.revision empty." if thing == "model" else "Leave the revision empty."
            return UserError(f'{repo_id} has no revision "{shown(revision)}".', remedy=remedy)
        case HfHubHTTPError() if not isinstance(error, RepositoryNotFoundError):
            status = error.response.status_code
            return UserError(
                f"The Hub does not give {repo_id} to this token."
                if status == 403
                else "The Hub does not know this token.",
                why=f"It answered {status}.",
                remedy="Make a token that may read at https://huggingface.co/settings/tokens, and enter it with "
                "`workbench token set`.",
            )
    return UserError(
        f'There is no {thing} "{shown(repo_id)}" on the Hub that can be seen from here{elsewhere}.',
        why=hub_token.why_none(),
        remedy=f"Check the spelling; a private {thing} needs a token: `workbench token set`.",
    )


def _gated(error: Exception, name: str, repo_id: str) -> UserError:
    said = str(error).lower()
    if "rejected" in said:
        return UserError(
            f"{repo_id} is gated, and its owner has refused this token's owner.",
            remedy="Take another model.",
        )
    if "awaiting" in said or "pending" in said:
        return UserError(
            f"{repo_id} is gated, and its owner has not answered yet.",
            remedy="Wait for the Hub's mail, then try again.",
        )
    why = hub_token.why_none()
    then = hub_token.WITHOUT_KEYRING if why else "enter a token with `workbench token set`"
    return UserError(
        f"{repo_id} is gated: its owner wants its terms accepted first.",
        why=why,
        remedy=f"Accept them on https://huggingface.co/{name}, then {then}.",
    )


def unreachable(error: BaseException | str, name: str) -> Unreachable:
    """The sentence for a Hub that does not answer, or may not be asked; without a name, of nothing in particular."""
    why = why_offline() or (error if isinstance(error, str) else reason(error))
    why = why if why.endswith(".") else f"{why}."
    if not name:
        return Unreachable("The Hub cannot be reached.", why=why, remedy="What is on this machine can be used.")
    repo_id = name.removeprefix(DATASETS)
    instead = "a file" if name.startswith(DATASETS) else "a model folder"
    return Unreachable(
        f"{repo_id} is not kept on this machine, and the Hub cannot be reached.",
        why=why,
        remedy=f"Connect to the network, or give the path of {instead}.",
    )


def too_many(retry_after: str) -> Unreachable:
    """The sentence for a Hub that has been asked too often."""
    wait = f"in {retry_after} s" if retry_after.isdecimal() else "in a few minutes"
    return Unreachable(
        "The Hub has been asked too often from here.",
        why="It answered 429.",
        remedy=f"Try again {wait}; with a token it may be asked more often.",
    )


def reason(error: BaseException) -> str:
    """The first line of the innermost cause, which names what failed."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return scrubbed((str(error).strip().splitlines() or [type(error).__name__])[0])[:200]
