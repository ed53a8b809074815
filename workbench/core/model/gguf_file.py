"""GGUF files, which cannot be trained on but may be converted: where they are, and where their models go."""

from pathlib import Path

from workbench.core import places
from workbench.core.problems import UserError

SUFFIX = ".gguf"
MAGIC = b"GGUF"


def gguf_in(path: Path) -> Path | None:
    """The GGUF file that a path names, or the first in a folder that it names; None where there is none."""
    if path.suffix.lower() == SUFFIX and path.is_file():
        return path
    if not path.is_dir():
        return None
    return next((each for each in sorted(path.iterdir()) if each.suffix.lower() == SUFFIX and each.is_file()), None)


def check(path: Path) -> None:
    """Raises UserError for what does not begin as a GGUF file, and for one of several pieces; and OSError."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start != MAGIC:
        raise UserError(f"{path} is not a GGUF file: it does not begin as one.", remedy="Download it again.")
    if "-of-" in path.stem and path.stem.rpartition("-of-")[2].isdecimal():
        raise UserError(
            f"{path.name} is one of several pieces.",
            remedy="Join them first, with llama-gguf-split --merge, or take the model's own safetensors.",
        )


def converted_to(path: Path) -> Path:
    """Where a file's model goes where nothing else is said: among the program's own."""
    return places.models() / path.stem


def refusal(path: Path) -> UserError:
    """What is said of a model source that is a GGUF file."""
    return UserError(
        f"{path} is a GGUF file, which cannot be trained on.",
        why="Its numbers are packed for inference alone.",
        remedy=f"`workbench convert {path}` writes it as a model folder, {converted_to(path)}, which can.",
    )
