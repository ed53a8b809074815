"""A Hub of this machine that takes uploads: repositories made, files by git LFS, commits, and who may do what."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import keyring
import pytest
from huggingface_hub import constants

from tests.hub_server import COMMIT, empty_cache_at
from tests.hub_shelf import Shelf, ShelfHandler, Shelved, is_large, shelf_served, sum_of
from tests.keyrings import MemoryKeyring
from workbench.core.hub import token as hub_token


@dataclass
class Desk(Shelf):
    """What is known of who uploads, what has come, and what goes wrong with it.

    Attributes:
        people: What whoami says of a token.
        stored: What has come by LFS, by its sum.
        puts: The sums that were sent, in order.
        status_of_files: What files are answered with that are sent, where that is to fail.
        commits: The first line of each.
        status_of_commit: What a commit is answered with, where it is to fail.
        is_sent_to: Set once a file has come.
        goes_on: Where it is given, files are answered once it is set.
    """

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    status_of_files: int = 200
    commits: list[str] = field(default_factory=list)
    status_of_commit: int = 200
    is_sent_to: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event | None = None


def person(name: str = "somebody", role: str = "write", **organisations: str) -> dict[str, Any]:
    """What whoami says: of a token of a role, of a member of organisations with a role in each."""
    orgs = [{"name": each, "roleInOrg": their} for each, their in organisations.items()]
    return {"name": name, "type": "user", "orgs": orgs, "auth": {"accessToken": {"role": role}}}


class DeskHandler(ShelfHandler):
    shelf: Desk

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/api/whoami-v2":
            who = self.shelf.people.get(self._token)
            self.answer(200 if who else 401, who or {"error": "Invalid credentials"})
            return
        super().do_GET()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/").split("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or self._chunks()
        with self.shelf.lock:
            self.shelf.asked.append(("POST", "/" + "/".join(path), "", self.headers.get("Authorization", "")))
        match path:
            case ["api", "repos", "create"]:
                self._create(json.loads(body))
            case ["api", "validate-yaml"]:
                self.answer(200, {"errors": [], "warnings": []})
            case ["api", "models", owner, name, "preupload", _]:
                self._modes(f"{owner}/{name}", json.loads(body)["files"])
            case [owner, name, "info", "lfs", "objects", "batch"]:
                self._batch(f"{owner}/{name.removesuffix('.git')}", json.loads(body)["objects"])
            case ["api", "models", owner, name, "commit", _]:
                self._commit(f"{owner}/{name}", [json.loads(line) for line in body.splitlines()])
            case _:
                self.answer(404, {"error": "Not found"})

    def do_PUT(self) -> None:
        wanted = urlsplit(self.path).path.rpartition("/")[2]
        size = int(self.headers["Content-Length"])
        data = self.rfile.read(size)
        self.shelf.is_sent_to.set()
        if self.shelf.goes_on is not None:
            self.shelf.goes_on.wait()
        if self.shelf.status_of_files != 200:
            self.answer(self.shelf.status_of_files, {"error": "The store is not there."})
            return
        assert hashlib.sha256(data).hexdigest() == wanted
        with self.shelf.lock:
            self.shelf.puts.append(wanted)
            self.shelf.stored[wanted] = data
        self.answer(200, {})

    def _chunks(self) -> bytes:
        """A body that is sent in pieces."""
        found = b""
        while self.headers.get("Transfer-Encoding") == "chunked" and (size := int(self.rfile.readline(), 16)):
            found += self.rfile.read(size)
            self.rfile.readline()
        return found

    # -- rights -------------------------------------------------------------------------------------------------------

    def _may_write(self, repo_id: str) -> bool:
        who = self.shelf.people.get(self._token)
        owner = repo_id.partition("/")[0]
        roles = {each["name"]: each["roleInOrg"] for each in who["orgs"]} if who else {}
        if (
            who
            and who["auth"]["accessToken"]["role"] != "read"
            and (owner == who["name"] or roles.get(owner, "read") != "read")
        ):
            return True
        self.answer(403 if who else 401, {"error": "You don't have the rights to write here."})
        return False

    def _create(self, asked: dict[str, Any]) -> None:
        owner = asked.get("organization") or self.shelf.people.get(self._token, {}).get("name", "")
        repo_id = f"{owner}/{asked['name']}"
        if not self._may_write(repo_id):
            return
        if repo_id in self.shelf.models:
            self.answer(
                409, {"error": "You already created this model repo", "url": f"http://{self.headers['Host']}/{repo_id}"}
            )
            return
        private = asked.get("visibility") == "private" or asked.get("private") is True
        self.shelf.models[repo_id] = Shelved({}, is_private=private, given_to={self._token})
        self.answer(200, {"url": f"http://{self.headers['Host']}/{repo_id}", "name": repo_id, "id": "1"})

    # -- files --------------------------------------------------------------------------------------------------------

    def _modes(self, repo_id: str, files: list[dict[str, Any]]) -> None:
        if not self._may_write(repo_id):
            return
        there = self.shelf.models[repo_id].files
        said = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if is_large(bytes(file["size"]), file["path"]) else "regular",
                "shouldIgnore": False,
                **({"oid": sum_of(there[file["path"]], file["path"])} if file["path"] in there else {}),
            }
            for file in files
        ]
        self.answer(200, {"files": said, "commitOid": COMMIT})

    def _batch(self, repo_id: str, objects: list[dict[str, Any]]) -> None:
        if not self._may_write(repo_id):
            return
        address = f"http://{self.headers['Host']}/lfs"
        said = [
            {
                **each,
                **(
                    {}
                    if each["oid"] in self.shelf.stored
                    else {"actions": {"upload": {"href": f"{address}/{each['oid']}"}}}
                ),
            }
            for each in objects
        ]
        self.answer(200, {"transfer": "basic", "objects": said})

    def _commit(self, repo_id: str, lines: list[dict[str, Any]]) -> None:
        if not self._may_write(repo_id):
            return
        if self.shelf.status_of_commit != 200:
            self.answer(self.shelf.status_of_commit, {"error": "The repository is over its quota."})
            return
        repo = self.shelf.models[repo_id]
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "header":
                    self.shelf.commits.append(value["summary"])
                case "file":
                    repo.files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    repo.files[value["path"]] = self.shelf.stored[value["oid"]]
                case "deletedFile":
                    del repo.files[value["path"]]
        self.answer(200, {"commitUrl": f"http://{self.headers['Host']}/{repo_id}/commit/{COMMIT}", "commitOid": COMMIT})

    def row(self, repo_id: str, repo: Shelved) -> dict[str, Any]:
        """With the tags that the head of its card names, as the Hub reads them."""
        row = super().row(repo_id, repo)
        head = repo.files.get("README.md", b"").decode().split("---")
        lines = head[1].splitlines() if len(head) > 2 else []
        row["tags"] = [*row["tags"], *(line.removeprefix("- ") for line in lines if line.startswith("- "))]
        return row


TOKEN = "hf_of_a_person_who_may_write"


@contextmanager
def desk_open(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A Hub that somebody's token, kept in a keyring, may write to."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(empty_cache_at(home, monkeypatch)))
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    try:
        hub_token.keep(TOKEN)
        desk = Desk(people={TOKEN: person()})
        with shelf_served(desk, monkeypatch, DeskHandler):
            yield desk
    finally:
        keyring.set_keyring(before)
