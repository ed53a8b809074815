"""Gives main.py an environment that has the program's packages: `.venv` beside it, made on the first start.

WORKBENCH_TORCH=cpu, cu126 or cu130 chooses the torch build instead of the card that is found. It counts when the
environment is made: delete `.venv` to choose again.
"""

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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# Distributions whose import name is not their own name in small letters.
IMPORT_NAMES = {"nvidia-ml-py": "pynvml", "pyside6-essentials": "PySide6", "import-linter": "importlinter"}
TORCH_INDEX = "https://download.pytorch.org/whl/"
# What the package index itself holds for Linux.
INDEX_BUILD = "cu130"
# Gigabytes to download and on disk: measured for the CPU build; for CUDA the files' sizes in the index, 3.03 GB for
# torch, and an estimate of what they unpack to.
SIZES_GB = {"cpu": (0.5, 1.9), "cu126": (3.3, 8.0), "cu130": (3.3, 8.0)}
# Builds of torch 2.13: CUDA 13.0 needs Turing and driver 580.65, CUDA 12.6 driver 525.60.13 and no Blackwell.
OLDEST_CAPABILITY, TURING, BLACKWELL = (5, 0), (7, 5), (10, 0)
CUDA_13_DRIVER, CUDA_12_DRIVER = (580, 65), (525, 60, 13)
NETWORK_ADVICE = "Check the network connection and the proxy, then start again: finished downloads are kept."


class SetupError(Exception):
    """Says in its text what happened, why, and what to do."""


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
        answer = subprocess.run([str(self.python), "-I", __file__, *names], capture_output=True, text=True)
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


def torch_build(driver: str | None, capability: str | None) -> tuple[str | None, str]:
    """The torch build for a card, with the reason; no build where the driver has to be updated first."""
    if driver is None:
        return "cpu", "no NVIDIA driver was found"
    # nvidia-smi before driver 510 does not tell the capability; every build serves Turing.
    strength = numbers(capability) if capability else TURING
    card = f"NVIDIA driver {driver}, compute capability {capability or 'unknown'}"
    if strength < OLDEST_CAPABILITY:
        return "cpu", f"{card}: the card is older than any CUDA build of torch serves"
    if strength >= TURING and numbers(driver) >= CUDA_13_DRIVER:
        return "cu130", card
    if strength < BLACKWELL and numbers(driver) >= CUDA_12_DRIVER:
        return "cu126", card
    needed = CUDA_13_DRIVER if strength >= BLACKWELL else CUDA_12_DRIVER
    return None, f"{card}: this card needs driver {'.'.join(map(str, needed))} or newer"


def find_card() -> tuple[str | None, str | None]:
    """Driver and compute capability of the strongest NVIDIA card, as far as they can be had without torch."""
    query = ["nvidia-smi", "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"]
    with suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(query, capture_output=True, text=True, timeout=30, check=True).stdout
        cards = [line.split(", ") for line in answer.splitlines() if re.fullmatch(r"[\d.]+, [\d.]+", line)]
        if cards:
            driver, capability = max(cards, key=lambda card: numbers(card[1]))
            return driver, capability
    with suppress(OSError):
        return kernel_driver(Path("/proc/driver/nvidia/version").read_text("utf-8")), None
    return None, None


def kernel_driver(text: str) -> str | None:
    """The driver in /proc/driver/nvidia/version, of the closed kernel module or the open one."""
    found = re.search(r"Kernel Module.*?\s(\d+\.[\d.]+)", text)
    return found.group(1) if found else None


def install_torch(pip: list[str], requirement: str, folder: Path) -> None:
    """Installs the torch build that fits the card; never a CUDA build, gigabytes large, without saying so."""
    build, options = choose_torch(pip, requirement)
    if build == "installed":
        return
    download, disk = SIZES_GB[build]
    free = shutil.disk_usage(folder).free / 1e9
    if free < disk:
        raise SetupError(f"It needs about {disk} GB of disk in {folder}, and {free:.1f} GB are free. Make room there.")
    say(f"Installing torch ({build}) and the other packages: about {download} GB to download, {disk} GB on disk.")
    if not run([*pip, "install", "--no-input", *options, requirement], keeps_lock=True):
        raise SetupError(pip_failure("torch"))


