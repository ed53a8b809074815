"""Gives main.py an environment that has the program's packages: `.venv` beside it, made on the first start."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# main.py has this folder in sys.path only while it imports this file: what lies beside it is imported here, not later.
from setup_words import SetupError, pip_failure, run, say
from torch_choice import asked_build, install_torch

ROOT = Path(__file__).resolve().parent.parent
# Distributions whose import name is not their own name in small letters.
IMPORT_NAMES = {
    "mlflow-skinny": "mlflow",
    "nvidia-ml-py": "pynvml",
    "pyside6-essentials": "PySide6",
    "import-linter": "importlinter",
    "pytest-xdist": "xdist",
}


class Project:
    """What pyproject.toml says the program needs."""

    def __init__(self, root: Path) -> None:
        table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
        self.root = root
        self._dependencies: list[str] = table["dependencies"]
        self._extras: dict[str, list[str]] = table["optional-dependencies"]

    def requirements(self, extra: str = "") -> list[str]:
        return self._dependencies + (self._extras[extra] if extra else [])

    def torch(self) -> str:
        return next(line for line in self._dependencies if _distribution(line) == "torch")

    def import_names(self, extra: str = "") -> list[str]:
        names = {_distribution(line) for line in self.requirements(extra)}
        return sorted(IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names)

    def stamp(self, extra: str = "") -> str:
        """Changes whenever the list of dependencies does."""
        # Every start computes it, and hashlib takes 9 ms to import.
        return f"{zlib.crc32(json.dumps([extra, self.requirements(extra)]).encode()):08x}"


class Environment:
    """A folder with a virtual environment; two marks in it tell how far it has come.

    `.incomplete` is written before anything else and removed last; `.complete` holds the stamps of what is installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.incomplete = folder / ".incomplete"
        self.complete = folder / ".complete"
        self.lock = folder / ".lock"

    def state(self, stamp: str) -> str:
        """One of absent, half-made, stale (pyproject.toml has changed), complete, foreign (made by someone else)."""
        whole = self.python.exists() and (self.folder / "pyvenv.cfg").exists()
        if self.incomplete.exists() or (self.complete.exists() and not whole):
            return "half-made"
        if self.complete.exists():
            return "complete" if stamp in self.complete.read_text("utf-8").split() else "stale"
        return "foreign" if self.python.exists() else "absent"

    def usable(self, project: Project, extra: str) -> bool:
        state = self.state(project.stamp(extra))
        return state == "complete" or (state == "foreign" and not self.absent(project.import_names(extra)))

    def absent(self, names: list[str]) -> list[str]:
        """Which of these packages this environment's Python does not find."""
        # -E and -s are -I, but for the folder of this file: what it imports lies there.
        answer = subprocess.run([str(self.python), "-E", "-s", __file__, *names], capture_output=True, text=True)
        if answer.returncode:
            raise SetupError(f"{self.python} does not run, or is older than Python 3.11. Move {self.folder} away.")
        return answer.stdout.split()

    def clear(self) -> None:
        """Removes the remains of an interrupted start; the folder stays marked as half-made."""
        self.incomplete.touch()
        for remains in self.folder.iterdir():
            if remains.is_dir() and not remains.is_symlink():
                shutil.rmtree(remains)
            elif remains not in (self.incomplete, self.lock):
                remains.unlink()

    def finish(self, stamps: Iterable[str]) -> None:
        if hasattr(os, "sync"):
            os.sync()  # a power cut must not leave the mark without the packages
        self.complete.write_text("\n".join(stamps), "utf-8")
        self.incomplete.unlink(missing_ok=True)


def main(argv: list[str]) -> int:
    """Runs the verb in an interpreter that has the packages, which may be another one than this."""
    extra = "test" if argv[:1] == ["test"] else ""
    try:
        python = prepared_python(Project(ROOT), Environment(ROOT / ".venv"), extra)
    except KeyboardInterrupt:
        say("Interrupted. The next start puts the environment in order and goes on.")
        return 130
    except SetupError as error:
        say(f"QLoRA Workbench cannot start. {error}")
        return 2
    except OSError as error:
        say(f"QLoRA Workbench cannot start. {error}. May you write to {ROOT}, and is there room on the disk?")
        return 2
    if python != sys.executable:
        return become([python, str(ROOT / "main.py"), *argv])
    if extra:
        return become([python, str(ROOT / "packaging" / "check.py"), *argv[1:]])
    if argv[:1] == ["bench"]:
        os.chdir(ROOT)
        return become([python, "-m", "tests.bench", *argv[1:]])
    from workbench.cli import main as run

    run()
    return 0


