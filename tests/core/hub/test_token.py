"""The token lies in the system's keyring alone, and where there is none that is said."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from tests.keyrings import HangingKeyring, LockedKeyring, MemoryKeyring
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


@pytest.fixture
def hanging() -> Iterator[HangingKeyring]:
    made = HangingKeyring()
    keyring.set_keyring(made)
    yield made
    made.goes_on.set()


def test_that_a_keyring_that_hangs_is_left_after_a_while_and_said(
    hanging: HangingKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_token, "PATIENCE_SECONDS", 0.05)
    state = hub_token.state()
    assert (state.source, state.trouble) == ("", "The keyring cannot be read: it has not answered for 0 s.")
    assert hub_token.token() is None
    assert hanging.asked == 1, "once is enough"
    with pytest.raises(UserError, match="The token cannot be kept"):
        hub_token.keep(SECRET)
    with pytest.raises(UserError, match="The token could not be deleted"):
        hub_token.forget()


def test_that_a_locked_keyring_asks_a_person_once_whoever_wants_the_token(hanging: HangingKeyring) -> None:
    hanging.kept["qlora-workbench", "huggingface.co"] = SECRET
    with ThreadPoolExecutor() as threads:
        found = [threads.submit(hub_token.token) for _ in range(4)]
        while not hanging.asked:
            time.sleep(0.01)
        assert hanging.asked == 1
        hanging.goes_on.set()
    assert [each.result() for each in found] == [SECRET] * 4


def test_that_a_keyring_that_hangs_does_not_keep_the_program_from_its_end() -> None:
    code = """
import keyring, threading
from tests.keyrings import HangingKeyring
from workbench.core.hub import token
keyring.set_keyring(HangingKeyring())
asking = threading.Thread(target=token.state)
asking.start()
token.stop_waiting()
asking.join()
print("over")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "over\n"


def test_that_the_login_of_the_library_is_used_where_nothing_is_kept(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path_factory.mktemp("hf") / "token"
    path.write_text(SECRET)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(path))
    assert hub_token.state().source == "login"
    assert hub_token.token() is None, "the library takes its own"
