"""Keyrings for tests, as the library knows them: one in memory, one in a file that several processes share."""

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given until the process ends."""

    priority = 1
    name = "test keyring"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring 25 leaves it untyped
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not there")
        del self.kept[service, username]


class FileKeyring(KeyringBackend):
    """Keeps it in the file that TEST_KEYRING names; PYTHON_KEYRING_BACKEND=tests.keyrings.FileKeyring chooses it."""

    priority = 1
    name = "test keyring"

    @property
    def _path(self) -> Path:
        return Path(os.environ.get("TEST_KEYRING", "/nowhere/keyring.json"))

    def _all(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return kept

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps(self._all() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        kept.pop(f"{service} {username}")
        self._path.write_text(json.dumps(kept))


class HangingKeyring(MemoryKeyring):
    """Answers once it is let go on, as a locked one that asks a person, or a service that hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.goes_on.wait()
        return super().get_password(service, username)


class LockedKeyring(KeyringBackend):
    """Gives and takes nothing."""

    priority = 1
    name = "locked keyring"

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("the wallet is locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError("the wallet is locked")

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError("the wallet is locked")
