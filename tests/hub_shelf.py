"""A Hub of this machine with models and datasets on it: search, listing, files by ranges, access, and its faults."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
from huggingface_hub import constants
from safetensors.numpy import save

from tests.hub_server import COMMIT, HubHandler, serving

LFS_BYTES = 4000  # the Hub keeps what is larger, and weights, beside git
SMALL_CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "vocab_size": 16,
    "max_position_embeddings": 32,
    "tie_word_embeddings": True,
}


def small_model(weights: int = 50_000) -> dict[str, bytes]:
    """The files of a model that is none of transformers', but lists and loads as one; `weights` numbers."""
    numbers = np.arange(weights, dtype=np.float32)
    return {
        "config.json": json.dumps(SMALL_CONFIG).encode(),
        "model.safetensors": save({"model.embed_tokens.weight": numbers}),
        "tokenizer.json": b"{}",
        "README.md": b"---\nlicense: apache-2.0\n---\n# A model\n",
    }


@dataclass
class Shelved:
    """One repository.

    Attributes:
        branches: The files of branches other than main, by their names.
        given_to: The tokens to which a gated or private one is open; `refused` and `waiting` are of gated ones.
    """

    files: dict[str, bytes]
    gated: str = ""
    is_private: bool = False
    licence: str = "apache-2.0"
    downloads: int = 10
    task: str = "text-generation"
    branches: dict[str, dict[str, bytes]] = field(default_factory=dict)
    given_to: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    config: dict[str, object] = field(default_factory=dict)  # what a listing says of it beside model_type

    def commit_of(self, revision: str) -> str:
        """Empty where there is no such revision."""
        if revision in ("main", COMMIT):
            return COMMIT
        known = {hashlib.sha1(name.encode()).hexdigest(): name for name in self.branches}
        return revision if revision in known else next((sha for sha, name in known.items() if name == revision), "")

    def files_of(self, revision: str) -> dict[str, bytes]:
        commit = self.commit_of(revision)
        named = {hashlib.sha1(name.encode()).hexdigest(): files for name, files in self.branches.items()}
        return named.get(commit, self.files)


@dataclass
class Shelf:
    """What the Hub has, what goes wrong there, and what it was asked."""

    models: dict[str, Shelved] = field(default_factory=dict)
    datasets: dict[str, Shelved] = field(default_factory=dict)
    # Each is used up by one question for a file.
    breaks_after: list[int] = field(default_factory=list)  # bytes of an answer
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    damaged: dict[str, int] = field(default_factory=dict)  # how often a file comes with a wrong byte
    gives_ranges: bool = True
    bytes_per_second: float = 0.0  # 0: as fast as it can
    silences: list[float] = field(default_factory=list)  # seconds before an answer with a file
    store: str = ""  # the address of another server that has the files, as the Hub's own
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)  # method, path, range, authorization
    lock: threading.Lock = field(default_factory=threading.Lock)

    def files_asked(self) -> list[tuple[str, str]]:
        """The names and ranges of the files that were asked for."""
        return [
            (path.partition("/resolve/")[2].partition("/")[2], ranges)
            for method, path, ranges, _ in self.asked
            if method == "GET" and "/resolve/" in path
        ]


def sum_of(data: bytes, name: str) -> str:
    """What the Hub knows a file by."""
    if is_large(data, name):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def is_large(data: bytes, name: str) -> bool:
    return len(data) > LFS_BYTES or name.endswith((".safetensors", ".parquet", ".bin"))


