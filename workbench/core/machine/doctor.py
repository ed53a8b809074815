"""Examines whether this machine can run the program, and says of whatever is wrong what to do."""

import importlib.metadata
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core import places
from workbench.core.installed import version_of
from workbench.core.job import launch
from workbench.core.machine import system_libraries

DISTRIBUTION = "qlora-workbench"
ROOT = Path(__file__).resolve().parents[3]
DEVICE_CHECK = (sys.executable, "-m", "workbench.engine.device_check")
DEVICE_SECONDS = 120.0
FREE_DISK_GB = 5.0

# NF4 with double quantization is 0.092 off for normally distributed weights (measured, bitsandbytes 0.50).
WEIGHT_ERROR_BOUND = 0.12
# Against an FP32 product of the same weights BF16 was 0.0032 off and FP16 0.0005 (measured, CPU).
PRODUCT_ERROR_BOUND = 2**-6

# The choice of packaging/torch_choice.py, which has to run before there are packages; a test holds the two together.
TORCH_INDEX = "https://download.pytorch.org/whl/"
OLDEST_CAPABILITY, TURING, BLACKWELL = (5, 0), (7, 5), (10, 0)
CUDA_13_DRIVER, CUDA_12_DRIVER = "580.65", "525.60.13"


@dataclass(frozen=True)
class Check:
    """What was found of one thing; the advice says what to do where it is not ok."""

    name: str
    ok: bool
    found: str
    advice: str = ""
    is_required: bool = True


@dataclass(frozen=True)
class Card:
    """What NVML says of the strongest NVIDIA card."""

    name: str
    memory_bytes: int
    capability: tuple[int, int]
    driver: str
    cuda_major: int  # the newest CUDA that the driver serves


