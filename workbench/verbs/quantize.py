"""The verb `quantize`: what a quantized format makes of a row of values, of a tensor, or of a model."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core.model.stored_tensor import StoredTensor, open_tensors
from workbench.core.problems import UserError, nearest, shortened, shown
from workbench.core.quantized.model import matrices, measured, write_csv
from workbench.core.quantized.tensor import measure
from workbench.core.quantized.tensor_facts import TensorFacts
from workbench.core.quantized.values import QuantizedValues, quantize_values, read_values
from workbench.numerics.quantization_error import ErrorMeasures
from workbench.numerics.quantization_scheme import SCHEMES, WITH_BLOCKS, Scheme, SchemeError, find_scheme, listed
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

WORST_SHOWN = 10
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def quantize(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="A model folder or a safetensors file; after --to also further formats."),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="FORMAT ...", help=f"One or more of {', '.join(SCHEMES)}."),
    ] = None,
    tensor: Annotated[str | None, typer.Option("--tensor", metavar="NAME", help="One tensor of the file.")] = None,
    values: Annotated[
        str | None, typer.Option("--values", metavar="NUMBERS", help='A row of numbers instead: "1.2, -0.5, 3".')
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Every matrix of the file.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="OUT", help="Write a line a tensor and format.")] = None,
    block_size: Annotated[
        int | None,
        typer.Option("--block-size", metavar="N", help=f"Numbers that share an absmax in {listed(WITH_BLOCKS)}."),
    ] = None,
    double_quant: Annotated[
        bool, typer.Option("--double-quant", help=f"Quantize the absmax values of {listed(WITH_BLOCKS)} too.")
    ] = False,
    json: Json = False,
) -> None:
    """Quantize a row of values, a tensor or every matrix of a model, and measure the error."""
    given = list(words or [])
    file = None if values is not None else (given.pop(0) if given else None)
    schemes = _schemes([*(to or []), *given], block_size, double_quant=double_quant)
    if csv is not None and not all:
        raise UserError("--csv is for a whole file.", remedy="Add --all.")
    if values is not None:
        if tensor is not None or all:
            raise UserError("--values are quantized by themselves.", remedy="Leave out --tensor and --all.")
        rows = [quantize_values(read_values(values), scheme) for scheme in schemes]
        if json:
            terminal.printed(_one_or_all([row.row() for row in rows]))
        else:
            _show_values(rows)
        return
    if file is None:
        raise UserError(
            "There is nothing to quantize.",
            remedy='Name a model folder or a safetensors file, or give --values "1.2, -0.5, 3".',
        )
    tensors = open_tensors(Path(file).expanduser())
    if all:
        if tensor is not None:
            raise UserError("--all and --tensor contradict each other.", remedy="Leave out one of them.")
        _quantize_all(file, tensors, schemes, csv, json=json)
        return
    facts = measure(_named(tensors, tensor), schemes)
    if json:
        terminal.printed(_one_or_all([fact.row() for fact in facts]))
    else:
        _show_facts(facts)


def _schemes(names: Sequence[str], block_size: int | None, *, double_quant: bool) -> list[Scheme]:
    found: dict[Scheme, None] = {}
    try:
        chosen = [find_scheme(name) for words in names for name in words.split(",") if name.strip()]
        if not chosen:
            raise UserError("Into what is to be quantized?", remedy=f"Add --to with {', '.join(SCHEMES)}.")
        takes_blocks = [scheme for scheme in chosen if scheme.has_choice_of_blocks]
        for scheme in chosen:
            if scheme in takes_blocks or not takes_blocks:  # where none takes it, the first says so
                scheme = scheme.with_blocks(block_size, double_quant=double_quant)
            found[scheme] = None
    except SchemeError as error:
        raise UserError(str(error)) from None
    return list(found)


def _named(tensors: Sequence[StoredTensor], name: str | None) -> StoredTensor:
    names = [tensor.name for tensor in tensors]
    if name is None:
        if len(tensors) == 1:
            return tensors[0]
        raise UserError(
            f"There are {len(tensors):,} tensors.",
            remedy=f'Name one, such as --tensor "{shown(names[0])}", or add --all.',
        )
    for tensor in tensors:
        if tensor.name == name:
            return tensor
    raise UserError(f'There is no tensor "{shown(name)}".{shown(nearest(name, names), 200)}', remedy="Check the name.")


def _quantize_all(
    file: str, tensors: Sequence[StoredTensor], schemes: Sequence[Scheme], csv: Path | None, *, json: bool
) -> None:
    chosen = matrices(tensors)
    if not chosen:
        raise UserError(f"{shown(file, 300)} holds no matrix of floating-point numbers.", remedy="Choose another file.")
    facts: list[TensorFacts] = []
    with terminal.errors.status("") as status:
        for number, found in enumerate(measured(chosen, schemes), 1):
            facts += found
            status.update(f"{number:,} of {len(chosen):,} matrices")
    if csv is not None:
        write_csv(csv, facts)
    if json:
        terminal.printed([fact.row() for fact in facts])
        return
    for scheme in schemes:
        _show_worst([fact for fact in facts if fact.scheme == scheme])
    if csv is not None:
        out.print(escape(f"{len(facts):,} lines are in {csv}"), soft_wrap=True)


def _one_or_all(rows: list[dict[str, object]]) -> dict[str, object] | list[dict[str, object]]:
    """One document of one format, as it is asked for most; a list of several."""
    return rows[0] if len(rows) == 1 else rows


def _table(*first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in first:
        table.add_column(title, overflow="fold")
    for title in ("bits/weight", "largest error", "mean error", "RMS error", "SNR", "zeros", "clipped"):
        table.add_column(title, justify="right")
    return table


def _cells(measures: ErrorMeasures | None) -> list[str]:
    if measures is None:
        return []
    return [
        f"{measures.max_abs_error:.4g}",
        f"{measures.mean_abs_error:.4g}",
        f"{measures.rmse:.4g}",
        "" if measures.snr_db is None else f"{measures.snr_db:.1f} dB",
        f"{measures.zeros:.2%}",
        f"{measures.clipped:.2%}",
    ]


def _title(scheme: Scheme) -> str:
    blocks = f", blocks of {scheme.block_size}" if scheme.block_size else ""
    return f"{scheme.title}{blocks}{', double quantization' if scheme.double_quant else ''}"


def _show_facts(facts: Sequence[TensorFacts]) -> None:
    first = facts[0]
    shape = " x ".join(map(str, first.shape))
    out.print(escape(f"{shown(first.name, 200)}: {shape or 'one number'}, stored as {first.stored_dtype}"))
    table = _table("Format")
    for fact in facts:
        table.add_row(escape(_title(fact.scheme)), f"{fact.bits_per_weight:.3f}", *_cells(fact.measures))
    out.print(table)


def _show_worst(facts: Sequence[TensorFacts]) -> None:
    """The matrices with the most noise beside their signal."""
    size = sum(fact.size_bytes for fact in facts)
    numbers = sum(math.prod(fact.shape) for fact in facts)
    out.print(escape(f"{_title(facts[0].scheme)}: {size:,} bytes, {size * 8 / numbers:.3f} bits per weight"))
    known = [fact for fact in facts if fact.measures is not None and fact.measures.snr_db is not None]
    known.sort(key=lambda fact: fact.measures.snr_db or 0.0 if fact.measures else 0.0)
    table = _table("Matrix")
    for fact in known[:WORST_SHOWN]:
        name = escape(shortened(shown(fact.name, 200), 50))
        table.add_row(name, f"{fact.bits_per_weight:.3f}", *_cells(fact.measures))
    out.print(table)
    for fact in facts:
        if fact.problem:
            out.print(escape(f"{shown(fact.name)}: {fact.problem}"), soft_wrap=True)


def _show_values(rows: Sequence[QuantizedValues]) -> None:
    for row in rows:
        scale = f", scale {row.scales[0]:.6g}" if len(row.scales) == 1 else ""
        zero_point = "" if row.zero_point is None else f", zero point {row.zero_point}"
        out.print(escape(f"{_title(row.scheme)}{scale}{zero_point}"))
        table = Table(box=None, pad_edge=False)
        for title in ("Value", "Integer", "Restored", "Error"):
            table.add_column(title, justify="right")
        for place, (value, restored) in enumerate(zip(row.values, row.restored, strict=True)):
            integer = str(row.integers[place]) if row.integers else ""
            table.add_row(f"{value:.6g}", integer, f"{restored:.6g}", f"{restored - value:.3g}")
        out.print(table)
        measures = row.measures
        snr = "" if measures.snr_db is None else f", SNR {measures.snr_db:.1f} dB"
        out.print(f"largest error {measures.max_abs_error:.4g}, mean {measures.mean_abs_error:.4g}{snr}")
