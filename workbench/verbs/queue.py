"""The verb `queue`: runs that wait, and are worked off one after the other without a window."""

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core import places, sources
from workbench.core.job.run_folder import RunFolder
from workbench.core.plan import preflight
from workbench.core.problems import UserError, shown
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.named import named_recipe
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.runs.comparison import differing_settings
from workbench.core.runs.index import RunIndex
from workbench.core.runs.queue import RunQueue, Waiting
from workbench.core.runs.result import RunResult
from workbench.core.runs.sweep import parsed_values, sweep_tag, variations
from workbench.core.units import counted
from workbench.verbs import follow as terminal
from workbench.verbs.compare import comparison_table
from workbench.verbs.json_option import Json

LONGEST_CELL = 100  # letters
# How often it is looked whether a run that somebody else has started is over.
LOOK_SECONDS = 1.0
app = typer.Typer(add_completion=False, no_args_is_help=True, help="Runs that wait, worked off one after the other.")
# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
Number = Annotated[int, typer.Argument(metavar="N", help="Its number, as `workbench queue list` tells it.")]


@app.command()
def add(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe file, a built-in one, or a run to repeat.")],
    set: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a setting, such as --set lora.rank=32; repeatable."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="PATH=V,V,...", help="A run for each value, such as --vary lora.rank=8,16."),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Tag the runs; repeatable.")] = None,
    json: Json = False,
) -> None:
    """Put a run at the end, or with --vary one for each choice among the values of up to three settings."""
    values = parsed_values(vary or [])
    chosen = variations(recipe_text.with_overrides(_recipe(recipe), set or []), values)
    for entry in chosen:
        preflight.check(entry)
    tags = list(tag or [])
    if values and not tags:
        tags = [sweep_tag(datetime.now())]
    added = RunQueue().add([preflight.with_absolute_paths(entry) for entry in chosen], tags)
    if json:
        terminal.printed([_facts(entry) for entry in added])
        return
    numbers = f"{added[0].number} to {added[-1].number}" if len(added) > 1 else str(added[0].number)
    told = f" Tagged {', '.join(added[0].tags)}." if added[0].tags else ""
    out.print(escape(f"{counted(len(added), 'run')} more in the queue, {numbers}.{told}"))


@app.command("list")
def list_waiting(json: Json = False) -> None:
    """List the runs that wait, in their order."""
    entries = RunQueue().entries()
    if json:
        terminal.printed([_facts(entry) for entry in entries])
    elif entries:
        out.print(_table(entries))
    else:
        out.print("Nothing waits. `workbench queue add RECIPE` puts a run there.")


@app.command()
def remove(number: Number, json: Json = False) -> None:
    """Take a run out that waits."""
    entry = RunQueue().remove(number)
    if json:
        terminal.printed(_facts(entry))
    else:
        out.print(f"Number {number} is out of the queue.")


@app.command()
def move(
    number: Number,
    place: Annotated[int, typer.Argument(metavar="PLACE", help="Where it is to stand: 1 is the first.")],
    json: Json = False,
) -> None:
    """Put a run that waits at another place."""
    queue = RunQueue()
    queue.move(number, place)
    if json:
        terminal.printed([_facts(entry) for entry in queue.entries()])
    else:
        out.print(f"Number {number} stands at place {place}.")


@app.command()
def work(json: Json = False) -> None:
    """Work the queue off, one run after the other; Ctrl-C stops the one at work, and the others go on waiting."""
    queue = RunQueue()
    with queue.working():
        worker = _Worker(queue)
        worker.work()
        left = queue.entries()
    for entry in left:
        if entry.problem:
            worker.refuse(entry.problem)
    if json:
        terminal.printed({"runs": worker.done, "refused": worker.refused, "left": len(left)})
    else:
        if len(worker.done) > 1:
            results = [RunResult.read(RunFolder(Path(facts["run"]))) for facts in worker.done]
            out.print(comparison_table(results, differing_settings(results)))
        out.print(f"{counted(len(worker.done), 'run')} worked off, {counted(len(left), 'run')} left.")
    raise typer.Exit(max([*worker.codes, terminal.REFUSED if worker.refused else 0]))


