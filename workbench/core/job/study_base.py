"""What every study has: what is asked of it, and what it finds."""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from workbench.core.job.event_base import EventBase
from workbench.core.recipe import text as recipe_text


class Asked(BaseModel):
    """What is asked of a job other than a training.

    Attributes:
        needs_torch: Whether its engine imports PyTorch, which takes seconds that a phase shows.
        is_passing: Whether only the newest of its kind is shown again: older ones go when another is made.
        room: The folder of the engine that does it.
    """

    # Built with the first study: a window that shows none does without.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    needs_torch: ClassVar[bool] = True
    is_passing: ClassVar[bool] = False
    room: ClassVar[str] = "study"

    def as_toml(self) -> str:
        """What is asked, as job.toml keeps it below [job]."""
        asked = "\n".join(f"{name} = {recipe_text.literal(value)}" for name, value in self if name != "kind")
        return f"[ask]\n{asked}\n"

    @classmethod
    def from_tables(cls, tables: dict[str, Any]) -> Self:
        """What a job.toml's tables ask. Raises KeyError, ValidationError and UserError."""
        return cls.model_validate(tables["ask"])

    @property
    def about(self) -> str:
        """What its folder is named after."""
        raise NotImplementedError


class Finding(EventBase):
    """What a study found."""

    def in_words(self) -> str:
        """What was found, for a line of a log."""
        raise NotImplementedError
