"""The first start: which torch, what state an environment is in, and one start at a time."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "main.py"
SPEC = importlib.util.spec_from_file_location("bootstrap", ROOT / "packaging" / "bootstrap.py")
assert SPEC is not None
assert SPEC.loader is not None
bootstrap = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bootstrap)

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


@pytest.mark.parametrize(
    ("driver", "capability", "build"),
    [
        (None, None, "cpu"),
        ("470.256.02", "3.5", "cpu"),
        ("580.95.05", "3.7", "cpu"),
        ("580.95.05", "6.1", "cu126"),
        ("580.95.05", "7.0", "cu126"),
        ("580.65.06", "7.5", "cu130"),
        ("580.65.06", "8.9", "cu130"),
        ("580.65.06", "12.0", "cu130"),
        ("595.10", "9.0", "cu130"),
        ("580.64", "8.6", "cu126"),
        ("535.183.01", "9.0", "cu126"),
        ("525.60.13", "5.0", "cu126"),
        ("525.60.12", "8.0", None),
        ("470.82.01", "7.5", None),
        ("575.57.08", "10.0", None),
        ("570.124.06", "12.0", None),
        ("590.44", None, "cu130"),
        ("535.54.03", None, "cu126"),
        ("470.82.01", None, None),
    ],
)
def test_that_the_torch_build_follows_from_driver_and_card(
    driver: str | None, capability: str | None, build: str | None
) -> None:
    assert bootstrap.torch_build(driver, capability)[0] == build


@pytest.mark.parametrize(
    ("driver", "capability", "needed"), [("575.57", "12.0", "580.65"), ("470.82.01", "7.5", "525.60.13")]
)
def test_that_an_old_driver_is_named_with_the_one_it_takes(driver: str, capability: str, needed: str) -> None:
    reason = bootstrap.torch_build(driver, capability)[1]
    assert driver in reason
    assert needed in reason


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\n", "535.183.01"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.82.07  Release Build\n", "580.82.07"),
        ("something else\n", None),
    ],
)
def test_that_the_kernel_names_the_driver(text: str, driver: str | None) -> None:
    assert bootstrap.kernel_driver(text) == driver


def pip_report(**versions: str) -> dict[str, object]:
    return {"install": [{"metadata": {"name": name, "version": version}} for name, version in versions.items()]}


@pytest.mark.parametrize(
    ("versions", "build"),
    [
        ({"torch": "2.13.0+cpu", "sympy": "1.14"}, "cpu"),
        ({"torch": "2.13.0+cu126", "nvidia-cudnn-cu12": "9"}, "cu126"),
        ({"torch": "2.13.0", "nvidia-cudnn-cu13": "9"}, "cu130"),
        ({"torch": "2.13.0", "sympy": "1.14"}, "cpu"),
        ({}, "installed"),
    ],
)
def test_that_the_build_is_read_from_what_pip_would_install(versions: dict[str, str], build: str) -> None:
    assert bootstrap.offered_build(pip_report(**versions)) == build


def test_that_an_unknown_torch_build_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TORCH", "cu999")
    with pytest.raises(bootstrap.SetupError, match=r"WORKBENCH_TORCH.*cpu, cu126, cu130"):
        bootstrap.choose_torch(["unused"], "torch")


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
            let_go, _ = first.communicate("\n", timeout=30)
            held, _ = second.communicate("\n", timeout=30)
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


def test_that_a_package_index_out_of_reach_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    nowhere = ["--index-url", "http://127.0.0.1:9/simple"]
    offer, failure = bootstrap.pip_offer([sys.executable, "-m", "pip"], "made-up-package", nowhere)
    assert offer == ""
    assert re.fullmatch(r"http://127\.0\.0\.1:9/simple could not be reached\.", failure)


def test_that_main_py_says_in_one_sentence_that_a_python_is_too_old() -> None:
    script = f"import runpy, sys; sys.version_info = (3, 8, 1); runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.returncode == 2
    assert answer.stderr == "QLoRA Workbench needs Python 3.11 or newer, and this is Python 3.8.1.\n"
