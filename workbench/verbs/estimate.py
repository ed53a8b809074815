"""The verb `estimate`: the memory a run will hold, line by line, and what fits on a card."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core.memory import fitting
from workbench.core.memory.estimate import Estimate
from workbench.core.model import shape as model_shape
from workbench.core.model.named import named_shape
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError, nearest, shown
from workbench.core.recipe import rules
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.named import named_recipe
from workbench.core.recipe.recipe import Recipe
from workbench.core.units import counted, grouped
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

CARDS_GB = (0.1, 100_000)
SHOWN_CHANGES, LEAST_SHOWN_BYTES = 4, 5_000_000
# The setting that each answer of --fit belongs to.
FITTED = {
    "batch": "training.batch_size",
    "sequence": "training.max_length",
    "rank": "lora.rank",
    "precision": "model.precision",
}
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

Text = str | None
Option = typer.Option


def estimate(
    recipe: Annotated[Text, typer.Argument(metavar="RECIPE", help="A recipe file or a built-in recipe.")] = None,
    model: Annotated[
        Text, Option("--model", metavar="ID", help="A model of the catalogue, a model folder, or a Hub id.")
    ] = None,
    config: Annotated[Path | None, Option("--config", metavar="FILE", help="A config.json alone.")] = None,
    method: Annotated[Text, Option("--method", metavar="full|lora", help="All weights, or an adapter.")] = None,
    precision: Annotated[Text, Option("--precision", metavar="P", help="fp32, fp16, bf16, int8, nf4 or fp4.")] = None,
    double_quant: Annotated[
        bool | None, Option("--double-quant/--no-double-quant", help="Quantize the absmax values of 4-bit weights too.")
    ] = None,
    compute_dtype: Annotated[
        Text, Option("--compute-dtype", metavar="T", help="fp32, fp16 or bf16; with fp16 and bf16 weights theirs.")
    ] = None,
    rank: Annotated[Text, Option("--rank", metavar="N", help="Of the adapter.")] = None,
    targets: Annotated[Text, Option("--targets", metavar="LAYERS", help="all-linear, or q_proj,v_proj.")] = None,
    adapter_dtype: Annotated[Text, Option("--adapter-dtype", metavar="T", help="fp32 or bf16.")] = None,
    dropout: Annotated[Text, Option("--dropout", metavar="SHARE", help="Of the adapter's inputs.")] = None,
    batch: Annotated[Text, Option("--batch", metavar="N", help="Rows at once.")] = None,
    sequence: Annotated[Text, Option("--sequence", metavar="N", help="Tokens of a row.")] = None,
    accumulation: Annotated[Text, Option("--accumulation", metavar="N", help="Batches before a step.")] = None,
    optimizer: Annotated[Text, Option("--optimizer", metavar="NAME", help="Such as paged_adamw_8bit.")] = None,
    checkpointing: Annotated[
        bool | None, Option("--checkpointing/--no-checkpointing", help="Compute activations again.")
    ] = None,
    packing: Annotated[
        bool | None, Option("--packing/--no-packing", help="Rows packed into one; without a recipe they are not.")
    ] = None,
    attention: Annotated[Text, Option("--attention", metavar="A", help="sdpa or eager.")] = None,
    logits: Annotated[
        Text,
        Option(
            "--logits",
            metavar="whole|tiles",
            help="Whole, as transformers' own loss makes them, or in tiles, as this program's trainer does on a card: "
            "what a recipe is estimated by.",
        ),
    ] = None,
    set: Annotated[
        list[str] | None, Option("--set", metavar="PATH=VALUE", help="Any other setting; repeatable.")
    ] = None,
    device: Annotated[Text, Option("--device", metavar="D", help="cuda or cpu.")] = None,
    card_gb: Annotated[Text, Option("--card-gb", metavar="N", help="Memory that is free, in GB.")] = None,
    fit: Annotated[
        Text,
        Option("--fit", metavar="WHAT", help="The largest batch, sequence or rank, or highest precision, that fits."),
    ] = None,
    json: Json = False,
) -> None:
    """Say what memory a run will hold, line by line, before it begins."""
    chosen = _recipe(
        recipe,
        {
            "--precision": ("model.precision", precision),
            "--double-quant": ("model.double_quant", _switch(double_quant)),
            "--compute-dtype": ("model.compute_dtype", compute_dtype),
            "--attention": ("model.attention", attention),
            "--method": ("lora.enabled", _method(method)),
            "--rank": ("lora.rank", rank),
            "--targets": ("lora.targets", targets),
            "--adapter-dtype": ("lora.adapter_dtype", adapter_dtype),
            "--dropout": ("lora.dropout", dropout),
            "--batch": ("training.batch_size", batch),
            "--sequence": ("training.max_length", sequence),
            "--accumulation": ("training.accumulation", accumulation),
            "--optimizer": ("training.optimizer", optimizer),
            "--checkpointing": ("training.gradient_checkpointing", _switch(checkpointing)),
            "--packing": ("training.packing", _switch(packing)),
            "--device": ("model.device", device),
        },
        set or [],
    )
    if config is not None and model is not None:
        raise UserError("--model and --config contradict each other.", remedy="Leave out one of them.")
    if config is None and model is None and recipe is None:
        raise UserError(
            "There is nothing to estimate.",
            remedy="Name a recipe, or a model: `workbench estimate --model Llama-3-8B --precision nf4`.",
        )
    named = model or chosen.model.source
    shape = model_shape.read_config(config.expanduser()) if config is not None else named_shape(named)
    card = _card_bytes(card_gb)
    where = "cpu" if chosen.model.device == "cpu" else "cuda"
    in_tiles = _in_tiles(logits, default=recipe is not None)
    how = {"fused_head": in_tiles}
    answer = None
    if fit is not None:
        answer = _fitted(fit, shape, chosen, where, card, how)
        if answer is not None:
            chosen = fitting.with_changes(chosen, {FITTED[fit]: answer})
    rules.refuse(rules.check(chosen))
    estimated = Estimate.of(shape, chosen, where, card, in_tiles=in_tiles)
    if json:
        terminal.printed({**estimated.facts(), **({"fitted": {"what": fit, "value": answer}} if fit else {})})
        return
    _show(estimated)
    if fit:
        value = grouped(answer) if isinstance(answer, int) else answer
        out.print(
            escape(f"The largest {fit} that fits: {value}." if answer is not None else "Not even the least fits.")
        )


# -- what is asked -----------------------------------------------------------------------------------------------------


def _recipe(name: str | None, options: dict[str, tuple[str, Text]], assignments: Sequence[str]) -> Recipe:
    """The recipe with the options that are given. Raises UserError, which names the option."""
    chosen = (
        named_recipe(name) if name is not None else recipe_text.with_overrides(Recipe(), ["training.packing=false"])
    )
    given = {option: (path, value) for option, (path, value) in options.items() if value is not None}
    for option, (path, value) in given.items():
        try:
            chosen = recipe_text.with_overrides(chosen, [f"{path}={value}"])
        except UserError as error:
            raise UserError(error.what.replace(f"--set: {path}", option), why=error.why, remedy=error.remedy) from None
    precision = chosen.model.precision
    if "--precision" in given and "--compute-dtype" not in given and precision in ("fp16", "bf16"):
        chosen = fitting.with_changes(chosen, {"model.compute_dtype": precision})
    if chosen.lora.enabled is False and "--precision" not in given and name is None:
        chosen = fitting.with_changes(chosen, {"model.precision": "bf16"})
    return recipe_text.with_overrides(chosen, assignments)


def _switch(value: bool | None) -> Text:
    return None if value is None else str(value).lower()


def _method(text: Text) -> Text:
    if text is None:
        return None
    methods = {"lora": "true", "full": "false"}
    if text not in methods:
        raise UserError(f'--method cannot be "{shown(text, 40)}". It takes full or lora.{nearest(text, list(methods))}')
    return methods[text]


def _in_tiles(text: Text, *, default: bool) -> bool:
    ways = {"whole": False, "tiles": True}
    if text is not None and text not in ways:
        raise UserError(f'--logits cannot be "{shown(text, 40)}". It takes whole or tiles.{nearest(text, list(ways))}')
    return default if text is None else ways[text]


def _card_bytes(text: Text) -> int | None:
    if text is None:
        return None
    least, most = CARDS_GB
    try:
        size = float(text)
    except ValueError:
        size = math.nan
    if not least <= size <= most:
        raise UserError(
            f'--card-gb cannot be "{shown(text, 40)}". It takes a number of GB from {least} to {grouped(int(most))}.'
        )
    return round(size * 1e9)


def _fitted(
    what: str, shape: ModelShape, recipe: Recipe, device: str, card: int | None, how: dict[str, Any]
) -> int | str | None:
    question = fitting.QUESTIONS.get(what)
    if question is None:
        known = list(fitting.QUESTIONS)
        raise UserError(f'--fit cannot be "{shown(what, 40)}". It takes {", ".join(known)}.{nearest(what, known)}')
    if card is None:
        raise UserError("--fit needs to know what there is to fit into.", remedy="Add --card-gb, such as --card-gb 12.")
    if what == "rank" and not recipe.lora.enabled:
        raise UserError(
            "--fit rank asks for an adapter, and --method full trains none.", remedy="Leave out one of them."
        )
    return question(shape, recipe, device, card, **how)


# -- what is printed ---------------------------------------------------------------------------------------------------


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f}" if count else "0"


def _show(estimated: Estimate) -> None:
    predicted, card, training = estimated.predicted, estimated.card, estimated.recipe.training
    many = counted(training.batch_size, "row")
    where = "the CPU" if estimated.other is None else "a card"
    out.print(escape(f"{estimated.shape.name}: {many} of {grouped(training.max_length)} tokens at once, on {where}"))
    table = Table(box=None, pad_edge=False)
    table.add_column("Line")
    table.add_column("GB", justify="right")
    table.add_column("", overflow="fold")
    for line in predicted.lines:
        table.add_row(line.name.replace("_", " ").capitalize(), _gigabytes(line.size_bytes), escape(line.formula))
    table.add_row("[bold]Peak[/bold]", f"[bold]{_gigabytes(predicted.peak_bytes)}[/bold]", f"at the {predicted.moment}")
    out.print(table)
    if card is not None:
        verdict = fitting.verdict(predicted.peak_bytes, card)
        spare = f"{_gigabytes(abs(verdict.spare_bytes))} GB {'to spare' if verdict.spare_bytes >= 0 else 'too much'}"
        word = {"fits": "Fits into", "tight": "Fits tightly into", "does not fit": "Does not fit into"}[verdict.word]
        out.print(escape(f"{word} {_gigabytes(card)} GB: {spare}."))
    if estimated.other is not None:
        way = (
            "whole, as other trainers make them"
            if estimated.in_tiles
            else "in tiles, as this program's trainer makes them"
        )
        out.print(escape(f"With logits {way}: {_gigabytes(estimated.other.peak_bytes)} GB."))
    lighter = [change for change in estimated.changes if change.saved_bytes >= LEAST_SHOWN_BYTES][:SHOWN_CHANGES]
    if lighter:
        words = [f"{change.title} saves {_gigabytes(change.saved_bytes)} GB" for change in lighter]
        out.print(escape(f"{'; '.join(words)}."))
    for sentence in predicted.unknown:
        out.print(escape(sentence))
