"""What lies in an export's folder: noted in export.json, so that a later export into it knows what is its own."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core import places
from workbench.core.job.export_kinds import ExportedFile, StepChecked, StepDone, WeightsMeasured
from workbench.core.problems import UserError, shown
from workbench.core.whole_file import write_whole

NOTED = "export.json"
PARTIAL, REJECTED = ".partial", ".rejected"
LOCK_SECONDS = 0.5
_LARGEST_BYTES = 10_000_000


class MadeItem(BaseModel):
    """One item that lies in the folder.

    Attributes:
        of: A hash of the adapter and the base that it was made of.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    done: StepDone
    of: str
    checks: list[StepChecked]
    measured: list[WeightsMeasured]


class _Noted(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    format: int = 1
    items: dict[str, MadeItem]


class ExportFolder:
    """A folder of exports; whoever changes it holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Makes it where it is not there, and keeps others out. What a killed export has left half-made goes.

        Raises UserError where another export writes to it, or it cannot be written to.
        """
        locks = places.home() / "locks"
        name = hashlib.sha256(str(self.path.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        try:
            locks.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(locks / f"export-{name}.lock")
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            raise UserError(
                f"Another export is writing to {self.path}.", remedy="Let it end, or name another folder."
            ) from None
        except OSError as error:
            raise UserError(
                f"Nothing can be written to {shown(str(self.path), 300)}: {error.strerror or error}.",
                remedy="Grant writing there, or name another folder.",
            ) from None
        try:
            self.sweep()
            yield
        finally:
            self.leave()
            lock.release()

    def leave(self) -> None:
        """Leaves nothing half-made, and no folder where nothing was made."""
        self.sweep()
        with suppress(OSError):
            self.path.rmdir()

    def sweep(self) -> None:
        """Removes what is half-made."""
        for path in self.path.glob(f".*{PARTIAL}"):
            remove(path)

    def staging(self, path: str) -> Path:
        """Where an item is made that becomes `path`, which is relative."""
        return self.path / f".{path}{PARTIAL}"

    def items(self) -> dict[str, MadeItem]:
        """What is whole, by item; what was changed since is left out."""
        try:
            if (self.path / NOTED).stat().st_size > _LARGEST_BYTES:
                return {}
            noted = _Noted.model_validate_json((self.path / NOTED).read_bytes())
        except (OSError, ValidationError):
            return {}
        return {name: made for name, made in noted.items.items() if self._is_whole(made.done)}

    def refuse_others(self, path: str) -> None:
        """Raises UserError where something lies at `path` that no export has made."""
        own = {made.done.path for made in self.items().values()}
        if path not in own and ((self.path / path).exists() or (self.path / path).is_symlink()):
            raise UserError(
                f"{self.path / path} is there already, and no export has made it.",
                remedy="Name another folder, or move it away.",
            )

    def take(self, item: str, made: MadeItem, staging: Path | None) -> None:
        """Puts what was made in its place, and notes it. Raises OSError, and then it is where it was."""
        items = {**self.items(), item: made}
        target = self.path / made.done.path
        if staging is not None:
            remove(target)
            staging.rename(target)
        try:
            write_whole(self.path / NOTED, _Noted(items=items).model_dump_json(indent=1))
        except OSError:
            if staging is not None:
                target.rename(staging)
            raise

    def reject(self, path: str, staging: Path) -> Path:
        """Keeps what a check has found wrong, under a name that says so. Raises OSError."""
        target = self.path / f"{path}{REJECTED}"
        remove(target)
        return staging.rename(target)

    def _is_whole(self, done: StepDone) -> bool:
        with suppress(OSError):
            return all((self.path / file.name).stat().st_size == file.size_bytes for file in done.files)
        return False


def remove(path: Path) -> None:
    """Removes a file, a folder or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def files_in(path: Path, name: str) -> list[ExportedFile]:
    """The files at a path, which becomes `name` in the folder."""
    if not path.is_dir():
        return [ExportedFile(name=name, size_bytes=path.stat().st_size)]
    found = sorted(each for each in path.rglob("*") if each.is_file())
    return [
        ExportedFile(name=f"{name}/{each.relative_to(path).as_posix()}", size_bytes=each.stat().st_size)
        for each in found
    ]