class _Worker:
    """Works the queue off until nothing that can be begun waits, or a person interrupts it.

    Attributes:
        done: What `train --json` prints, of each run that came to its end.
        codes: The exit code of each.
        refused: Why others could not be trained, a sentence each.
    """

    def __init__(self, queue: RunQueue) -> None:
        self.done: list[dict[str, Any]] = []
        self.codes: list[int] = []
        self.refused: list[str] = []
        self._queue = queue
        self._follower: terminal.Follower | None = None

    def work(self) -> None:
        """Raises UserError where no run can be made or no engine starts: what waits stays then."""
        while self._follower is None or not self._follower.was_interrupted:
            entry = next((entry for entry in self._queue.entries() if not entry.problem), None)
            if entry is None:
                return
            self._wait_for_others(entry)
            if not entry.run or (places.runs() / entry.run / "job.toml").is_file():  # else it was deleted
                self._finish(self._queue.begin(entry))
            self._queue.drop(entry.number)

    def refuse(self, sentence: str) -> None:
        self.refused.append(sentence)
        terminal.errors.print(escape(sentence), soft_wrap=True)

    def _finish(self, run: RunFolder) -> None:
        """Brings a run to its end, from wherever an earlier process has left it."""
        terminal.errors.print(f"Run {escape(str(run.path))}", soft_wrap=True)
        if run.is_held():
            history = terminal.Follower(run).follow()
        elif run.outline().started is None:
            history = terminal.run_to_its_end(run, self._shown)
        else:
            history = run.history()
        ended = history.ended
        if ended is not None and ended.is_refusal:
            run.remove()  # nothing was trained: what is left would only be in the way
            self.refuse(" ".join(filter(None, (ended.what, ended.why, ended.remedy))))
            return
        self.codes.append(terminal.exit_code(run, history))
        self.done.append(terminal.facts(run, history))

    def _shown(self, run: RunFolder, process: subprocess.Popen[bytes]) -> terminal.Follower:
        self._follower = terminal.Follower(run, process)
        return self._follower

    def _wait_for_others(self, entry: Waiting) -> None:
        """Returns once no run but the entry's own is at work."""
        index, told = RunIndex(), ""
        while others := [row.called for row in index.rows() if row.state.is_alive and row.name != entry.run]:
            if others[0] != told:
                told = others[0]
                terminal.errors.print(escape(f"Waits for the end of run {told}."), soft_wrap=True)
            time.sleep(LOOK_SECONDS)


def _recipe(name: str) -> Recipe:
    """The recipe of a file, a built-in one, or that of a run. Raises UserError."""
    path = sources.expanded(name)
    if path.is_dir():
        return RunFolder.open(path).recipe()
    if not path.exists() and name not in places.built_in_recipes():
        try:
            run = RunFolder.find(name)
        except UserError:
            return named_recipe(name)  # which says what there is
        return run.recipe()
    return named_recipe(name)


def _facts(entry: Waiting) -> dict[str, Any]:
    """What `queue list --json` prints of one."""
    recipe = entry.recipe
    return {
        "number": entry.number,
        "model": recipe.model.source if recipe else None,
        "precision": recipe.model.precision if recipe else None,
        "data": recipe.data.path if recipe else None,
        "steps": recipe.training.max_steps if recipe else None,
        "tags": list(entry.tags),
        "run": entry.run or None,
        "problem": entry.problem or None,
        "recipe": entry.tables,
    }


def _table(entries: Sequence[Waiting]) -> Table:
    """Those that wait for people: of their settings those that are not the same in all."""
    recipes = [entry.recipe for entry in entries if entry.recipe is not None]
    differing = [path for path in settings() if len({recipe.value(path) for recipe in recipes}) > 1]
    table = Table(box=None, pad_edge=False)
    for title in ("N", "Model", "Precision", "Data", "Tags", *differing, ""):
        table.add_column(title, justify="right" if title == "N" else "left", overflow="fold")
    for entry in entries:
        recipe = entry.recipe
        asked = (recipe.model.source, recipe.model.precision.upper(), recipe.data.path) if recipe else ("", "", "")
        values = [str(recipe.value(path)) if recipe else "" for path in differing]
        said = entry.problem or (f"at work as {entry.run}" if entry.run else "")
        cells = (str(entry.number), *asked, ", ".join(entry.tags), *values, said)
        table.add_row(*(escape(shown(cell, LONGEST_CELL)) for cell in cells))
    return table