class DeviceReport(BaseModel):
    """What `python -m workbench.engine.device_check` found; errors are relative to the largest value."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    torch: str
    cuda: str | None  # of the build
    kind: str  # "cuda" or "cpu": the device that a run would use
    name: str
    total_bytes: int
    capability: tuple[int, int] | None
    has_bf16: bool
    dtype: str
    product_error: float = float("nan")
    weight_error: float = float("nan")
    seconds: float = 0.0
    problem: str = ""  # what kept the product from being computed


def examine(command: Sequence[str] = DEVICE_CHECK, seconds: float = DEVICE_SECONDS) -> list[Check]:
    """Every check, in the order to mend them in; `command` is the child process that tries PyTorch on the device."""
    card_check, card = find_card()
    python, requirements = declared()
    report = ask_child(command, seconds)
    return [
        python_check(python),
        packages_check(requirements, torch_build(card)),
        card_check,
        *([report] if isinstance(report, Check) else device_checks(report, card)),
        disk_check(),
        qt_check(),
        starter_check(),
    ]


def declared() -> tuple[str, list[str]]:
    """The Pythons and the packages that the program asks for: of its installed distribution, else of the checkout."""
    try:
        metadata = importlib.metadata.metadata(DISTRIBUTION)
        return metadata["Requires-Python"], metadata.get_all("Requires-Dist") or []
    except importlib.metadata.PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        return project["requires-python"], project["dependencies"]


def python_check(wanted: str) -> Check:
    from packaging.specifiers import SpecifierSet

    version = ".".join(str(part) for part in sys.version_info[:3])
    if SpecifierSet(wanted).contains(version):
        return Check("Python", True, version)
    return Check("Python", False, f"{version}, where {wanted} is needed", f"Install a Python {wanted}.")


def packages_check(requirements: list[str], build: str | None) -> Check:
    """Whether every package is there in a version that is asked for; torch would be taken as `build`."""
    # 40 ms to import, which no other verb needs.
    from packaging.requirements import Requirement

    asked = [Requirement(line) for line in requirements]
    asked = [requirement for requirement in asked if requirement.marker is None or requirement.marker.evaluate()]
    found, commands, warnings = [], [], []
    for requirement in asked:
        version = version_of(requirement.name)
        if version and requirement.specifier.contains(version, prereleases=True):
            continue
        found.append(f"{requirement.name} is {version or 'not installed'} ({requirement.specifier} is needed)")
        commands.append(f"{requirement.name}{requirement.specifier}")
        if requirement.name == "PySide6-Essentials" and version.startswith("6.12."):
            warnings.append("PySide6 6.12 on Python 3.11 corrupts reference counts, and the window aborts.")
    if not found:
        return Check("packages", True, f"all {len(asked)} are there, in the versions asked for")
    index = build if any(command.startswith("torch") for command in commands) else None
    advice = " ".join([*warnings, f"Run `{_pip_install(*commands, build=index)}`."])
    return Check("packages", False, "; ".join(found), advice)


def find_card() -> tuple[Check, Card | None]:
    """Asks the driver for the strongest card; a machine without one is well, and trains on the CPU."""
    name = "NVIDIA card"
    none = Check(
        name,
        True,
        "no NVIDIA card: training runs on the CPU",
        "If there is one, install its driver.",
        is_required=False,
    )
    try:
        import pynvml
    except ImportError:
        advice = f"Run `{_pip_install('nvidia-ml-py')}`."
        return Check(name, False, "cannot be asked: nvidia-ml-py is missing", advice, is_required=False), None
    try:
        pynvml.nvmlInit()
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        driver = str(pynvml.nvmlSystemGetDriverVersion())
        cuda_major = int(pynvml.nvmlSystemGetCudaDriverVersion_v2()) // 1000
        cards = [
            Card(
                str(pynvml.nvmlDeviceGetName(handle)),
                int(pynvml.nvmlDeviceGetMemoryInfo(handle).total),
                tuple(pynvml.nvmlDeviceGetCudaComputeCapability(handle)),
                driver,
                cuda_major,
            )
            for handle in handles
        ]
        pynvml.nvmlShutdown()
    except pynvml.NVMLError_LibraryNotFound:
        return none, None
    except pynvml.NVMLError as error:
        advice = "Restart the computer; if that does not help, install the NVIDIA driver anew."
        return Check(name, False, f"the NVIDIA driver says: {error}", advice, is_required=False), None
    if not cards:
        return none, None
    card = max(cards, key=lambda card: card.capability)
    others = f" and {len(cards) - 1} more" if len(cards) > 1 else ""
    found = (
        f"{card.name}{others}, {card.memory_bytes / 2**30:.1f} GiB, compute capability "
        f"{'.'.join(map(str, card.capability))}, driver {driver}"
    )
    return Check(name, True, found), card


def torch_build(card: Card | None) -> str | None:
    """The torch build that fits a card; none where the driver has to be updated first."""
    if card is None or card.capability < OLDEST_CAPABILITY:
        return "cpu"
    driver = _numbers(card.driver)
    if card.capability >= TURING and driver >= _numbers(CUDA_13_DRIVER):
        return "cu130"
    return "cu126" if card.capability < BLACKWELL and driver >= _numbers(CUDA_12_DRIVER) else None


def ask_child(command: Sequence[str], seconds: float) -> DeviceReport | Check:
    """What the child process says of the device, or how it failed: a fault in it costs nothing here."""
    trial = "the trial of PyTorch in a process of its own"
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, env=launch.environment()
        )
    except subprocess.TimeoutExpired:
        found = f"{trial} gave no answer within {seconds:g} s and was ended"
        return Check("PyTorch", False, found, "Try again when the machine is idle; if it stays so, restart it.")
    except OSError as error:
        return Check("PyTorch", False, f"{trial} cannot be started: {error.strerror}", _make_anew())
    answer, complaints = (text.decode("utf-8", "replace").strip() for text in (child.stdout, child.stderr))
    if child.returncode == -9:  # what Linux sends where the memory has run out
        found = f"{trial} {launch.how_it_ended(child.returncode)}"
        return Check("PyTorch", False, found, "Perhaps the memory was not enough: close programs, then try again.")
    if child.returncode:
        reason = complaints.splitlines()[-1][:300] if complaints and child.returncode > 0 else ""
        found = ": ".join(filter(None, [f"{trial} {launch.how_it_ended(child.returncode)}", reason]))
        return Check("PyTorch", False, found, _make_anew())
    try:
        return DeviceReport.model_validate_json(answer)
    except ValidationError:
        said = f"answered what cannot be read: {answer[:60]!r}" if answer else "ended without an answer"
        return Check("PyTorch", False, f"{trial} {said}", _make_anew())


def device_checks(report: DeviceReport, card: Card | None) -> list[Check]:
    return [pytorch_check(report, card), four_bit_check(report, card), bf16_check(report)]


def pytorch_check(report: DeviceReport, card: Card | None) -> Check:
    """Whether the PyTorch build can use the card that there is."""
    build = f"{report.torch}, a {'CPU build' if report.cuda is None else f'build for CUDA {report.cuda}'}"
    if report.kind == "cuda":
        return Check("PyTorch", True, f"{build}, on {report.name} with {report.total_bytes / 2**30:.1f} GiB")
    if card is None or torch_build(card) == "cpu":
        return Check("PyTorch", True, f"{build}, on the CPU with {report.total_bytes / 2**30:.1f} GiB")
    if report.cuda is None:
        return Check("PyTorch", False, f"{build}: it cannot use the {card.name}", _take_build(report.torch, card))
    if card.cuda_major < int(report.cuda.split(".")[0]):
        found = f"{build}: driver {card.driver} is too old for it and serves CUDA {card.cuda_major} at most"
        return Check("PyTorch", False, found, _take_build(report.torch, card))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        found = f'{build}: CUDA_VISIBLE_DEVICES is "{visible}", so it sees no card'
        return Check("PyTorch", False, found, "Unset CUDA_VISIBLE_DEVICES to train on the card.")
    advice = "Restart the computer; if that does not help, install the NVIDIA driver anew."
    return Check("PyTorch", False, f"{build}: it finds no card, though the driver shows the {card.name}", advice)


def four_bit_check(report: DeviceReport, card: Card | None) -> Check:
    """Whether the device multiplies 4-bit weights, and comes to the right result."""
    name = "4-bit arithmetic"
    where = "the CPU" if report.kind == "cpu" else report.name
    if report.problem:
        # CUDA's words for a build without code for this card's generation.
        is_wrong_build = card is not None and "no kernel image" in report.problem
        advice = _take_build(report.torch, card) if card is not None and is_wrong_build else _make_anew()
        return Check(name, False, f"an NF4 product on {where} failed: {report.problem}", advice)
    found = (
        f"NF4 with double quantization on {where}: the {report.dtype} product is {report.product_error:.2%} off at "
        f"most, the weights {report.weight_error:.1%} ({report.seconds:.2f} s)"
    )
    # Written so that NaN fails.
    is_right = report.product_error <= PRODUCT_ERROR_BOUND and report.weight_error <= WEIGHT_ERROR_BOUND
    expected = f"; {PRODUCT_ERROR_BOUND:.1%} and {WEIGHT_ERROR_BOUND:.0%} are allowed"
    return Check(name, is_right, found if is_right else found + expected, "" if is_right else _make_anew())


def bf16_check(report: DeviceReport) -> Check:
    if report.kind == "cpu":
        found = (
            "this processor multiplies BF16 itself (AVX512-BF16 or AMX)"
            if report.has_bf16
            else "this processor has none (AVX512-BF16 or AMX): products are widened to FP32 and rounded once"
        )
        return Check("BF16", True, found, is_required=False)
    if report.has_bf16:
        return Check("BF16", True, f"{report.name} multiplies BF16 itself", is_required=False)
    found = f"{report.name} has no BF16 arithmetic (it came with compute capability 8.0)"
    return Check("BF16", False, found, "Set model.compute_dtype = fp16.", is_required=False)


def disk_check() -> Check:
    """Whether there is room where runs and models lie, and a file can be written there."""
    home = places.home()
    try:
        # The folder is made with the first run: until then its nearest parent is asked.
        folder = next(path for path in (home, *home.parents) if path.exists())
        free = shutil.disk_usage(folder).free / 1e9
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = "Set WORKBENCH_HOME to a folder that you may write to."
        return Check("disk", False, f"{home} cannot be written to: {error.strerror}", advice)
    found = f"{free:.1f} GB free in {home}"
    if free >= FREE_DISK_GB:
        return Check("disk", True, found)
    advice = f"Make room there ({FREE_DISK_GB:g} GB at least), or set WORKBENCH_HOME to a folder on another disk."
    return Check("disk", False, found, advice)


def qt_check() -> Check:
    """Whether the system has the libraries of the window; a terminal without a screen only gets advice."""
    has_screen = bool(os.environ.get("DISPLAY"))
    missing = system_libraries.missing("xcb" if has_screen else "offscreen") if sys.platform == "linux" else []
    if not missing:
        return Check("Qt", True, "the system has the libraries that the window needs", is_required=has_screen)
    found = f"the window needs what the system lacks: {', '.join(library.soname for library in missing)}"
    command = system_libraries.apt_command(missing)
    advice = f"Run `{command}`." if system_libraries.is_debian() else "Install them with your system's tools."
    return Check("Qt", False, found, advice, is_required=has_screen)


def starter_check() -> Check:
    """Whether the first run can do without a network."""
    from huggingface_hub.constants import HF_HUB_CACHE

    cached = Path(HF_HUB_CACHE) / f"models--HuggingFaceTB--{places.STARTER}" / "snapshots"
    kept = [*places.models().glob(f"{places.STARTER}/model.safetensors"), *cached.glob("*/model.safetensors")]
    if kept:
        return Check("starter model", True, f"kept in {kept[0].parent}", is_required=False)
    advice = "`workbench demo` fetches it once (at most 270 MB)."
    return Check("starter model", False, f"{places.STARTER} is not kept on this machine yet", advice, is_required=False)


def _take_build(version: str, card: Card) -> str:
    build = torch_build(card)
    if build is None:
        needed = CUDA_13_DRIVER if card.capability >= BLACKWELL else CUDA_12_DRIVER
        return f"Update the NVIDIA driver to {needed} or newer, then run `workbench doctor` again."
    public = version.partition("+")[0]
    return f"Run `{_pip_install(f'torch=={public}+{build}', build=build)}`."


def _pip_install(*requirements: str, build: str | None = None) -> str:
    # An extra index: torch's own has old versions of some dependencies. "2.13.0+cpu" sorts above "2.13.0".
    index = ["--extra-index-url", TORCH_INDEX + build] if build else []
    command = [sys.executable, "-m", "pip", "install", *requirements, *index]
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def _make_anew() -> str:
    own = ROOT / ".venv"
    if Path(sys.prefix).resolve() == own:
        return f"Delete {own} and start the program again: it makes the environment anew."
    return "Install torch and bitsandbytes anew, with all that they depend on."


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
