"""A repository of the Hugging Face Hub by its name: a model's "org/name", a dataset's "datasets/org/name"."""

from dataclasses import dataclass
from typing import Literal

from workbench.core.problems import UserError, shown

DATASETS = "datasets/"
LONGEST_REVISION = 250  # characters: a branch is a file in the cache
LONGEST_NAME = 96  # characters, without the owner: huggingface_hub 2.4, utils/_validators.py


def is_revision(text: str) -> bool:
    """Whether it can be a branch, tag or commit of git, whose name is also that of a file in the cache."""
    parts = text.split("/")
    is_plain = all(sign.isprintable() and sign not in '\\:?*[^~ "<>|' for sign in text)
    return (
        is_plain and len(text) <= LONGEST_REVISION and all(part and ".." not in part and part != "." for part in parts)
    )


@dataclass(frozen=True)
class Repo:
    """One repository; `id` is what the Hub calls it within its kind."""

    kind: Literal["model", "dataset"]
    id: str

    @classmethod
    def of(cls, name: str) -> "Repo":
        """What a recipe or a command line names. Raises UserError where it can be neither."""
        kind: Literal["model", "dataset"] = "dataset" if name.startswith(DATASETS) else "model"
        repo_id = name.removeprefix(DATASETS) if kind == "dataset" else name
        words = repo_id.split("/")
        is_plain = all(word and all(sign.isalnum() or sign in "._-" for sign in word) for word in words)
        if not is_plain or len(words) > 2 or len(words[-1]) > LONGEST_NAME or ".." in repo_id or "--" in repo_id:
            raise UserError(
                f'"{shown(name)}" is not a name of the Hub.',
                remedy="Write org/name for a model, or datasets/org/name for a dataset.",
            )
        return cls(kind, repo_id)

    @property
    def name(self) -> str:
        return DATASETS + self.id if self.kind == "dataset" else self.id

    @property
    def folder_name(self) -> str:
        """Of its folder in the shared cache: models--org--name."""
        return f"{self.kind}s--{self.id.replace('/', '--')}"
