"""One setting as it is declared: all that a form row, a command line, a commented file or a check asks of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field

Condition = Mapping[str, tuple[Any, ...]]


def setting(
    default: Any,
    *,
    title: str,
    help: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    applies: Condition | None = None,
) -> Any:
    """Declares a field of a recipe section.

    `applies` maps the path of another setting to the values under which this one means something. `choices` is for text
    whose values are too many for a Literal.
    """
    return Field(
        default,
        title=title,
        description=help,
        ge=minimum,
        le=maximum,
        pattern=rf"^(?:{'|'.join(choices)})$" if choices else None,
        # A number or a switch is not read out of text: "16" for 16 is a mistake to be shown.
        strict=True if isinstance(default, bool | int | float) else None,
        json_schema_extra={
            "unit": unit,
            "minimum": minimum,
            "maximum": maximum,
            "choices": list(choices),
            "applies": {path: list(values) for path, values in (applies or {}).items()},
        },
    )


@dataclass(frozen=True)
class Setting:
    """A declared setting, read off its section's field."""

    path: str
    kind: str  # "switch", "choice", "integer", "number", "text" or "list"
    default: Any
    title: str
    help: str
    unit: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    applies: Condition

    @property
    def section(self) -> str:
        return self.path.partition(".")[0]

    @property
    def name(self) -> str:
        return self.path.partition(".")[2]

    @property
    def range_in_words(self) -> str:
        """What values are taken, such as "1 to 1024" or "nf4, fp4"."""
        if self.choices and len(self.choices) <= 12:
            return ", ".join(self.choices)
        if self.kind == "switch":
            return "true or false"
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is not None and self.maximum is not None:
            return f"{_plain(self.minimum)} to {_plain(self.maximum)}{unit}"
        if self.minimum is not None:
            return f"{_plain(self.minimum)} or more{unit}"
        return self.unit


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def _kind(annotation: Any) -> str:
    if annotation is bool:
        return "switch"
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple:
        return "list"
    return {int: "integer", float: "number", str: "text"}[annotation]


def declared(section: str, model: type[BaseModel]) -> list[Setting]:
    """The settings a section declares, in order."""
    found = []
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        assert isinstance(extra, dict), f"{section}.{name} is not declared with setting()"
        facts: dict[str, Any] = dict(extra)
        literal = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        found.append(
            Setting(
                path=f"{section}.{name}",
                kind="choice" if facts["choices"] else _kind(field.annotation),
                default=field.default,
                title=field.title or name,
                help=field.description or "",
                unit=facts["unit"],
                minimum=facts["minimum"],
                maximum=facts["maximum"],
                choices=tuple(literal) or tuple(facts["choices"]),
                applies={path: tuple(values) for path, values in facts["applies"].items()},
            )
        )
    return found
