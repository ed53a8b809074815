"""Tokenizers as transformers builds them, kept in files of the program's own, so that the window needs no transformers.

transformers rebuilds some tokenizers from their parts, whatever their tokenizer.json says; answers are generated with
what it builds. The engine writes that into a file once for each state of a model's tokenizer files.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from workbench.core import places
from workbench.core.installed import version_of
from workbench.core.job import launch
from workbench.core.model.adapter_folder import find_model
from workbench.core.problems import UserError
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts
from workbench.core.whole_file import write_whole

FORMAT = 1
MAKER = "workbench.engine.model.tokenizer_file"
MAKER_SECONDS = 300  # a tokenizer of 256 000 tokens without its tokenizer.json takes a minute to be converted
MOST_KEPT = 20  # of up to 30 MB
# Whatever in a model's folder decides how a text is split, which tokens are special and what a chat looks like.
_PATTERNS = (
    "config.json", "generation_config.json", "tokenizer*.json", "special_tokens_map.json", "added_tokens.json",
    "vocab*", "merges*", "*.model", "*.tiktoken", "*tekken*.json", "chat_template*", "additional_chat_templates/*",
)  # fmt: skip
_OF_MODEL = ("config.json", "generation_config.json")  # which say its ends and the rows of its embedding


def find(folder: Path) -> TextTokenizer | None:
    """A model folder's tokenizer, None until `make` was run for these very files; reads some megabytes.

    Raises UserError where the folder cannot be read.
    """
    path = path_of(folder)
    try:
        return _opened(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make(folder: Path) -> TextTokenizer:
    """A model folder's tokenizer, made in a process of its own where it is not kept yet: a second or more.

    Raises UserError.
    """
    found = find(folder)
    if found is not None:
        return found
    try:
        done = subprocess.run(
            command(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=launch.environment(),
            timeout=MAKER_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UserError(
            f"The tokenizer in {folder} takes longer than {MAKER_SECONDS} s to be read.",
            remedy="Get the model with its tokenizer.json.",
        ) from None
    if done.returncode:
        raise why_not_made(folder, done.stdout)
    found = find(folder)
    if found is None:
        raise UserError(f"The files of {folder} change while they are read.", remedy="Try again once they are whole.")
    return found


def command(folder: Path) -> list[str]:
    """What makes a folder's tokenizer so that `find` finds it."""
    return [sys.executable, "-m", MAKER, str(folder)]


def path_of(folder: Path) -> Path:
    """Where the tokenizer of these very files is kept, by these very libraries. Raises UserError."""
    return places.home() / "tokenizers" / f"{sha256_of(folder)}.tokenizer"


def sha256_of(folder: Path) -> str:
    """Of the folder's tokenizer files and of the libraries that read them. Raises UserError."""
    digest = hashlib.sha256(f"{FORMAT} {version_of('transformers')} {version_of('tokenizers')}".encode())
    try:
        paths = {path for pattern in _PATTERNS for path in folder.glob(pattern) if path.is_file()}
        base = model_of(folder)
        if base != folder:
            paths |= {base / name for name in _OF_MODEL if (base / name).is_file()}
        for path in sorted(paths):
            digest.update(f"\0{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                for piece in _pieces(file):
                    digest.update(piece)
    except OSError as error:
        raise UserError(
            f"The tokenizer in {folder} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    return digest.hexdigest()


def model_of(folder: Path) -> Path:
    """Where the model's own files lie: of an adapter, which has a tokenizer beside it, its base where that is here."""
    if (folder / "config.json").is_file():
        return folder
    try:
        return find_model(folder).folder or folder
    except UserError:
        return folder


def keep(folder: Path, backend: str, facts: TokenizerFacts) -> Path:
    """Writes a folder's tokenizer, whole or not at all: the facts on a line, then the `tokenizers` library's JSON.

    Raises UserError and OSError.
    """
    path = path_of(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {**asdict(facts), "sha256": path.stem, "format": FORMAT}
    write_whole(path, json.dumps(said, ensure_ascii=True) + "\n" + backend)
    _sweep(path.parent)
    return path


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(1_000_000):
        yield piece


@lru_cache(maxsize=2)
def _opened(path: Path, _changed_ns: int) -> TextTokenizer:
    """Raises OSError, ValueError, KeyError and TypeError for what is not a kept tokenizer."""
    line, _, backend = path.read_bytes().partition(b"\n")
    said = json.loads(line)
    if said.pop("format") != FORMAT:
        raise ValueError(f"{path} is of another format")
    facts = TokenizerFacts(**{**said, "end_ids": tuple(said["end_ids"])})
    try:
        return TextTokenizer(Tokenizer.from_buffer(backend), facts)
    except Exception as error:  # the library raises Exception itself
        raise ValueError(str(error)) from None


def _sweep(folder: Path) -> None:
    """Leaves the newest MOST_KEPT."""
    with suppress(OSError):
        kept = sorted(folder.glob("*.tokenizer"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[MOST_KEPT:]:
            path.unlink()


def why_not_made(folder: Path, printed: bytes) -> UserError:
    """What the process of `command` said went wrong, by what it printed."""
    try:
        said = json.loads(printed.splitlines()[-1])
        return UserError(said["what"], why=said["why"], remedy=said["remedy"])
    except (ValueError, KeyError, TypeError, IndexError):
        return UserError(
            f"The tokenizer in {folder} cannot be loaded.",
            why="The process that reads it ended without a word.",
            remedy="Get the model's tokenizer files again.",
        )
