"""Which build of torch the environment gets.

WORKBENCH_TORCH=cpu, cu126 or cu130 chooses it instead of the card that is found. It counts when the environment is
made: delete `.venv` to choose again.
"""

import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from setup_words import NETWORK_ADVICE, SetupError, agrees, pip_failure, run, say

TORCH_INDEX = "https://download.pytorch.org/whl/"
# What the package index itself holds for Linux.
INDEX_BUILD = "cu130"
# Gigabytes to download and on disk: measured for the CPU build; for CUDA the files' sizes in the index, 3.03 GB for
# torch, and an estimate of what they unpack to.
SIZES_GB = {"cpu": (0.5, 1.9), "cu126": (3.3, 8.0), "cu130": (3.3, 8.0)}
# Builds of torch 2.13: CUDA 13.0 needs Turing and driver 580.65, CUDA 12.6 driver 525.60.13 and no Blackwell.
OLDEST_CAPABILITY, TURING, BLACKWELL = (5, 0), (7, 5), (10, 0)
CUDA_13_DRIVER, CUDA_12_DRIVER = (580, 65), (525, 60, 13)


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


def asked_build() -> str | None:
    """The build that WORKBENCH_TORCH names, if it is set."""
    asked = os.environ.get("WORKBENCH_TORCH") or None
    if asked and asked not in SIZES_GB:
        raise SetupError(f"WORKBENCH_TORCH is {asked!r}. It may be {', '.join(SIZES_GB)}.")
    return asked


def choose_torch(pip: list[str], requirement: str) -> tuple[str, list[str]]:
    """The build to install and pip's options for it: from the configured index where that has it, else from torch's."""
    asked = asked_build()
    wanted, reason = (asked, "WORKBENCH_TORCH asks for it") if asked else torch_build(*find_card())
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


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
