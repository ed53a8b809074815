"""The verb `convert`: a GGUF file as a model folder that can be trained."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core import sources
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import Converted, ConvertRequest
from workbench.core.model import gguf_file
from workbench.core.problems import UserError
from workbench.core.units import bytes_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A .gguf file, or the folder that it lies in.")],
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A new folder; without, one among the kept models.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a GGUF file's model as BF16 safetensors, whole or not at all; Ctrl-C ends it."""
    source, target = asked(file, folder)
    run = create_study(ConvertRequest(model=str(source), out=str(target)))
    history = terminal.run_to_its_end(run, _Follower)
    ended = history.ended
    run.remove()  # the model lies in its folder
    terminal.refuse(history)
    found = next((finding for finding in history.findings if isinstance(finding, Converted)), None)
    if json:
        state = ended.state if ended is not None else "crashed"
        terminal.printed(
            {
                "state": state,
                "folder": found.folder if found else None,
                "parameters": found.parameters if found else None,
                "bytes": found.size_bytes if found else None,
            }
        )
    elif found is not None:
        size = bytes_in_words(found.size_bytes)
        out.print(escape(f"{source.name} is a model folder now, {size} in BF16: {found.folder}"), soft_wrap=True)
    raise typer.Exit(terminal.exit_code(run, history))


def asked(file: str, folder: Path | None) -> tuple[Path, Path]:
    """The file to convert, and the folder that it is to become. Raises UserError."""
    path = sources.expanded(file)
    try:
        source = gguf_file.gguf_in(path)
        if source is None:
            raise UserError(f"There is no GGUF file at {path}.", remedy="Name a file that ends in .gguf.")
        gguf_file.check(source)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.", remedy="Check its permissions.") from None
    target = (sources.expanded(str(folder)) if folder is not None else gguf_file.converted_to(source)).resolve()
    if target.exists():
        raise UserError(f"{target} is there already.", remedy="Name another folder with --out, or remove it.")
    return source.resolve(), target


class _Follower(terminal.Follower):
    """Ctrl-C cancels, a second one kills."""

    interrupts = ("cancel",)
