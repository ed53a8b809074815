"""A file that is replaced whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from workbench.core.problems import UserError, shown

BUFFER_BYTES = 1_000_000


def write_whole(path: Path, content: str | bytes) -> None:
    """Puts the text, in UTF-8, or the bytes where `path` is; its folder has to be there.

    Raises OSError or UnicodeEncodeError.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path` to fill, which takes its place once the block is done; its folder has to be there.

    Raises OSError.
    """
    handle, staging = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb", buffering=BUFFER_BYTES) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(staging).chmod(path.stat().st_mode)
        else:
            Path(staging).chmod(0o644)  # mkstemp's own is for secrets
        os.replace(staging, path)  # noqa: PTH105  Path.replace says the same, less plainly
    except BaseException:
        with suppress(OSError):
            Path(staging).unlink()
        raise


def save_whole(path: Path, content: str | bytes, remedy: str = "Name another file.") -> None:
    """The same where a person has named the file; what is not UTF-8 becomes "?". Raises UserError."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        write_whole(path, data)
    except OSError as error:
        what = f"{shown(str(path), 300)} cannot be written: {error.strerror or error}."
        raise UserError(what, remedy=remedy) from None
