"""Where the window stands: a display that goes away while a run goes on, and fonts that are not there."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.fakes import tiny_recipe
from tests.runs import has_step, wait_for
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.recipe import text as recipe_text

XVFB = shutil.which("Xvfb")
# Opens the window on a recipe and trains it, as a click would.
TRAINS = """
import sys
from pathlib import Path
from workbench.window import app

build = app.build(app.application())
build.store.open(Path(sys.argv[1]))
build.first_painted.connect(build.train_page.train)
build.show()
raise SystemExit(app.application().exec())
"""
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")


@pytest.fixture
def display() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """An X server of its own and its name."""
    if XVFB is None:
        pytest.skip("needs Xvfb")
    read, write = os.pipe()
    command = [XVFB, "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    if not number:
        server.wait(60)
        pytest.skip("Xvfb does not start here")
    yield server, f":{number}"
    server.kill()
    server.wait(60)


def ends(process: psutil.Process, seconds: float) -> bool:
    return not psutil.wait_procs([process], timeout=seconds)[1]


def test_that_a_run_goes_on_to_its_end_when_the_display_goes_away(
    display: tuple[subprocess.Popen[bytes], str], tiny_model: Callable[[str], Path], rows: Path, tmp_path: Path
) -> None:
    server, name = display
    recipe = tmp_path / "mine.toml"
    tiny = tiny_recipe(tiny_model("llama"), rows, "training.max_steps=40", "training.save_steps=0")
    recipe.write_text(recipe_text.to_toml(tiny), encoding="utf-8")
    environment = {**os.environ, "DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    window = subprocess.Popen(
        [sys.executable, "-c", TRAINS, str(recipe)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + 60
    while not RunFolder.all():
        if window.poll() is not None:
            said, _ = window.communicate()
            if b"platform plugin" in said:
                pytest.skip("Qt's xcb plugin does not load here")
            raise AssertionError(said.decode())
        assert time.monotonic() < deadline, "no run came"
        time.sleep(0.05)
    run = RunFolder.all()[0]
    wait_for(lambda: has_step(run, 1), window, run)
    started = run.history().started
    assert started is not None
    engine = psutil.Process(started.pid)
    server.kill()
    said, _ = window.communicate(timeout=60)
    assert window.returncode != 0
    assert b"Traceback" not in said
    assert ends(engine, 120)
    assert run.state() is RunState.FINISHED
    assert run.history().step == 40


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig")
@pytest.mark.parametrize("has_dejavu", [True, False])
def test_that_the_window_opens_where_a_font_or_every_font_is_missing(tmp_path: Path, has_dejavu: bool) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    if has_dejavu:
        found = DEJAVU / "DejaVuSans.ttf"
        if not found.is_file():
            pytest.skip("needs DejaVu")
        shutil.copy(found, fonts)
    config = tmp_path / "fonts.conf"
    config.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{fonts}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>'
    )
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "window", "--smoke", "--json"],
        env={**os.environ, "FONTCONFIG_FILE": str(config)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert len(json.loads(done.stdout)["pages"]) == 8
