"""The console command: opens the window itself, and hands every other verb to workbench.verbs."""

import gc
import io
import os
import sys
from importlib import import_module
from pathlib import Path

from workbench.core.problems import UserError
from workbench.core.scrubbed import scrub_streams

SMOKE, JSON = "--smoke", "--json"


def main() -> None:
    """What a person can mend ends with a sentence and exit code 2."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # pydantic reads the metadata of every installed package for plugins, 10 ms of a start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows console may not know the letters of a recipe
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    scrub_streams()
    words = sys.argv[1:]
    try:
        if is_plainly_window(words):
            raise SystemExit(_open_window(words[1:]))
        from workbench.verbs.app import app

        app()
    except UserError as error:
        from rich.markup import escape

        from workbench.verbs import follow as terminal

        terminal.errors.print(escape(str(error)), soft_wrap=True)
        raise SystemExit(terminal.REFUSED) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        os._exit(0)  # whoever read our output has gone


def is_plainly_window(words: list[str]) -> bool:
    """Whether the words ask for the window and nothing else; a verb's help and its mistakes are typer's to tell.

    Typer, rich and the verbs take 0.25 s to import, which the window's first paint need not wait for.
    """
    if not words:
        return True
    paths = _paths(words[1:])
    return words[0] == "window" and len(paths) <= 1 and not any(path.startswith("-") for path in paths)


def _paths(words: list[str]) -> list[str]:
    return [word for word in words if word not in (SMOKE, JSON)]


def _open_window(words: list[str]) -> int:
    gc.disable()  # as the window does later: what is imported now stays, and looking through it takes 15 ms
    # Once Qt is there, PySide6 reads the source of whatever is imported: 30 ms for what can come first.
    for name in ("bridge.settings", "core.job.run_folder", "core.model.python_lines", "core.memory.ledger"):
        import_module(f"workbench.{name}")
    from workbench.window import app

    return app.run(smoke=SMOKE in words, path=next(map(Path, _paths(words)), None))


if __name__ == "__main__":
    main()
