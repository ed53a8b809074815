"""Recipes as text: the commented TOML file, and single settings as a command line gives them."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.core.problems import UserError, nearest
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.recipe.setting import Setting

# Same text in TOML and in JSON: strings, numbers, booleans, lists of strings.
LONGEST_SHOWN = 80
# A recipe with its comments has 6 kB. Text of this size is parsed in 0.3 s, one of 500 MB in minutes.
MOST_CHARACTERS = 1_000_000
_SWITCH_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def to_toml(recipe: Recipe) -> str:
    """The recipe as TOML, each setting under its help, unit and range, those that do not apply with what they wait for.

    A setting that means nothing now keeps its value: opened again, it is there when another setting is put back.
    """
    lines: list[str] = []
    section = ""
    for path, entry in settings().items():
        if entry.section != section:
            section = entry.section
            model = Recipe.model_fields[section].annotation
            assert isinstance(model, type)
            lines += ["", f"# {(model.__doc__ or '').strip()}", f"[{section}]"]
        allowed = f" ({entry.range_in_words})" if entry.range_in_words else ""
        lines.append(f"# {entry.title}: {entry.help}{allowed}")
        if not recipe.applies(path):
            lines.append(f"# Does not apply while {_hindrance(recipe, entry)}.")
        lines.append(f"{entry.name} = {literal(recipe.value(path))}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _hindrance(recipe: Recipe, entry: Setting) -> str:
    """The other settings' values under which this one means nothing."""
    held = {path: recipe.value(path) for path, values in entry.applies.items() if recipe.value(path) not in values}
    return " and ".join(f"{path} = {literal(value)}" for path, value in held.items())


def literal(value: Any) -> str:
    """A setting's value as TOML."""
    # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False).replace("\x7f", "\\u007f")


def from_toml(text: str, *, name: str) -> Recipe:
    """The recipe a TOML text describes; a setting left out has its default. Raises UserError, which names `name`."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"{name} is not valid TOML: {error}.", remedy="Mend that line and start again.") from None
    tables.pop("job", None)  # a run folder's job.toml says there what kind of job it is
    return from_tables(tables, name=name)


def read(path: Path) -> Recipe:
    """The recipe in a file. Raises UserError."""
    try:
        with path.open(encoding="utf-8-sig") as file:  # some editors write a byte order mark
            text = file.read(MOST_CHARACTERS + 1)
    except FileNotFoundError:
        raise UserError(f"There is no recipe at {path}.", remedy="Check the path.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text.", remedy="A recipe is a TOML file.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    if len(text) > MOST_CHARACTERS:
        raise UserError(f"{path} is larger than a recipe can be.", remedy="Check the path.")
    return from_toml(text, name=path.name)


def from_tables(tables: dict[str, Any], *, name: str) -> Recipe:
    """The recipe that nested tables describe. Raises UserError naming the first setting that is wrong."""
    sections = list(Recipe.model_fields)
    for section, values in tables.items():
        if section not in sections:
            raise UserError(f'{name} has an unknown section "{section}".{nearest(section, sections)}')
        if not isinstance(values, dict):
            raise UserError(f'{name}: "{section}" has to be a section, [{section}].')
        for key in values:
            if f"{section}.{key}" not in settings():
                names = [entry.name for entry in settings().values() if entry.section == section]
                raise UserError(f'{name} has an unknown setting "{section}.{key}".{nearest(key, names)}')
    try:
        return Recipe.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"][:2])
        raise UserError(_value_error(path, first["input"], name)) from None


def _value_error(path: str, given: Any, name: str) -> str:
    entry = settings().get(path)
    if entry is None:
        return f"{name}: {path} is not what a recipe holds there."
    near = nearest(str(given), list(entry.choices)) if entry.choices else ""
    allowed = f" It takes {entry.range_in_words}." if entry.range_in_words else f" It takes a {entry.kind}."
    shown = json.dumps(given, default=str)
    if len(shown) > LONGEST_SHOWN:
        shown = shown[:LONGEST_SHOWN] + "…"
    return f"{name}: {path} cannot be {shown}.{allowed}{near}"


def assigned(assignment: str, rule: str) -> tuple[Setting, str]:
    """The setting of `path=text`, and the text. Raises UserError, with the `rule` where there is none."""
    path, equals, text = assignment.partition("=")
    path = path.strip()
    if not equals:
        raise UserError(f'{rule}, and was given "{assignment}".')
    entry = settings().get(path)
    if entry is None:
        raise UserError(f'There is no setting "{path}".{nearest(path, list(settings()))}')
    return entry, text


def with_overrides(recipe: Recipe, assignments: Iterable[str]) -> Recipe:
    """The recipe with settings replaced as `--set lora.rank=32` gives them. Raises UserError."""
    tables: dict[str, dict[str, Any]] = recipe.model_dump()
    for assignment in assignments:
        entry, text = assigned(assignment, "--set takes path=value, such as lora.rank=32")
        section, _, name = entry.path.partition(".")
        tables[section][name] = parsed_value(entry, text.strip())
    return from_tables(tables, name="--set")


def parsed_value(entry: Setting, text: str) -> Any:
    """`text` as the setting's type where it reads as one; otherwise the text, for the model to refuse."""
    if entry.kind == "switch":
        return _SWITCH_WORDS.get(text.lower(), text)
    if entry.kind == "list" and text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if entry.kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if entry.kind in ("integer", "number"):
        try:
            return int(text) if entry.kind == "integer" else float(text)
        except ValueError:
            return text
    return text
