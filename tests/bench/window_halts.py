"""How long the window stands still for what is large: `python -m tests.bench.window_halts` prints one JSON object.

Each act is done with something small and then with a data file of 500 MB or a journal of 60 MB, and the longest time
between two ticks of a 10 ms timer is told, by the clock.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.window_measures import Lateness, spin
from tests.bridge.engines import command
from tests.fakes import write_rows
from tests.large_files import huge_journal, large_rows
from workbench.core import places
from workbench.core.job.run_folder import RunFolder

JOURNALS = Path(__file__).parents[1] / "data" / "journals"
SETTLE_SECONDS = 1.0


def halts() -> dict[str, Any]:
    """Of training, going on with a run, opening one, and dropping a data file: milliseconds, small and large."""
    from workbench.bridge.job_control import JobControl, JobState
    from workbench.window import app

    control = JobControl(command=command("waits"))
    window = app.build(app.application(), control=control)
    window.resize(1366, 738)
    window.show()
    spin(seconds=3)
    folder = Path(tempfile.mkdtemp(dir=places.home()))
    small_data, large_data = write_rows(folder / "small.jsonl", 500), large_rows(folder / "large.jsonl")
    small_run, large_run = kept_run("stopped"), kept_run("crashed")
    huge_journal(large_run)
    for name in window.pages:
        window.show_page(name)
        spin(seconds=0.5)

    def is_over() -> bool:
        return control.state is JobState.ENDED

    def end() -> None:
        control.cancel()
        spin(until=is_over)

    def halt(act: Callable[[], object], until: Callable[[], object]) -> float:
        spin(seconds=SETTLE_SECONDS)
        late = Lateness()
        late.start()
        act()
        spin(until=until)
        spin(seconds=SETTLE_SECONDS)
        return float(late.figures()["largest_milliseconds"])

    def follow(run: RunFolder) -> float:
        return halt(lambda: window.open_path(run.path), lambda: control.run is not None and is_over())

    def resume(run: RunFolder) -> float:
        follow(run)
        taken = halt(lambda: window.train_page.view.resume_asked.emit(0), lambda: control.state is JobState.RUNNING)
        end()
        return taken

    def train(path: Path) -> float:
        window.store.set("data.path", str(path))
        window.show_page("train")
        forecaster = window.train_page.forecaster
        spin(until=lambda: forecaster.reading is not None and forecaster.reading.recipe == window.store.recipe)
        taken = halt(window.train_page.orders.train.click, lambda: control.state is JobState.RUNNING)
        end()
        return taken

    def drop(path: Path) -> float:
        window.show_page("data")
        page: Any = window.pages["data"]
        return halt(lambda: window.open_path(path), lambda: page.seen_path == path)

    acts: dict[str, Callable[[Any], float]] = {
        "Train clicked": train, "Go on clicked": resume, "a run opened": follow, "data dropped": drop,
    }  # fmt: skip
    follow(small_run)  # the plots are there, with what they import
    figures: dict[str, Any] = {}
    for name, act in acts.items():
        small, large = (small_run, large_run) if act in (resume, follow) else (small_data, large_data)
        control.detach()
        figures[name] = {"small_milliseconds": act(small)}
        control.detach()
        figures[name]["large_milliseconds"] = act(large)
    window.close()
    return figures


def kept_run(name: str) -> RunFolder:
    target = places.runs() / f"2026-11-24-2141-{name}"
    shutil.copytree(JOURNALS / name, target)
    return RunFolder(target)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(halts()) + "\n")