class ShelfHandler(HubHandler):
    """Answers from a shelf, as the Hub's own server words it."""

    shelf: Shelf
    message = ""  # what the next refusal says

    def do_GET(self) -> None:
        parsed = urlsplit(self.path)
        path, query = unquote(parsed.path), parse_qs(parsed.query)
        with self.shelf.lock:
            self.shelf.asked.append(
                (self.command, path, self.headers.get("Range", ""), self.headers.get("Authorization", ""))
            )
        match path.strip("/").split("/"):
            case ["api", "models"]:
                self._search(query)
            case ["api", "whoami-v2"]:
                self.answer(200, {"name": "somebody", "type": "user"})
            case ["api", ("models" | "datasets") as kind, owner, name, *rest]:
                self._facts(kind, f"{owner}/{name}", rest)
            case ["datasets", owner, name, "resolve", revision, *file]:
                self._file("datasets", f"{owner}/{name}", revision, "/".join(file))
            case [owner, name, "resolve", revision, *file]:
                self._file("models", f"{owner}/{name}", revision, "/".join(file))
            case _:
                self.answer(404, {"error": "Not found"})

    do_HEAD = do_GET

    # -- facts --------------------------------------------------------------------------------------------------------

    def _search(self, query: dict[str, list[str]]) -> None:
        wanted = query.get("search", [""])[0].lower()
        author = query.get("author", [""])[0]
        licence = query.get("filter", [""])[0].removeprefix("license:")
        task = query.get("pipeline_tag", [""])[0]
        rows = [
            self.row(model_id, model)
            for model_id, model in self.shelf.models.items()
            if wanted in model_id.lower()
            and author in ("", model_id.partition("/")[0])
            and licence in ("", model.licence)
            and task in ("", model.task)
            and not model.is_private
        ]
        if query.get("sort"):
            rows.sort(key=lambda row: str(row[query["sort"][0]]).zfill(24), reverse=True)
        self.answer(200, rows[: int(query.get("limit", ["1000"])[0])])

    def row(self, repo_id: str, repo: Shelved) -> dict[str, Any]:
        counted: dict[str, int] = {}
        for name, data in repo.files.items():
            if name.endswith(".safetensors"):
                size = int.from_bytes(data[:8], "little")
                header = json.loads(data[8 : 8 + size])
                header.pop("__metadata__", None)
                for tensor in header.values():
                    numbers = int(np.prod(tensor["shape"]))
                    counted[tensor["dtype"]] = counted.get(tensor["dtype"], 0) + numbers
        return {
            "id": repo_id,
            "sha": COMMIT,
            "downloads": repo.downloads,
            "likes": 3,
            "gated": repo.gated or False,
            "private": repo.is_private,
            "pipeline_tag": repo.task,
            "lastModified": "2026-01-02T03:04:05.000Z",
            "tags": [f"license:{repo.licence}", *(["safetensors"] if counted else [])],
            "cardData": {"license": repo.licence},
            "config": {"model_type": "llama", **repo.config},
            "siblings": [{"rfilename": name} for name in repo.files],
            **({"safetensors": {"parameters": counted, "total": sum(counted.values())}} if counted else {}),
        }

    def _facts(self, kind: str, repo_id: str, rest: list[str]) -> None:
        repo = self._found(kind, repo_id)
        if repo is None:
            return
        match rest:
            case ["auth-check"]:
                if self._may_read(repo, repo_id):
                    self.answer(200, {})
            case []:
                self._listing(repo_id, repo, "main")
            case ["revision", *revision]:
                self._listing(repo_id, repo, "/".join(revision))
            case ["tree", revision, *_]:
                files = repo.files_of(revision)
                self.answer(200, [self._entry(name, data) for name, data in files.items()])
            case _:
                self.answer(404, {"error": "Not found"})

    def _listing(self, repo_id: str, repo: Shelved, revision: str) -> None:
        commit = repo.commit_of(revision)
        if not commit:
            self.answer(404, {"error": f"Invalid rev id: {revision}"}, "RevisionNotFound")
            return
        siblings = []
        for name, data in repo.files_of(revision).items():
            row: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": _git_sum(data)}
            if is_large(data, name):
                row["lfs"] = {"size": len(data), "sha256": sum_of(data, name), "pointerSize": 134}
            siblings.append(row)
        self.answer(200, {**self.row(repo_id, repo), "sha": commit, "siblings": siblings})

    @staticmethod
    def _entry(name: str, data: bytes) -> dict[str, Any]:
        row: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": _git_sum(data)}
        if is_large(data, name):
            row["lfs"] = {"size": len(data), "oid": sum_of(data, name), "pointerSize": 134}
        return row

    # -- access -------------------------------------------------------------------------------------------------------

    @property
    def _token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def _found(self, kind: str, repo_id: str) -> Shelved | None:
        shelf = self.shelf.models if kind == "models" else self.shelf.datasets
        repo = shelf.get(repo_id)
        if repo is None or (repo.is_private and self._token not in repo.given_to):
            # Whoever is not logged in is not told what there is (huggingface_hub 2.4, utils/_http.py).
            self.answer(404 if self._token else 401, {"error": "Repository not found"}, "RepoNotFound")
            return None
        return repo

    def _may_read(self, repo: Shelved, repo_id: str) -> bool:
        if not repo.gated or self._token in repo.given_to:
            return True
        said = f"Access to model {repo_id} is restricted and you are not in the authorized list."
        if self._token in repo.refused:
            said = f"Your request to access model {repo_id} has been rejected by the repo's authors."
        elif self._token in repo.waiting:
            said = f"Your request to access model {repo_id} is awaiting a review from the repo authors."
        self.answer(403 if self._token else 401, {"error": said}, "GatedRepo", said)
        return False

    def answer(self, status: int, document: object, error: str = "", message: str = "") -> None:
        self.message = message
        super().answer(status, document, error)

    def end_headers(self) -> None:
        if self.message:
            self.send_header("X-Error-Message", self.message)
            self.message = ""
        super().end_headers()

    # -- files --------------------------------------------------------------------------------------------------------

    def _file(self, kind: str, repo_id: str, revision: str, name: str) -> None:
        repo = self._found(kind, repo_id)
        if repo is None or not self._may_read(repo, repo_id):
            return
        commit = repo.commit_of(revision)
        data = repo.files_of(revision).get(name)
        if not commit:
            self.answer(404, {}, "RevisionNotFound")
            return
        if data is None:
            self.answer(404, {}, "EntryNotFound")
            return
        if self.shelf.store and self.headers.get("Host", "") not in self.shelf.store:
            self._say_status(302, {"Location": f"{self.shelf.store}{self.path}"})
            return
        fault = self._fault(name)
        if isinstance(fault, tuple):
            self._say_status(*fault)
            return
        first, last = 0, len(data) - 1
        ranges = self.headers.get("Range", "")
        is_part = bool(ranges) and self.shelf.gives_ranges
        if is_part:
            begin, _, end = ranges.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end or last), last)
            if first > last:
                self._say_status(416, {})
                return
        body = data[first : last + 1]
        if fault == "damaged":
            body = bytes([body[0] ^ 1]) + body[1:]
        self.send_response(206 if is_part else 200)
        if is_part:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Repo-Commit", commit)
        self.send_header("ETag", f'"{sum_of(data, name)}"')
        self.send_header("Accept-Ranges", "bytes")
        if is_large(data, name):
            self.send_header("X-Linked-Size", str(len(data)))
            self.send_header("X-Linked-Etag", f'"{sum_of(data, name)}"')
        self.end_headers()
        if self.command == "GET":
            self._write(body[:fault] if isinstance(fault, int) else body)
            if isinstance(fault, int) and fault < len(body):
                self.close_connection = True

    def _fault(self, name: str) -> int | str | tuple[int, dict[str, str]] | None:
        """What goes wrong with this answer: it ends after some bytes, is damaged, or is a refusal."""
        with self.shelf.lock:
            if self.command != "GET":
                return None
            silence = self.shelf.silences.pop(0) if self.shelf.silences else 0.0
        time.sleep(silence)
        with self.shelf.lock:
            if self.shelf.statuses:
                return self.shelf.statuses.pop(0)
            if self.shelf.damaged.get(name, 0):
                self.shelf.damaged[name] -= 1
                return "damaged"
            return self.shelf.breaks_after.pop(0) if self.shelf.breaks_after else None

    def _say_status(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for title, value in headers.items():
            self.send_header(title, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _write(self, body: bytes) -> None:
        pace = self.shelf.bytes_per_second
        step = max(1, int(pace / 20)) if pace else len(body) or 1
        for start in range(0, len(body), step):
            try:
                self.wfile.write(body[start : start + step])
            except OSError:
                self.close_connection = True
                return  # whoever asked has gone
            if pace:
                time.sleep(0.05)


def _git_sum(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@contextmanager
def shelf_served(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, answering: type[ShelfHandler] = ShelfHandler
) -> Iterator[str]:
    """The shelf as the Hub, for processes that are started and for this one, where the library is imported already."""
    handler: type[ShelfHandler] = type("Handler", (answering,), {"shelf": shelf})
    with serving(handler) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield address


def cached_files(snapshot: Path) -> dict[str, bytes]:
    return {path.relative_to(snapshot).as_posix(): path.read_bytes() for path in snapshot.rglob("*") if path.is_file()}
