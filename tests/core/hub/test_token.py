"""The token lies in the system's keyring alone, and where there is none that is said."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from tests.keyrings import LockedKeyring, MemoryKeyring
from workbench.core.hub import token as hub_token
from workbench.core.hub.token import TokenState
from workbench.core.problems import UserError

SECRET = "hf_" + "a1B2" * 8


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", "/nowhere/token")
    before = keyring.get_keyring()
    kept = MemoryKeyring()
    keyring.set_keyring(kept)
    hub_token.state()
    yield kept
    keyring.set_keyring(before)


def test_that_a_token_is_kept_read_and_forgotten(own_keyring: MemoryKeyring) -> None:
    assert hub_token.state() == TokenState("", "test keyring", "")
    assert hub_token.keep(f"  {SECRET}\n") == TokenState("keyring", "test keyring", "")
    assert hub_token.token() == SECRET
    assert own_keyring.kept == {("qlora-workbench", "huggingface.co"): SECRET}
    assert hub_token.state().in_words() == "A token is kept in this system's keyring (test keyring)."
    assert SECRET not in str(hub_token.state())
    assert hub_token.forget()
    assert hub_token.token() is None
    assert not hub_token.forget()


@pytest.mark.parametrize("text", ["", "  ", "two words", "hf_ä", "x" * 5000])
def test_that_what_cannot_be_a_token_is_refused(text: str, own_keyring: MemoryKeyring) -> None:
    with pytest.raises(UserError, match="This is not a token of the Hub") as caught:
        hub_token.keep(text)
    assert not text.strip() or text not in str(caught.value)
    assert not own_keyring.kept


@pytest.mark.parametrize(
    ("backend", "trouble"),
    [
        (fail.Keyring(), "This system has no keyring that a token could be kept in."),
        (null.Keyring(), "The keyring is turned off on this system: it keeps nothing."),
        (LockedKeyring(), "The keyring cannot be read: the wallet is locked."),
    ],
    ids=["none", "off", "locked"],
)
def test_that_a_system_without_a_keyring_says_so(
    backend: KeyringBackend, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(backend)
    state = hub_token.state()
    assert (state.source, state.trouble) == ("", trouble)
    assert hub_token.token() is None
    with pytest.raises(UserError, match="The token cannot be kept") as caught:
        hub_token.keep(SECRET)
    assert "HF_TOKEN" in caught.value.remedy
    assert SECRET not in str(caught.value)
    monkeypatch.setenv("HF_TOKEN", SECRET)
    assert hub_token.state().source == "environment"
    assert hub_token.state().in_words() == f"The token is that of HF_TOKEN. {trouble}"


def test_that_the_login_of_the_library_is_used_where_nothing_is_kept(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path_factory.mktemp("hf") / "token"
    path.write_text(SECRET)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(path))
    assert hub_token.state().source == "login"
    assert hub_token.token() is None, "the library takes its own"
