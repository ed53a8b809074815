"""What every test stands on: a home of its own, real small models, and nothing left running."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

# Before torch is imported: two processes of two threads on two cores slow each other tenfold.
os.environ.setdefault("OMP_NUM_THREADS", str(min(2, os.cpu_count() or 1)))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # whoever runs the tests has a token of theirs

from tests.fakes import FAMILIES, save_tiny_model, write_rows
from workbench.core import places

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

# Whose every test takes a process, a whole window, or every code of a format; others are marked one by one.
SLOW = (
    *("tests/engine/", "tests/window/", "tests/verbs/", "tests/house/test_adding", "tests/bridge/test_job"),
    *("tests/bridge/test_following", "tests/bridge/test_fetch", "tests/bridge/test_run_list"),
    *("tests/core/bits/test_workings", "tests/panes/model/hub/test_view"),
    *("tests/core/bits/test_quiz", "tests/core/job/test_checkpoints", "tests/core/job/test_outline"),
    *("tests/core/job/test_run_folder", "tests/core/model/test_hub_models", "tests/numerics/test_number_formats"),
    *("tests/numerics/test_rounding", "tests/panes/data/mapping/test_trained"),
    *(
        "tests/panes/data/editing/test_session",
        "tests/bridge/test_chat_control",
        "tests/bridge/test_prompt_table",
        "tests/bridge/test_queue_control",
        "tests/panes/try_/table/test_answering",
    ),
    *("tests/panes/try_/test_examined", "tests/panes/try_/talk/test_view"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the slow tests, and puts the folders with most of them first: two workers then end together."""
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
    items.sort(key=lambda item: next((place for place, path in enumerate(SLOW) if item.nodeid.startswith(path)), 99))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Of bytes their number: what gzip packs holds the second, and two workers would name one test in two ways."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A WORKBENCH_HOME for this test alone."""
    folder = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    left = [child for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
    names = [" ".join(child.cmdline()) for child in left]
    for child in left:
        child.kill()
    assert not names, f"left running: {names}"


@pytest.fixture(scope="session")
def qapp() -> "QApplication":
    """The one QApplication that a process may have."""
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    return application


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """Folders of two-layer models of each family, made once: tiny_model("llama"). Nobody leaves anything in them."""
    folder = tmp_path_factory.mktemp("models")
    made: dict[str, Path] = {}
    files: dict[str, set[Path]] = {}

    def make(family: str) -> Path:
        if family not in made:
            made[family] = save_tiny_model(FAMILIES[family](), folder / family)
            files[family] = set(made[family].iterdir())
        return made[family]

    yield make
    assert {family: set(path.iterdir()) for family, path in made.items()} == files


@pytest.fixture
def starter_of_the_session(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The starter model as an earlier test of any worker has fetched it; else this test's is left for the next."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / places.STARTER
    mine = home / "models" / places.STARTER
    if shared.is_dir():
        shutil.copytree(shared, mine, copy_function=os.link)
    yield
    if mine.is_dir() and not shared.exists():
        staging = own / f"{places.STARTER}.partial"
        shutil.copytree(mine, staging, copy_function=os.link)
        with suppress(OSError):  # the other worker was first
            staging.rename(shared)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A JSONL file of 24 rows with prompt and completion."""
    return write_rows(tmp_path / "rows.jsonl", 24)