def prepared_python(project: Project, environment: Environment, extra: str) -> str:
    """The interpreter to use: this one where it has the packages, else the environment's, made now if need be."""
    inside = Path(sys.prefix).resolve() == environment.folder.resolve()
    state = environment.state(project.stamp(extra))
    if not not_found(project.import_names(extra)):
        if not inside or state in ("complete", "foreign"):
            return sys.executable
    elif inside and state == "complete":
        environment.incomplete.touch()
        state = "half-made"
    if inside and state == "half-made":
        # An interpreter cannot take away the folder it runs from: its base makes the environment anew.
        return str(getattr(sys, "_base_executable", sys.executable))
    if not environment.usable(project, extra):
        environment.folder.mkdir(exist_ok=True)
        with exclusive(environment.lock):
            if not environment.usable(project, extra):
                make(project, environment, extra)
    return str(environment.python)


def not_found(names: list[str]) -> list[str]:
    """Which of these packages the running interpreter lacks; a folder that only bears the name does not count."""
    specs = {name: importlib.util.find_spec(name) for name in names}
    return [name for name, spec in specs.items() if spec is None or spec.origin is None]


def make(project: Project, environment: Environment, extra: str) -> None:
    asked_build()  # a mistyped one is refused before anything is made
    state = environment.state(project.stamp(extra))
    if state in ("absent", "half-made"):
        version = ".".join(str(part) for part in sys.version_info[:2])
        again = "The environment of an interrupted start is made anew" if state == "half-made" else "First start"
        say(f"{again}: QLoRA Workbench makes an environment with Python {version} in {environment.folder}.")
        ensure_venv_module()
        if state == "half-made":
            environment.clear()
        environment.incomplete.touch()
        if not run([sys.executable, "-m", "venv", str(environment.folder)]):
            raise SetupError("Python's own `venv` failed, its message stands above. Is the folder writable?")
    else:
        lacking = environment.absent(project.import_names(extra))
        reason = f"lacks {', '.join(lacking)}" if lacking else "is older than pyproject.toml"
        say(f"The environment in {environment.folder} {reason}: installing into it.")
        environment.complete.write_text("", "utf-8")
    python = str(environment.python)
    if environment.absent(["pip"]) and not run([python, "-m", "ensurepip"]):
        raise SetupError(f"{python} has no pip, and ensurepip failed. Delete {environment.folder}, start again.")
    pip = [python, "-m", "pip"]
    # Before 23.3 a dry run downloads whole packages; without a network the next step is the one that says so.
    run([*pip, "install", "--quiet", "--no-input", "pip>=23.3"], keeps_lock=True)
    install_torch(pip, project.torch(), environment.folder)
    what = f"{project.root}[{extra}]" if extra else str(project.root)
    if not run([*pip, "install", "--no-input", "--editable", what], keeps_lock=True):
        raise SetupError(pip_failure("the program's packages"))
    lacking = environment.absent(project.import_names(extra))
    if lacking:
        raise SetupError(f"pip reported success, but {', '.join(lacking)} cannot be found. Delete .venv, start again.")
    environment.finish(project.stamp(name) for name in dict.fromkeys(["", extra]))
    install_system_libraries()
    say("The environment is complete.")


def ensure_venv_module() -> None:
    """Debian and Ubuntu keep a part of `venv` in a package of its own."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    if sys.base_prefix == "/usr" and apt_install(command):
        return
    raise SetupError(
        f"This Python ({sys.executable}) cannot make an environment: it has no `ensurepip`. "
        f"On Debian and Ubuntu install it with `sudo {' '.join(command)}`, then start again."
    )


def install_system_libraries() -> None:
    """Names what the window lacks, and installs it where that needs no question."""
    from workbench.core.machine import system_libraries

    missing = system_libraries.missing("xcb") if sys.platform == "linux" else []
    if not missing:
        return
    command = system_libraries.apt_command(missing)
    if system_libraries.is_debian() and apt_install(command.split()):
        return
    how = (
        f"Install them with `{command}`." if system_libraries.is_debian() else "Install them with your system's tools."
    )
    names = ", ".join(library.soname for library in missing)
    say(f"The window needs libraries that this system lacks: {names}. {how} Verbs in a terminal work without them.")


def apt_install(command: list[str]) -> bool:
    """Runs an `apt-get install`, with fresh package lists if it fails at first; only as root."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"Running `{' '.join(command)}`.")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return run(command) or (run(["apt-get", "update"]) and run(command))


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Waits until no other start makes the environment; the operating system lets go however a start ends."""
    with path.open("a") as file:
        waits = False
        while not try_lock(file):
            if not waits:
                say("Another start is making the environment: waiting for it.")
            waits = True
            time.sleep(0.2)
        yield


def try_lock(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A pip that outlives a killed start keeps the lock, so that nobody removes the folder under it.
            os.set_inheritable(file.fileno(), True)
    except (BlockingIOError, PermissionError):
        return False
    return True


def become(command: list[str]) -> int:
    """Goes on as another program: does not return, except on Windows, which can only wait for it."""
    os.environ.pop("PYTHONHOME", None)  # it would keep the environment's Python from finding its packages
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.run(command).returncode


def _distribution(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()


if __name__ == "__main__":
    print(*not_found(sys.argv[1:]), sep="\n")
