"""What the Hub refuses, and why it cannot be asked, in sentences."""

import os

from workbench.core.problems import UserError


def refusal(error: Exception, model_id: str, revision: str, *, elsewhere: str = "") -> UserError:
    """The sentence for a model that is gated, unknown or lacks the revision; `elsewhere` adds where else it is not."""
    from huggingface_hub.errors import GatedRepoError, RevisionNotFoundError

    match error:
        case GatedRepoError():
            return UserError(
                f"{model_id} is gated: its owner wants its terms accepted first.",
                remedy=f"Accept them on the page of {model_id} on the Hub, then log in with `hf auth login`.",
            )
        case RevisionNotFoundError():
            return UserError(f'{model_id} has no revision "{revision}".', remedy="Leave model.revision empty.")
    return UserError(
        f'There is no model "{model_id}" on the Hub that can be seen from here{elsewhere}.',
        remedy="Check the spelling; a private model needs `hf auth login`.",
    )


def unreachable(error: BaseException, model_id: str) -> UserError:
    """The sentence for a Hub that does not answer, or may not be asked."""
    offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
    return UserError(
        f"{model_id} is not kept on this machine, and the Hub cannot be reached.",
        why="HF_HUB_OFFLINE is set." if offline else reason(error),
        remedy="Connect to the network, or give the path of a model folder.",
    )


def reason(error: BaseException) -> str:
    """The first line of the innermost cause, which names what failed."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
