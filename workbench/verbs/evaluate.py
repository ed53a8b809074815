"""The verb `evaluate`: a run and its base measured on the same rows by lm-eval."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench.core import sources
from workbench.core.chat.speakers import anywhere, speakers_of
from workbench.core.data.hub_dataset import is_hub_dataset
from workbench.core.evaluation.needs import refuse_without_harness
from workbench.core.evaluation.rows import HELD_OUT
from workbench.core.job.evaluation_kinds import EvaluateRequest, EvaluationKept, Measured, TaskMeasured, TaskRefused
from workbench.core.job.events import Event
from workbench.core.job.history import History
from workbench.core.job.study import create_study
from workbench.core.problems import UserError
from workbench.core.units import counted
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
_FILE = f"a file, or {HELD_OUT} for the rows that the run has not learned; repeatable."


def evaluate(
    model: Annotated[
        str, typer.Argument(metavar="RUN|MODEL", help="A run, a checkpoint or adapter folder, a model or a Hub id.")
    ],
    exact: Annotated[
        list[str] | None, typer.Option("--exact", metavar="FILE", help=f"Answers word by word: {_FILE}")
    ] = None,
    choice: Annotated[
        list[str] | None, typer.Option("--choice", metavar="FILE", help="Questions with several answers; repeatable.")
    ] = None,
    perplexity: Annotated[
        list[str] | None, typer.Option("--perplexity", metavar="FILE", help=f"The loss of answers or texts: {_FILE}")
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option("--task", metavar="NAME", help="A task of lm-eval whose data lie here.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="The first N rows of each; 0 all.")] = 0,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", min=0, metavar="N", help="The longest answer; 0 as the expected ones need.")
    ] = 0,
    json: Json = False,
) -> None:
    """Measure a run and its base on the same rows, with how sure the difference is; needs the extra "evaluation"."""
    refuse_without_harness()
    if not (exact or choice or perplexity or task):
        raise UserError(
            "Nothing is measured.",
            remedy=f"Add --exact, --choice or --perplexity with a file or {HELD_OUT}, or --task.",
        )
    (speaker,) = speakers_of(anywhere(model), [])
    request = EvaluateRequest(
        model=anywhere(model),
        exact=_files(exact),
        choice=_files(choice),
        perplexity=_files(perplexity),
        tasks=tuple(task or ()),
        limit=limit,
        max_tokens=max_tokens,
    )
    run = create_study(request)
    history = terminal.run_to_its_end(run, _Follower)
    found = facts(history)
    if json and found["results"]:
        terminal.printed(found)
    elif found["results"]:
        show(history)
    if speaker.run is not None or not found["results"]:
        run.remove()  # the figures are kept with the run
    terminal.refuse(history)
    code = terminal.exit_code(run, history)
    raise typer.Exit(code or (terminal.REFUSED if found["refused"] else 0))


def _files(names: list[str] | None) -> tuple[str, ...]:
    """Names as the engine, whose folder is another one, understands them too. Raises UserError."""
    found = []
    for name in names or ():
        path = sources.data_path(name)
        if name == HELD_OUT or is_hub_dataset(name):
            found.append(name)
        elif sources.is_there(path):
            found.append(str(path.resolve()))
        else:
            raise UserError(f"There is no file {path}.", remedy=f"Name a file of rows, or {HELD_OUT}.")
    return tuple(found)


class _Follower(terminal.Follower):
    interrupts = ("cancel",)  # half an evaluation is none

    def _show(self, event: Event) -> None:
        if isinstance(event, TaskRefused):
            terminal.errors.print(escape(event.in_words()), soft_wrap=True)
        else:
            super()._show(event)


def facts(history: History) -> dict[str, Any]:
    """What `evaluate --json` prints."""
    kept = next((event for event in history.findings if isinstance(event, EvaluationKept)), None)
    return {
        "results": [
            {
                "task": event.task,
                "metric": event.metric,
                "settings": event.settings,
                "rows": event.rows,
                "left_out": event.left_out,
                "sides": [_side(event, place) for place in range(len(event.sides))],
                "comparison": event.comparison,
                "apart": _interval(event.apart),
                "verdict": event.verdict or None,
            }
            for event in history.findings
            if isinstance(event, TaskMeasured)
        ],
        "refused": [
            {"task": event.task, "what": event.what, "why": event.why, "remedy": event.remedy}
            for event in history.findings
            if isinstance(event, TaskRefused)
        ],
        "kept": kept.folder if kept else None,
    }


def _side(event: TaskMeasured, place: int) -> dict[str, Any]:
    side = event.sides[place]
    return {
        "side": side.side,
        "title": side.title,
        "base": side.base_hash,
        "adapter": side.adapter_sha256 or None,
        "strength": side.strength,
        **(_interval(side.figure) or {}),
    }


def _interval(measured: Measured | None) -> dict[str, float | None] | None:
    return None if measured is None else {"value": measured.value, "low": measured.low, "high": measured.high}


def show(history: History) -> None:
    """The figures for people."""
    found = [event for event in history.findings if isinstance(event, TaskMeasured)]
    table = Table(box=None, pad_edge=False)
    for title in ("task", "metric", "rows", *[side.side for side in found[0].sides], "between them, 95 %", ""):
        table.add_column(title, justify="right" if title == "rows" else "left")
    for event in found:
        apart = ""
        if event.apart is not None:
            apart = ("x " if event.comparison == "ratio" else "") + event.apart.in_words()
        figures = [f"{side.figure.value:.4g}" for side in event.sides]
        table.add_row(
            *map(escape, (event.task, event.metric, str(event.rows), *figures, apart, event.verdict)),
        )
    out.print(table)
    for event in found:
        if event.left_out:
            left = f"{event.task}: {counted(event.left_out, 'row')} left out. {event.why_left_out}"
            out.print(escape(left), soft_wrap=True)
    kept = next((event for event in history.findings if isinstance(event, EvaluationKept)), None)
    if kept is not None:
        out.print(escape(f"Kept in {kept.folder}"), soft_wrap=True)
