"""One change to rows that are being written: what it did, step by step, so that it can be undone and done again."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

ChangeKind = Literal["edited", "added", "duplicated", "deleted", "pasted", "replaced", "reverted"]


class _Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Put(_Step):
    """A row's value; None is a row that is not written yet, or stands as it was in the file."""

    do: Literal["put"] = "put"
    row: int
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue] | None


class Insert(_Step):
    """Rows come to stand at these positions, which are those after it, ascending."""

    do: Literal["insert"] = "insert"
    positions: list[int]
    rows: list[int]


class Remove(_Step):
    """Rows go from these positions, which are those before it, ascending."""

    do: Literal["remove"] = "remove"
    positions: list[int]
    rows: list[int]


Step = Annotated[Put | Insert | Remove, Field(discriminator="do")]


class Change(BaseModel):
    """An entry of the list of changes.

    Attributes:
        at: Seconds since 1970.
        numbers: The rows it is about, as they are numbered for a person: the first few.
        count: How many there are.
        field: The text that was written, such as "completion"; empty where it is about whole rows.
        copies: The numbers that duplicated rows got.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: ChangeKind
    at: float
    numbers: list[int]
    count: int
    field: str = ""
    copies: list[int] = Field(default_factory=list)
    steps: list[Step]

    def in_words(self) -> str:
        """For a list of changes, such as "row 4, completion" or "row 5 duplicated to 414"."""
        one = self.count == 1
        rows = f"row {self.numbers[0]}" if one else f"{self.count:,} rows".replace(",", " ")
        match self.kind:
            case "edited":
                is_turn = self.field.isdecimal()  # its index
                return f"{rows}, {f'turn {int(self.field) + 1}' if is_turn else self.field}"
            case "duplicated":
                return f"{rows} duplicated to {self.copies[0]}" if one else f"{rows} duplicated"
            case "reverted":
                return f"{rows} as {'it was' if one else 'they were'}"
        return f"{rows} {self.kind}"
