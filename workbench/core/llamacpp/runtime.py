"""What runs GGUF files, where it is installed: node and the npm package node-llama-cpp, in a process of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workbench.core import places
from workbench.core.llamacpp.places import VARIABLE, roots
from workbench.core.problems import UserError, shown

PACKAGE = "node-llama-cpp"
HOW_TO = f"`npm install {PACKAGE}` in an empty folder, and that folder in {VARIABLE}, with node on the PATH"
_ENDING_SECONDS = 20  # seconds that it has to end by itself


@dataclass(frozen=True)
class Found:
    """An installed runtime: the program, and the folder in whose node_modules the package lies."""

    node: str
    folder: Path


@dataclass(frozen=True)
class Sampling:
    """How an answer is chosen; at temperature 0 the likeliest token each time."""

    most: int
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition: float = 1.0
    seed: int = 0


def find() -> Found | None:
    """None where none is installed."""
    node = shutil.which("node")
    if node is None:
        return None
    for folder in roots():
        if (folder / "node_modules" / PACKAGE / "package.json").is_file():
            return Found(node, folder.absolute())
    return None


def why_not() -> str:
    """What is to be installed before a GGUF file can be talked to; empty where it is there."""
    return "" if find() is not None else f"No llama.cpp is installed that this program can use: {HOW_TO}."


class Runtime:
    """One GGUF file that answers; ends with the block that it is used in, or by `close`."""

    def __init__(self, path: Path, *, context: int = 4096, threads: int = 0, adapters: Sequence[Path] = ()) -> None:
        """Loads the file, with adapters that are GGUF files too; on half of the processors where no number is given.

        Raises UserError.
        """
        found = find()
        if found is None:
            raise UserError("Nothing that could run a GGUF file is installed.", remedy=f"{HOW_TO}.")
        self._process = subprocess.Popen(
            [found.node, str(places.resources() / "llamacpp" / "runtime.mjs"), str(found.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NODE_LLAMA_CPP_SKIP_DOWNLOAD": "true"},
            text=True,
            encoding="utf-8",
        )
        self._number = 0
        threads = threads or max(1, (os.cpu_count() or 1) // 2)  # two share a core; more wait for each other, spinning
        try:
            self.release = str(self._next(0)["ready"])
            lora = [{"path": str(each), "scale": 1.0} for each in adapters]
            loaded = self._one(load=str(path), context=context, threads=threads, lora=lora)["loaded"]
        except BaseException:
            self.close()
            raise
        self.context, self.tokens = int(loaded["context"]), int(loaded["tokens"])

    def tokenize(self, texts: Sequence[str], *, special: bool = False) -> list[list[int]]:
        """The texts as ids, nothing added; `special` reads special tokens in them as such. Raises UserError."""
        return [list(ids) for ids in self._one(tokenize=list(texts), special=special)["ids"]]

    def ask(self, ids: Sequence[int], how: Sampling, ends: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The answer to a prompt, token by token with its text, until one of the ends. Raises UserError.

        Closing the iterator ends the answer after the token at work.
        """
        number = self._send(
            ask=list(ids),
            most=how.most,
            temperature=how.temperature,
            topP=how.top_p,
            topK=how.top_k,
            repetition=how.repetition,
            seed=how.seed,
            ends=list(ends),
        )
        is_done = False
        try:
            while not is_done:
                answer = self._next(number)
                is_done = "done" in answer
                if not is_done:
                    yield int(answer["id"]), str(answer["text"])
        except UserError:
            is_done = True
            raise
        finally:
            if not is_done:
                self._write({"stop": number})
                while "done" not in self._next(number):
                    pass

    def close(self) -> None:
        """Lets the file go, with the process that has read it."""
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            self._process.wait(_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def _one(self, **request: Any) -> dict[str, Any]:
        return self._next(self._send(**request))

    def _send(self, **request: Any) -> int:
        self._number += 1
        self._write({"number": self._number, **request})
        return self._number

    def _write(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def _next(self, number: int) -> dict[str, Any]:
        """The next answer to a request. Raises UserError where it has failed, or the process has ended."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            try:
                answer = json.loads(line)
            except ValueError:
                continue  # the library's own words
            if not isinstance(answer, dict) or answer.get("number") != number:
                continue
            if "failed" in answer:
                raise UserError(
                    "llama.cpp cannot do it.",
                    why=shown(str(answer["failed"]), 300),
                    remedy="Check that the file is whole, and that memory holds it.",
                )
            return answer
        raise self._ended()

    def _ended(self) -> UserError:
        return UserError(
            "llama.cpp has ended by itself.",
            why=f"Its process said no more; it ended with {self._process.poll()}.",
            remedy=f"Check that {PACKAGE} is whole: {HOW_TO}.",
        )
