"""The token of the Hugging Face Hub: kept in the system's keyring and nowhere else.

It is read where a question to the Hub is made, by each process for itself: it is in no recipe, argument, environment,
log or report.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from workbench.core.problems import UserError
from workbench.core.scrubbed import hide

SERVICE = "qlora-workbench"
USER = "huggingface.co"
LONGEST = 4096  # characters; the Hub's own have 37
# A locked keyring asks a person for its password meanwhile; one whose service hangs never answers.
PATIENCE_SECONDS = 90.0

WITHOUT_KEYRING = "set HF_TOKEN where the program is started, or log in with `hf auth login`"

# Why the keyring could not be read: a locked one asks a person for its password, once is enough.
_trouble: list[str] = []
# Held by whoever asks: of a locked keyring one thread asks a person, and the others wait for the answer.
_asking = threading.RLock()
_is_over = threading.Event()
Result = TypeVar("Result")


@dataclass(frozen=True)
class TokenState:
    """Where the token comes from, without the token itself.

    Attributes:
        source: "keyring" is ours; "environment" is HF_TOKEN; "login" is what `hf auth login` has kept; "" is none.
        keyring: What keeps it on this system, such as "SecretService Keyring"; nothing where there is none.
        trouble: Why the keyring cannot be used, as a sentence.
    """

    source: Literal["keyring", "environment", "login", ""]
    keyring: str
    trouble: str

    def in_words(self) -> str:
        said = {
            "keyring": f"A token is kept in this system's keyring ({self.keyring}).",
            "environment": "The token is that of HF_TOKEN.",
            "login": "The token is that of `hf auth login`.",
            "": "There is no token.",
        }[self.source]
        return f"{said} {self.trouble}".strip()


def token() -> str | None:
    """The token that is kept here; None where there is none, and huggingface_hub then takes HF_TOKEN or its login."""
    with _asking:
        return None if _trouble else _read(*_backend())


def _read(backend: Any, trouble: str) -> str | None:
    """What a keyring keeps; why it cannot be read goes to `_trouble`."""
    if backend is None:
        _trouble.append(trouble)
        return None
    try:
        kept = _patiently(lambda: backend.get_password(SERVICE, USER))
    except Exception as error:  # each keyring raises errors of its own libraries
        _trouble.append(f"The keyring cannot be read: {_reason(error)}.")
        return None
    if kept:
        hide(kept)
    return kept or None


def why_none() -> str:
    """Why the keyring gives no token, as a sentence; nothing where it can, or where there is another token."""
    from huggingface_hub import get_token

    return "" if not _trouble or get_token() else _trouble[0]


def stop_waiting() -> None:
    """No keyring is waited for any more: the program ends."""
    _is_over.set()


def state() -> TokenState:
    """Where the token comes from now. A locked keyring may ask a person: not for the window's thread."""
    with _asking:
        _trouble.clear()
        backend, trouble = _backend()
        kept = _read(backend, trouble)
        trouble = "".join(_trouble)
    name = _name(backend) if backend is not None else ""
    if kept:
        return TokenState("keyring", name, trouble)
    import os

    from huggingface_hub import get_token

    if not get_token():
        return TokenState("", name, trouble)
    is_given = bool(os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN"))
    return TokenState("environment" if is_given else "login", name, trouble)


def keep(secret: str) -> TokenState:
    """Keeps a token in the keyring. Raises UserError where there is none, or where this cannot be a token."""
    secret = secret.strip()
    if not secret or len(secret) > LONGEST or not all("!" <= sign <= "~" for sign in secret):
        raise UserError(
            "This is not a token of the Hub.",
            remedy="Copy it whole from https://huggingface.co/settings/tokens; it begins with hf_.",
        )
    hide(secret)
    backend, trouble = _backend()
    if backend is None:
        raise _no_keyring(trouble)
    try:
        _patiently(lambda: backend.set_password(SERVICE, USER, secret))
        is_kept = _patiently(lambda: backend.get_password(SERVICE, USER)) == secret
    except Exception as error:
        raise _no_keyring(f"{_name(backend)} does not take it: {_reason(error)}.") from None
    if not is_kept:
        raise _no_keyring(f"{_name(backend)} did not keep it.")
    _trouble.clear()
    return TokenState("keyring", _name(backend), "")


def forget() -> bool:
    """Deletes the token from the keyring; says whether there was one. Raises UserError where that fails."""
    backend, trouble = _backend()
    if backend is None:
        raise _no_keyring(trouble)
    try:
        if not _patiently(lambda: backend.get_password(SERVICE, USER)):
            return False
        _patiently(lambda: backend.delete_password(SERVICE, USER))
    except Exception as error:
        raise UserError(
            "The token could not be deleted from the keyring.", why=_reason(error), remedy="Delete it there."
        ) from None
    return True


def _backend() -> tuple[Any, str]:
    """The system's keyring, or None and why there is none, as a sentence."""
    import keyring  # 60 ms of looking for backends, which no start waits for
    from keyring.backends import fail, null

    try:
        backend = _patiently(keyring.get_keyring)
    except Exception as error:
        return None, f"This system's keyring cannot be opened: {_reason(error)}."
    if isinstance(backend, fail.Keyring):
        return None, "This system has no keyring that a token could be kept in."
    if isinstance(backend, null.Keyring):
        return None, "The keyring is turned off on this system: it keeps nothing."
    return backend, ""


def _patiently(ask: Callable[[], Result]) -> Result:
    """What a keyring answers; waits no longer than PATIENCE_SECONDS, and raises TimeoutError then.

    The thread that waits on is left to itself: it keeps neither a program's end nor its other questions.
    """
    answers: list[Result] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            answers.append(ask())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="keyring", daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while thread.is_alive() and not _is_over.is_set() and time.monotonic() < deadline:
        thread.join(0.1)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError(f"it has not answered for {PATIENCE_SECONDS:.0f} s")
    return answers[0]


def _name(backend: Any) -> str:
    return str(getattr(backend, "name", "") or type(backend).__name__)


def _reason(error: Exception) -> str:
    """The first line of it: a keyring's error does not hold what it keeps."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _no_keyring(why: str) -> UserError:
    return UserError(
        "The token cannot be kept.",
        why=why,
        remedy=f"{WITHOUT_KEYRING[:1].upper()}{WITHOUT_KEYRING[1:]}.",
    )
