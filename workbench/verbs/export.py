"""The verb `export`: a run made into what is used elsewhere."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.chat.speakers import anywhere
from workbench.core.export.elsewhere import PROGRAMS, Made, uses
from workbench.core.export.item import Item, item_of
from workbench.core.export.known import target_of, targets
from workbench.core.export.measured import ITEMS
from workbench.core.export.plan import planned_steps, refuse_without_room, told
from workbench.core.export.shells import shell_of_system
from workbench.core.export.subject import subject_of
from workbench.core.export.targets.hub import SENDS
from workbench.core.job.events import Event
from workbench.core.job.export_kinds import (
    ExportPlanned,
    ExportRequest,
    StepChecked,
    StepDone,
    StepRefused,
    StepRejected,
    UploadedToHub,
    WaySuggested,
    WeightsMeasured,
)
from workbench.core.job.history import History
from workbench.core.job.study import create_study
from workbench.core.problems import UserError
from workbench.core.sources import expanded
from workbench.core.units import bytes_in_digits, duration_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
MEASURE = "measure"


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run, or the folder of a checkpoint or an adapter.")],
    to: Annotated[
        list[str], typer.Option("--to", metavar="TARGET", help=f"{', '.join(t.name for t in targets())}; repeatable.")
    ],
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where it goes; what lies there stays.")],
    type: Annotated[str, typer.Option("--type", metavar="TYPE", help="Of a GGUF, such as q8_0.")] = "",
    repository: Annotated[
        str, typer.Option("--repo", metavar="NAME", help="On the Hub, org/name or a name; the run's own if left out.")
    ] = "",
    public: Annotated[bool, typer.Option("--public", help="Open the repository on the Hub to all.")] = False,
    json: Json = False,
) -> None:
    """Make of a run what is used elsewhere: each thing whole, checked and measured, or not at all."""
    items = _items(to, type)
    request = ExportRequest(
        run=anywhere(run),
        items=items,
        out=str(expanded(str(folder)).resolve()),
        hub_name=repository,
        hub_private=not public,
        hub_sends=tuple(item for item in items if item_of(item).to in SENDS) or ("adapter",),
    )
    subject = subject_of(request)
    asked = [str(item) for item in map(item_of, request.items)]
    if len(subject.ways) > 1 and any(item.startswith("merged") for item in asked):
        request = request.model_copy(update={"items": (*request.items, MEASURE)})  # the other way, to suggest one
    if subject.base is not None:
        planned = told(subject, planned_steps(subject, request.items))
        refuse_without_room(planned)
        _tell(planned)
    run_folder = create_study(request)
    history = terminal.run_to_its_end(run_folder, _Follower)
    found = facts(request, subject.name, asked, history)
    run_folder.remove()
    made = any(isinstance(event, StepDone) and event.item in asked for event in history.findings)
    if not made:
        terminal.refuse(history)
    if json:
        terminal.printed(found)
    else:
        show(found)
    raise typer.Exit(terminal.exit_code(run_folder, history))


def _items(names: list[str], kind: str) -> tuple[str, ...]:
    """What the options ask for. Raises UserError."""
    found = []
    for name in names:
        target = target_of(name)
        found.append(str(Item(target.name, kind.lower() if target.has_types else "")))
    if kind and not any(target_of(name).has_types for name in names):
        raise UserError(f"--type is given, and {', '.join(names)} has none.", remedy="Leave out --type.")
    return tuple(dict.fromkeys(found))


def _tell(planned: ExportPlanned) -> None:
    steps = ", ".join(step.title for step in planned.steps)
    size, free = bytes_in_digits(planned.size_bytes), bytes_in_digits(planned.free_bytes)
    line = f"{steps}: {size}, {duration_in_words(planned.seconds)}; {free} are free in {planned.folder}"
    terminal.errors.print(escape(line), soft_wrap=True)


class _Follower(terminal.Follower):
    """Ctrl-C cancels, a second one kills."""

    interrupts = ("cancel",)

    def _show(self, event: Event) -> None:
        match event:
            case StepChecked() | StepDone() | UploadedToHub() | StepRefused() | StepRejected() | WaySuggested():
                self._print_line(event.in_words())
            case _:
                super()._show(event)


def facts(request: ExportRequest, name: str, asked: list[str], history: History) -> dict[str, Any]:
    """What `export --json` prints; of several things `path` is the folder, of one its own."""
    done = [event for event in history.findings if isinstance(event, StepDone) and event.item in asked]
    measured = {event.item: event for event in history.findings if isinstance(event, WeightsMeasured)}
    last = next((measured[event.item] for event in reversed(done) if event.item in measured), None)
    suggested = next((event for event in history.findings if isinstance(event, WaySuggested)), None)
    files = [file for event in done for file in event.files]
    uploaded = next((event for event in history.findings if isinstance(event, UploadedToHub)), None)
    path = Path(request.out) / done[0].path if len(asked) == 1 and done else Path(request.out)
    checks = [event for event in history.findings if isinstance(event, StepChecked) and event.item in asked]
    refused = [event for event in history.findings if isinstance(event, StepRefused | StepRejected)]
    return {
        "path": uploaded.address if uploaded is not None and asked == ["hub"] else str(path),
        "bytes": uploaded.total_bytes if uploaded is not None and not files else sum(file.size_bytes for file in files),
        "files": [str(Path(request.out) / file.name) for file in files],
        "address": uploaded.address if uploaded is not None else None,
        "checks": [{"name": f"{event.item} {event.name}", "ok": event.ok, "found": event.found} for event in checks],
        "perplexity": last.perplexity if last else None,
        "kl": last.kl if last else None,
        "measured": [event.model_dump(exclude={"at", "elapsed_seconds", "kind"}) for event in measured.values()],
        "suggested": suggested.sentence if suggested else None,
        "elsewhere": _elsewhere(request, name, done),
        "problems": [event.in_words() for event in refused],
    }


def _elsewhere(request: ExportRequest, name: str, done: Sequence[StepDone]) -> dict[str, list[str]]:
    """The lines by which each program takes what was made; this one is at hand already."""
    paths = {event.item: event.path for event in done if event.path}
    made = Made.of(Path(request.out), name, Path(request.run), paths, tuple(ITEMS.values()))
    found = uses(made, "", shell_of_system())
    return {use.program: list(use.lines) for use in found if use.lines and use.program != "workbench"}


def show(found: dict[str, Any]) -> None:
    """The same for people."""
    out.print(escape(f"{bytes_in_digits(found['bytes'])} in {found['path']}"), soft_wrap=True)
    if found["address"] not in (None, found["path"]):
        out.print(escape(f"on the Hub at {found['address']}"), soft_wrap=True)
    if found["perplexity"] is not None:
        kl = "" if found["kl"] is None else f", KL {found['kl']:.4f} nats a token from the run as it was trained"
        out.print(escape(f"perplexity {found['perplexity']:.3f}{kl}"), soft_wrap=True)
    for program, lines in found["elsewhere"].items():
        out.print(f"\nIn {PROGRAMS[program]}:", style="bold")
        for line in lines:
            out.print(escape(line), soft_wrap=True)
