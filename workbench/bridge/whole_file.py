"""A small text file that is replaced whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Writes the text where `path` is, through a file beside it. Raises OSError or UnicodeEncodeError."""
    data = text.encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, staging = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
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
