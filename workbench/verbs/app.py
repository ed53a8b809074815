"""The verbs of the command line: one per job."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core import sources
from workbench.core.chat.loaded import loaded_chats
from workbench.core.job import launch
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.machine import doctor as health
from workbench.core.memory import corrections
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.named import named_recipe
from workbench.core.recipe.recipe import Recipe
from workbench.verbs import chat as chat_verb
from workbench.verbs import compare as compare_verb
from workbench.verbs import convert as convert_verb
from workbench.verbs import demonstration
from workbench.verbs import estimate as estimate_verb
from workbench.verbs import evaluate as evaluate_verb
from workbench.verbs import export as export_verb
from workbench.verbs import fetch as fetch_verb
from workbench.verbs import follow as terminal
from workbench.verbs import inspect as inspect_verb
from workbench.verbs import keeping as keeping_verbs
from workbench.verbs import measure as measure_verb
from workbench.verbs import models as models_verb
from workbench.verbs import prepare as prepare_verb
from workbench.verbs import quantize as quantize_verb
from workbench.verbs import queue as queue_verb
from workbench.verbs import report as report_verb
from workbench.verbs import runs as runs_verb
from workbench.verbs import token as token_verb
from workbench.verbs.json_option import Json
from workbench.verbs.runs import Run

app = typer.Typer(
    name="workbench",
    help="Fine-tune language models with QLoRA on your own card, and see what precision does.",
    epilog="Exit codes: 0 done, 1 crashed, 2 something to mend, 130 cancelled.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False)

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a setting, such as --set lora.rank=32; repeatable."),
]


@app.callback()
def opened(context: typer.Context) -> None:
    """Fine-tune language models with QLoRA on your own card, and see what precision does."""
    if context.invoked_subcommand is None:
        from workbench.window import app as window_app

        raise typer.Exit(window_app.run())


@app.command()
def window(
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="A recipe, a run folder, a model folder or a data file.")
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Open it, wait until it is idle, measure, and end.")] = False,
    json: Json = False,
) -> None:
    """Open the window; what `workbench` does without a verb."""
    del json  # what a smoke test prints is JSON either way
    from workbench.window import app as window_app

    raise typer.Exit(window_app.run(smoke=smoke, path=path))


@app.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Stay in the terminal.")] = False,
    json: Json = False,
) -> None:
    """Fine-tune the small starter model until it does something it could not do before."""
    if not headless and not json:
        from workbench.window import app as window_app

        if window_app.has_display():
            raise typer.Exit(window_app.run(starter=True))
    run = RunFolder.create(named_recipe("starter"))
    history = _run(run, created=True)
    if json:
        terminal.printed(demonstration.facts(run, history))
    else:
        demonstration.show(out, run, history)
        if history.ended is not None and history.ended.state == "finished":
            _tell_memory(history)
        else:
            _print_end(run, history)
            out.print(escape(f"`workbench resume {run.name}` goes on."))
    raise typer.Exit(terminal.exit_code(run, history))


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="A recipe file, a built-in recipe, or a run folder.")],
    set: Set = None,
    json: Json = False,
) -> None:
    """Train as a recipe says, and follow the run."""
    path = sources.expanded(recipe)
    if path.is_dir():
        if set:
            raise UserError("A run's recipe is frozen.", remedy="Give the settings when you make a new run.")
        run, created = RunFolder.open(path), False
        if run.state() == RunState.FINISHED:
            raise UserError(
                f"Run {run.name} has finished.", remedy=f"`workbench resume {run.name} --steps 50` goes on."
            )
    else:
        chosen = recipe_text.with_overrides(named_recipe(recipe), set or [])
        preflight.check(chosen)
        run, created = RunFolder.create(preflight.with_absolute_paths(chosen)), True
    _finish(run, created=created, json=json)


@app.command()
def resume(
    run: Run,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Go on for this many more steps.")] = None,
    with_changed_data: Annotated[
        bool,
        typer.Option("--with-changed-data", help="Go on though the data, the template or the model have changed."),
    ] = False,
    json: Json = False,
) -> None:
    """Go on with a run from its newest whole checkpoint."""
    folder = RunFolder.find(run)
    outline = preflight.check_resume(
        folder,
        steps or 0,
        if_alive=f"Follow it with `workbench watch {folder.name}`.",
        if_finished="Add --steps 50 to go on for 50 more.",
    )
    if steps:
        folder.give(Order(order="extend", steps=outline.step + steps))
    if with_changed_data:
        folder.give(Order(order="changed data"))
    _finish(folder, created=False, json=json)


@app.command()
def watch(run: Run, json: Json = False) -> None:
    """Follow a run that another terminal or a window started; Ctrl-C leaves it running."""
    folder = RunFolder.find(run)
    try:
        history = terminal.Follower(folder).follow()
    except KeyboardInterrupt:
        terminal.errors.print(f"No longer watching; run {escape(folder.name)} goes on.")
        raise typer.Exit(0) from None
    if json:
        terminal.printed(terminal.facts(folder, history))
    else:
        _print_end(folder, history)
    raise typer.Exit(terminal.exit_code(folder, history))


@app.command()
def stop(
    run: Run,
    cancel: Annotated[bool, typer.Option("--cancel", help="End it without saving.")] = False,
    kill: Annotated[bool, typer.Option("--kill", help="End a run by force that obeys nothing.")] = False,
    json: Json = False,
) -> None:
    """Stop a run after its current step, with a checkpoint to go on from."""
    folder = _alive(run)
    folder.give(Order(order="cancel" if cancel or kill else "stop"))
    seconds = terminal.CANCEL_GRACE_SECONDS if cancel or kill else terminal.STOP_GRACE_SECONDS
    if not terminal.wait_until(folder, lambda state: not state.is_alive, seconds):
        if not kill:
            raise UserError(
                f"Run {folder.name} has not ended yet.", remedy=f"`workbench stop {folder.name} --kill` ends it."
            )
        started = folder.outline().started
        if started is not None and folder.is_held():
            launch.end_by_force(started.pid)
    _tell_state(folder, json=json)


@app.command()
def pause(run: Run, json: Json = False) -> None:
    """Hold a run after its current step; its memory stays taken."""
    folder = _alive(run)
    folder.give(Order(order="pause"))
    terminal.wait_until(folder, lambda state: state != RunState.RUNNING, terminal.STOP_GRACE_SECONDS)
    _tell_state(folder, json=json)


@app.command("continue")
def go_on(run: Run, json: Json = False) -> None:
    """Let a paused run go on."""
    folder = _alive(run)
    folder.give(Order(order="continue"))
    terminal.wait_until(folder, lambda state: state != RunState.PAUSED, terminal.CANCEL_GRACE_SECONDS)
    _tell_state(folder, json=json)


@app.command()
def recipe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A built-in recipe or a recipe file.")] = "default",
    set: Set = None,
) -> None:
    """Print a recipe as a commented file: `workbench recipe > mine.toml`."""
    chosen = Recipe() if name == "default" else named_recipe(name)
    sys.stdout.write(recipe_text.to_toml(recipe_text.with_overrides(chosen, set or [])))


@app.command()
def doctor(json: Json = False) -> None:
    """Check driver, card, PyTorch, 4-bit arithmetic, disk and Qt, and say what to do."""
    checks = health.examine()
    is_well = all(check.ok for check in checks if check.is_required)
    if json:
        rows: list[dict[str, Any]] = [
            {"name": check.name, "ok": check.ok, "found": check.found, "advice": check.advice} for check in checks
        ]
        terminal.printed({"ok": is_well, "checks": rows})
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for check in checks:
            table.add_row(
                "ok" if check.ok else "[bold]--[/bold]",
                escape(check.name),
                escape(". ".join(part for part in (check.found, check.advice) if part)),
            )
        out.print(table)
    raise typer.Exit(0 if is_well else 1)


app.command(context_settings=inspect_verb.SETTINGS)(inspect_verb.inspect)
app.command()(quantize_verb.quantize)
app.command()(prepare_verb.prepare)
app.command()(chat_verb.chat)
app.command()(evaluate_verb.evaluate)
app.command()(measure_verb.measure)
app.command()(estimate_verb.estimate)
app.command()(convert_verb.convert)
app.command()(export_verb.export)
app.command()(fetch_verb.fetch)
app.command()(runs_verb.runs)
app.command()(runs_verb.tag)
app.command()(runs_verb.rename)
app.command()(runs_verb.notes)
app.command()(compare_verb.compare)
app.command()(report_verb.report)
app.command()(keeping_verbs.delete)
app.command("import")(keeping_verbs.import_folder)
app.add_typer(models_verb.app, name="models")
app.add_typer(queue_verb.app, name="queue")
app.add_typer(token_verb.app, name="token")


def _run(run: RunFolder, *, created: bool) -> Any:
    terminal.errors.print(f"Run {escape(str(run.path))}", soft_wrap=True)
    for chat in loaded_chats():
        words = f"{chat.in_words} `workbench stop {shlex.quote(str(chat.run.path))}` lets it go."
        terminal.errors.print(escape(words), soft_wrap=True)
    history = terminal.run_to_its_end(run)
    if created and history.ended and history.ended.is_refusal:
        run.remove()  # nothing was trained: what is left would only be in the way
        ended = history.ended
        raise UserError(ended.what, why=ended.why, remedy=ended.remedy)
    return history


def _finish(run: RunFolder, *, created: bool, json: bool) -> None:
    history = _run(run, created=created)
    if json:
        terminal.printed(terminal.facts(run, history))
    else:
        _print_end(run, history)
    raise typer.Exit(terminal.exit_code(run, history))


def _print_end(run: RunFolder, history: Any) -> None:
    facts = terminal.facts(run, history)
    line = f"{facts['state'].capitalize()} after {facts['steps']} steps"
    if facts["loss_last"] is not None:
        line += f", loss {facts['loss_first']:.4f} at first and {facts['loss_last']:.4f} at last"
    out.print(escape(f"{line}."))
    if facts["adapter"]:
        out.print(escape(f"The result is in {facts['adapter']}"), soft_wrap=True)
    _tell_memory(history)


def _tell_memory(history: Any) -> None:
    table = terminal.memory_table(history)
    if table is not None:
        out.print()
        out.print(table)
        out.print(corrections.lesson_in_words(history), soft_wrap=True)


def _alive(name: str) -> RunFolder:
    folder = RunFolder.find(name)
    state = folder.state()
    if not state.is_alive:
        raise UserError(f"Run {folder.name} is not running: it is {state}.")
    return folder


def _tell_state(folder: RunFolder, *, json: bool) -> None:
    row = runs_verb.facts_of(folder)
    if json:
        terminal.printed(row)
    else:
        out.print(escape(f"Run {row['run']} is {row['state']} at step {row['step']}."))
