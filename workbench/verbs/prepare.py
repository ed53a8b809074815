"""The verb `prepare`: a recipe's rows as the tokens that its training would learn from, and what was found in them."""

import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import DataPrepared, PrepareRequest
from workbench.core.plan import preflight
from workbench.core.problems import UserError, shown
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.named import named_recipe
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared import report
from workbench.core.tokens.prepared.one_row import kinds_of, pieces_of, row_of
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.units import counted, grouped
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
STYLES = {"trained": "bold green", "context": "", "special": "dim", "cut": "strike red"}


def prepare(
    named: Annotated[
        list[str] | None, typer.Argument(metavar="[RECIPE]", help="A recipe; after --data: further files.")
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option("--data", metavar="PATH ...", help="Files to prepare, without a recipe.")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", metavar="M", help="Whose tokenizer and chat template; the recipe's, else starter.")
    ] = "",
    set: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a setting, such as --set data.train_on=all."),
    ] = None,
    place: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Copy the prepared rows into this new folder.")
    ] = None,
    row: Annotated[
        int | None, typer.Option("--row", metavar="N", min=1, help="Show the Nth row, token by token.")
    ] = None,
    json: Json = False,
) -> None:
    """Turn rows into tokens as `train` would, and tell what is left out, cut or doubtful."""
    recipe = _recipe(named or [], data or [], model, set or [])
    if place is not None and place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UserError(f"{place} is there already.", remedy="Name a folder that is not.")
    preflight.check(recipe)
    recipe = preflight.with_absolute_paths(recipe)
    prepared = prepared_by_job(recipe)
    if place is not None:
        _copy(Path(prepared.folder), place)
    if row is not None:
        rows = row_of(recipe, prepared, row)
        tokenizer = kept_tokenizer.make(Path(prepared.model))
        if json:
            first, *others = [row_facts(each, tokenizer) for each in rows]
            terminal.printed(first | ({"others": others} if others else {}))
        else:
            for each in rows:
                show_row(each, tokenizer)
    elif json:
        terminal.printed(facts(prepared))
    else:
        show(prepared, recipe)
        if place is not None:
            out.print(escape(f"The prepared rows are in {place}"), soft_wrap=True)


def _recipe(named: list[str], data: list[str], model: str, assignments: list[str]) -> Recipe:
    if data:
        first, *further = [*data, *named]
        base = Recipe()
        changed = base.data.model_copy(update={"path": first, "also": tuple(further)})
        base = base.model_copy(update={"data": changed})
    elif len(named) == 1:
        base = named_recipe(named[0])
    else:
        raise UserError(
            "prepare takes one recipe, or files with --data.",
            remedy="`workbench prepare mine.toml`, or `workbench prepare --data rows.jsonl`.",
        )
    return recipe_text.with_overrides(base, [*([f"model.source={model}"] if model else []), *assignments])


def prepared_by_job(recipe: Recipe) -> DataPrepared:
    """What the job finds, followed to its end. Raises UserError for what it refuses, and Exit where it ends early."""
    run = create_study(PrepareRequest(recipe=recipe))
    history = terminal.run_to_its_end(run, _Follower)
    run.remove()  # what it leaves lies in the cache
    terminal.refuse(history)
    code = terminal.exit_code(run, history)
    found = [finding for finding in history.findings if isinstance(finding, DataPrepared)]
    if code or not found:
        raise typer.Exit(code or 1)
    return found[-1]


class _Follower(terminal.Follower):
    """Ctrl-C cancels, a second one kills."""

    interrupts = ("cancel",)


def _copy(folder: Path, place: Path) -> None:
    try:
        shutil.copytree(folder, place, dirs_exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{shown(str(place), 300)} cannot be written: {error.strerror or error}.", remedy="Name another folder."
        ) from None


# -- what is printed ---------------------------------------------------------------------------------------------------


def facts(prepared: DataPrepared) -> dict[str, Any]:
    """What `prepare --json` prints."""

    def found(is_left_out: bool) -> list[dict[str, Any]]:
        return [
            {
                "why": entry.why,
                "count": entry.count,
                "lines": [seen.line for seen in entry.examples],
                **({} if is_left_out else {"done": entry.done, "what": [seen.text for seen in entry.examples]}),
                "part": entry.part,
            }
            for entry in prepared.found
            if (entry.done == "left out") == is_left_out
        ]

    return {
        "rows": prepared.rows,
        "used": prepared.used,
        "kind": prepared.shape,
        "mapping": prepared.mapping,
        "left_out": found(True),
        "told": found(False),
        "tokens": prepared.tokens,
        "trained_tokens": prepared.trained_tokens,
        "cut_rows": prepared.cut_rows,
        "sequences": prepared.sequences,
        "fill": prepared.fill,
        "held_out": prepared.held_out,
        "duplicates": prepared.duplicates,
        "near_duplicates": prepared.near_duplicates,
        "leaked": prepared.leaked,
        "seconds": prepared.seconds,
        "sha256": prepared.data_sha256,
        "template": prepared.template,
        "way": prepared.way,
        "notes": prepared.notes,
        "folder": prepared.folder,
    }


def row_facts(row: TokenRow, tokenizer: TextTokenizer) -> dict[str, Any]:
    """What `prepare --row N --json` prints."""
    return {
        "ids": row.ids.tolist(),
        "pieces": pieces_of(row, tokenizer),
        "kinds": kinds_of(row),
        "text": row.text,
    }


def show(prepared: DataPrepared, recipe: Recipe) -> None:
    """What was found, in words."""
    for line in report.lines(prepared, recipe):
        out.print(escape(line), soft_wrap=True)


def show_row(row: TokenRow, tokenizer: TextTokenizer) -> None:
    """A row's text, what is trained on in bold, and how many tokens there are of each kind."""
    kinds = kinds_of(row)
    marked = [
        f"[{STYLES[kind]}]{escape(piece)}[/]" if STYLES[kind] else escape(piece)
        for piece, kind in zip(pieces_of(row, tokenizer), kinds, strict=True)
    ]
    out.print("".join(marked), soft_wrap=True)
    counts = ", ".join(f"{grouped(kinds.count(kind))} {kind}" for kind in STYLES if kind in kinds)
    out.print(f"{counted(len(kinds), 'token')}: {counts}.")
