"""Questions to the Hugging Face Hub: with the token, in one try of 10 s, and refusals as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.core.hub import token as hub_token
from workbench.core.hub.errors import refusal, too_many, unreachable
from workbench.core.hub.offline import why_offline
from workbench.core.scrubbed import hide

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfApi

ANSWER_SECONDS = 10.0
# huggingface_hub takes 0.3 s to import, which a start need not wait for.


def api() -> "HfApi":
    """The library's client with the token that is kept here, or whatever it finds itself."""
    from huggingface_hub import HfApi

    return HfApi(token=hub_token.token())


def headers() -> dict[str, str]:
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    made: dict[str, str] = build_hf_headers(token=hub_token.token())
    hide(made.get("authorization", "").removeprefix("Bearer "))  # that of HF_TOKEN or of a login may look like anything
    return made


def answer(path: str, params: Mapping[str, str | int | Sequence[str]] | None = None) -> "httpx2.Response":
    """What the Hub answers to a question below its address, in one try where the library takes six.

    Raises what the library raises; `said_of` makes sentences of it.
    """
    from huggingface_hub import get_session, hf_raise_for_status

    found: Any = get_session().get(
        f"{api().endpoint}/{path}", params=params, headers=headers(), timeout=ANSWER_SECONDS, follow_redirects=True
    )
    hf_raise_for_status(found)
    answered: httpx2.Response = found
    return answered


@contextmanager
def said_of(name: str, revision: str = "", elsewhere: str = "") -> Iterator[None]:
    """Says what the Hub refuses, or why it cannot be asked, of the model or dataset that a question is about.

    Offline, nobody is asked. Raises UserError; `elsewhere` adds where else a model that is not there was looked for.
    """
    import httpx2
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    if why := why_offline():
        raise unreachable(why, name)
    try:
        yield
    except (GatedRepoError, RevisionNotFoundError, RepositoryNotFoundError, HFValidationError) as error:
        raise refusal(error, name, revision, elsewhere=elsewhere) from None
    except HfHubHTTPError as error:
        match error.response.status_code:
            case 401 | 403:
                raise refusal(error, name, revision, elsewhere=elsewhere) from None
            case 429:
                raise too_many(error.response.headers.get("Retry-After", "")) from None
        raise unreachable(error, name) from None
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise unreachable(error, name) from None
