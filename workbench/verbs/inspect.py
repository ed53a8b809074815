"""The verb `inspect`: a number or a code in every format."""

import sys
import textwrap
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from workbench.core.bits.explanation import explanation_of
from workbench.core.bits.inspection import Inspection, field_texts, hexadecimal, inspect_code, inspect_number
from workbench.core.bits.state import WORD, BitsState, named_format, read_code
from workbench.core.problems import UserError, nearest, shown
from workbench.numerics.decimal_text import significant
from workbench.numerics.named_formats import NUMBER_FORMATS
from workbench.numerics.number import Number
from workbench.numerics.number_text import NumberTextError, read_number
from workbench.numerics.rounding import Rounding
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A negative number begins like an option: what is not one of our options is the value.
SETTINGS = {"ignore_unknown_options": True}
OPTIONS = ["--format", "--code", "--rounding", "--seed", "--saturate", "--explain", "--json", "--help"]

# The colours that stand for sign, exponent, fraction, integer and index, as near as a terminal's own come.
COLOURS = {"sign": "yellow", "exponent": "green", "fraction": "blue", "integer": "cyan", "index": "magenta"}

SHOWN_DIGITS = 10
MOST_ULPS_SHOWN = 1_000_000  # a number far beyond the format's end
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True)
class Row:
    """One format's line; `rounding` is None where the code itself was given."""

    inspection: Inspection
    rounding: Rounding | None


def inspect(
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE", help="A number such as 0.1, 1/3, 2^-24, 0xFF or -inf, or a line of the Bits page."
        ),
    ] = None,
    format: Annotated[
        list[str] | None, typer.Option("--format", metavar="F", help="A format, such as fp16 or e4m3; repeatable.")
    ] = None,
    code: Annotated[
        str | None, typer.Option("--code", metavar="0x3F81", help="The bits themselves; needs one --format.")
    ] = None,
    rounding: Annotated[
        str, typer.Option("--rounding", metavar="R", help=f"One of {', '.join(known.slug for known in Rounding)}.")
    ] = Rounding.NEAREST_EVEN.slug,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The seed of stochastic rounding.")] = 0,
    saturate: Annotated[
        bool, typer.Option("--saturate", help="Hold FP8 at its largest value in place of infinity or NaN.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Say how the number becomes the code and the code the value, step by step where a --format is named.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Show a number, or a code, in every format: its bits, its value, its error."""
    if value is not None and value.startswith("--") and value[2:3].isalpha():
        raise UserError(f"There is no option {shown(value, 40)}.{nearest(value, OPTIONS)}")
    if value is not None and value.split()[:1] == [WORD]:
        rows = _rows_of_state(BitsState.from_text(value))
    elif code is not None:
        if len(format or []) != 1:
            raise UserError(
                "A code is read in one format.", remedy=f"Add it: inspect --format FP16 --code {shown(code)}"
            )
        entry = named_format((format or [])[0])
        given = None if value is None else _number(value)
        rows = [Row(inspect_code(entry, read_code(entry, code), given), None)]
    elif value is not None:
        number, how = _number(value), _rounding(rounding)
        chosen = [named_format(name) for name in format or NUMBER_FORMATS]
        rows = [Row(inspect_number(entry, number, how, saturate=saturate, seed=seed), how) for entry in chosen]
    else:
        raise UserError("There is nothing to inspect.", remedy="Give a number, such as `workbench inspect 0.1`.")
    explanations = [explanation_of(row.inspection, row.rounding, is_brief=not format) for row in rows if explain]
    if json:
        documents = [row.inspection.row() for row in rows]
        for document, lines in zip(documents, explanations, strict=False):
            document["explanation"] = list(lines)
        terminal.printed(documents)
    else:
        _print_table([row.inspection for row in rows])
        for lines in explanations:
            _print_explanation(lines)


def _rows_of_state(state: BitsState) -> list[Row]:
    number = read_number(state.value)
    return [
        Row(inspect_code(entry, state.locks[entry.slug], number), None)
        if entry.slug in state.locks
        else Row(
            inspect_number(entry, number, state.rounding, saturate=state.saturate, seed=state.seed), state.rounding
        )
        for entry in state.formats
    ]


def _number(text: str) -> Number:
    try:
        return read_number(text)
    except NumberTextError as error:
        raise UserError(f'"{shown(text, 40)}" is not a number.', why=str(error)) from None


def _rounding(text: str) -> Rounding:
    try:
        return Rounding.named(text)
    except ValueError as error:
        raise UserError(str(error)) from None


def _print_table(inspections: list[Inspection]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("Format", "Bits", "Hex", "Value", "Error", "in ulp", "Class"):
        table.add_column(title, justify="right" if title in ("Error", "in ulp") else "left", overflow="fold")
    for inspection in inspections:
        table.add_row(*_cells(inspection))
    out.print(table)
    for note in dict.fromkeys(inspection.note for inspection in inspections if inspection.note):
        out.print(escape(note), soft_wrap=True)


def _print_explanation(lines: tuple[str, ...]) -> None:
    """The title, and below it, set in, the rest; long lines are broken at the terminal's width."""
    out.print()
    for place, line in enumerate(lines):
        indent, style = ("  ", "") if place else ("", "bold")
        broken = textwrap.fill(line, out.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        out.print(Text(broken, style))


def _cells(inspection: Inspection) -> list[str]:
    entry, code, error = inspection.format, inspection.code, inspection.error
    if code is None or inspection.decoded is None:
        return [escape(entry.name), "", "", "", "", "", "no code"]
    bits = " ".join(f"[{COLOURS[kind]}]{_shortened(text)}[/]" for kind, text in field_texts(entry, code))
    absolute = inspection.row()["error_absolute"]
    in_ulp = error.ulp if error and not inspection.is_exact else None
    return [
        escape(entry.name),
        bits,
        hexadecimal(entry, code)[2:],
        significant(inspection.decoded.number, SHOWN_DIGITS),
        "exact" if inspection.is_exact else "" if absolute is None else f"{absolute:.3g}",
        "" if in_ulp is None or in_ulp > MOST_ULPS_SHOWN else f"{float(in_ulp):.2f}",
        str(inspection.decoded.number_class),
    ]


def _shortened(bits: str) -> str:
    """FP64's fraction would need a line of its own; its hexadecimal digits stand beside it."""
    return bits if len(bits) <= 24 else f"{bits[:12]}\u2026{bits[-8:]}"