def choose_torch(pip: list[str], requirement: str) -> tuple[str, list[str]]:
    """The build to install and pip's options for it: from the configured index where that has it, else from torch's."""
    wanted, reason = torch_build(*find_card())
    if chosen := os.environ.get("WORKBENCH_TORCH"):
        if chosen not in SIZES_GB:
            raise SetupError(f"WORKBENCH_TORCH is {chosen!r}. It may be {', '.join(SIZES_GB)}.")
        wanted, reason = chosen, "WORKBENCH_TORCH asks for it"
    if wanted is None:
        if not agrees(f"{reason}. Install a build of torch that uses no card for now?", unasked=False):
            raise SetupError(f"{reason}. Update it, or set WORKBENCH_TORCH=cpu to work without the card.")
        wanted = "cpu"
    say(f"Torch build: {wanted} ({reason}).")
    offers: dict[str, list[str]] = {}
    failures = []
    for options in ([], ["--index-url", TORCH_INDEX + wanted]):
        offer, failure = pip_offer(pip, requirement, options)
        if offer in (wanted, "installed"):
            return offer, options
        offers[offer] = options
        failures.append(failure)
    if wanted == "cpu" and INDEX_BUILD in offers:
        if not agrees("Only a CUDA build of torch is to be had, about 3 GB to download. Install it?", unasked=True):
            raise SetupError(f"Without torch nothing can run. {TORCH_INDEX}cpu has a smaller one: is it reachable?")
        return INDEX_BUILD, offers[INDEX_BUILD]
    otherwise = "" if wanted == "cpu" else " WORKBENCH_TORCH=cpu works without the card."
    reasons = " ".join(filter(None, failures))
    raise SetupError(f"Torch ({wanted}) is not to be had. {reasons} {NETWORK_ADVICE}{otherwise}")


def pip_offer(pip: list[str], requirement: str, options: list[str]) -> tuple[str, str]:
    """The torch build that pip would install with these options ("installed": none), or "" and why there is none."""
    dry_run = ["install", "--dry-run", "--quiet", "--no-input", "--report", "-"]
    answer = subprocess.run([*pip, *dry_run, *options, requirement], capture_output=True, text=True)
    if answer.returncode == 0:
        return offered_build(json.loads(answer.stdout)), ""
    if "Retrying" in answer.stderr:
        return "", f"{options[-1] if options else 'The package index'} could not be reached."
    errors = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")]
    return "", f"pip says: {errors[-1]}." if errors else "pip gave no reason."


def offered_build(report: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    """Reads pip's installation report: torch names its build after a plus sign, or brings CUDA as packages."""
    versions = {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in report["install"]}
    if "torch" not in versions:
        return "installed"
    build = versions["torch"].partition("+")[2]
    return build or (INDEX_BUILD if any(name.startswith("nvidia-") for name in versions) else "cpu")


def install_system_libraries() -> None:
    """Names what the window lacks, and installs it where that needs no question."""
    from workbench.core import system_libraries

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


def run(command: list[str], keeps_lock: bool = False) -> bool:
    """Runs a command that reports on standard error: standard output belongs to the verb."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=2, close_fds=not keeps_lock).returncode == 0


def become(command: list[str]) -> int:
    """Goes on as another program: does not return, except on Windows, which can only wait for it."""
    os.environ.pop("PYTHONHOME", None)  # it would keep the environment's Python from finding its packages
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.run(command).returncode


def pip_failure(what: str) -> str:
    return f"pip could not install {what}, its message stands above. {NETWORK_ADVICE}"


def agrees(question: str, unasked: bool) -> bool:
    """Asks at a terminal; elsewhere says the question and takes the given answer."""
    sys.stderr.write(f"{question} [y/N] " if sys.stdin.isatty() else f"{question} ({'Yes' if unasked else 'No'}.)\n")
    return sys.stdin.readline().strip().lower() in ("y", "yes") if sys.stdin.isatty() else unasked


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _distribution(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower()


if __name__ == "__main__":
    print(*not_found(sys.argv[1:]), sep="\n")
