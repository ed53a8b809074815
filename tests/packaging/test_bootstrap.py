"""The first start: what state an environment is in, and one start at a time."""

import os
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.packaging import bootstrap

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "main.py"

PYPROJECT = """
[project]
dependencies = [
  "torch>=2.9,<2.14",
  "nvidia-ml-py>=13",
  "huggingface-hub>=2",
  "PySide6-Essentials>=6; python_version<'3.12'",
]
optional-dependencies = { test = ["import-linter>=2"] }
"""


@pytest.fixture
def project(tmp_path: Path) -> object:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, "utf-8")
    return bootstrap.Project(tmp_path)


@pytest.fixture(scope="module")
def real_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / ".venv"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    return folder


@pytest.fixture
def environment(real_environment: Path) -> object:
    for mark in (".complete", ".incomplete"):
        (real_environment / mark).unlink(missing_ok=True)
    return bootstrap.Environment(real_environment)


def test_that_import_names_and_torch_are_read_from_pyproject(project) -> None:
    assert project.torch() == "torch>=2.9,<2.14"
    assert project.import_names() == ["PySide6", "huggingface_hub", "pynvml", "torch"]
    assert project.import_names("test") == ["PySide6", "huggingface_hub", "importlinter", "pynvml", "torch"]


def test_that_every_package_of_this_project_is_found_under_its_import_name() -> None:
    assert bootstrap.not_found(bootstrap.Project(ROOT).import_names("test")) == []


def test_that_the_stamp_changes_with_the_list_and_with_nothing_else(tmp_path: Path, project) -> None:
    before = project.stamp()
    (tmp_path / "pyproject.toml").write_text(PYPROJECT + "description = 'new'\n", "utf-8")
    assert bootstrap.Project(tmp_path).stamp() == before
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.replace("2.14", "2.15"), "utf-8")
    assert bootstrap.Project(tmp_path).stamp() != before
    assert project.stamp("test") != before


def test_that_a_folder_that_only_bears_the_name_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up_package").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert bootstrap.not_found(["json", "made_up_package"]) == ["made_up_package"]


def test_that_the_state_of_an_environment_is_told_from_its_marks(environment, tmp_path: Path) -> None:
    assert bootstrap.Environment(tmp_path / "nothing").state("a") == "absent"
    (tmp_path / "empty").mkdir()
    assert bootstrap.Environment(tmp_path / "empty").state("a") == "absent"
    assert environment.state("a") == "foreign"
    environment.incomplete.touch()
    assert environment.state("a") == "half-made"
    environment.finish(["a", "b"])
    assert environment.state("a") == "complete"
    assert environment.state("b") == "complete"
    assert environment.state("c") == "stale"
    environment.incomplete.touch()
    assert environment.state("a") == "half-made"


def test_that_a_complete_environment_without_its_python_is_half_made(tmp_path: Path) -> None:
    environment = bootstrap.Environment(tmp_path)
    environment.finish(["a"])
    assert environment.state("a") == "half-made"


def test_that_clearing_keeps_nothing_but_the_mark_and_the_lock(tmp_path: Path) -> None:
    environment = bootstrap.Environment(tmp_path)
    (tmp_path / "lib" / "deep").mkdir(parents=True)
    (tmp_path / "pyvenv.cfg").touch()
    (tmp_path / "lib64").symlink_to(tmp_path / "lib", target_is_directory=True)
    environment.lock.touch()
    environment.clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".incomplete", ".lock"]


def test_that_a_foreign_environment_is_used_only_with_all_packages(environment, project) -> None:
    assert environment.absent(["json", "made_up_package"]) == ["made_up_package"]
    assert not environment.usable(project, "")
    assert environment.absent(["json", "tomllib"]) == []


def test_that_a_foreign_environment_that_does_not_run_is_refused_in_words(tmp_path: Path) -> None:
    environment = bootstrap.Environment(tmp_path)
    environment.python.parent.mkdir()
    environment.python.write_text("#!/bin/sh\nexit 3\n", "utf-8")
    environment.python.chmod(0o755)
    with pytest.raises(bootstrap.SetupError, match=r"Move .* away"):
        environment.absent(["json"])


def test_that_a_mistyped_torch_build_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project
) -> None:
    monkeypatch.setenv("WORKBENCH_TORCH", "cu999")
    environment = bootstrap.Environment(tmp_path / ".venv")
    environment.folder.mkdir()
    with pytest.raises(bootstrap.SetupError, match=r"WORKBENCH_TORCH.*cpu, cu126, cu130"):
        bootstrap.make(project, environment, "")
    assert list(environment.folder.iterdir()) == []


HOLD = f"""
import sys, time
sys.path.insert(0, {str(ROOT / "packaging")!r})
import bootstrap
from pathlib import Path
with bootstrap.exclusive(Path(sys.argv[1])):
    print(time.monotonic_ns(), flush=True)
    sys.stdin.readline()
    print(time.monotonic_ns(), flush=True)
"""


def test_that_a_second_start_waits_until_the_first_one_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as first:
        assert first.stdout.readline()
        with subprocess.Popen(command, **pipes) as second:
            assert second.stderr.readline() == "Another start is making the environment: waiting for it.\n"
            let_go, _ = first.communicate("\n", timeout=60)
            held, _ = second.communicate("\n", timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert int(let_go) < int(held.split()[0])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill that cannot be caught")
def test_that_a_killed_start_lets_go_of_the_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline()
        first.send_signal(signal.SIGKILL)
    with bootstrap.exclusive(tmp_path / "lock"):
        pass


def test_that_main_py_says_in_one_sentence_that_a_python_is_too_old() -> None:
    script = f"import runpy, sys; sys.version_info = (3, 8, 1); runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.returncode == 2
    assert answer.stderr == "QLoRA Workbench needs Python 3.11 or newer, and this is Python 3.8.1.\n"
