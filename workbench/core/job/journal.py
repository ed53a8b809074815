"""The journal: one typed event a line, appended while a run lives, read by anyone at any time."""

import errno
import os
import threading
import time
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from workbench.core.job.events import ADAPTER, Ended, Event, Unrecognized
from workbench.core.scrubbed import scrubbed

# A longer line is nothing an engine writes, and is not parsed.
LONGEST_LINE_BYTES = 4_000_000
# Six bytes a character at most once it is escaped, in five texts at most.
LONGEST_TEXT = 100_000


class JournalWriter:
    """Appends events; several threads of one process may share it, two processes may not."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        # The torn last line of a killed process, or of a full disk, stays a line of its own.
        self._is_torn = bool(path.stat().st_size) and not _ends_a_line(path)

    def write(self, event: Event) -> Event:
        """Stamps the event and appends it as one write; an ending is on the disk when this returns.

        Raises OSError where the disk does not take it.
        """
        stamped = event.model_copy(
            update={"at": time.time(), "elapsed_seconds": round(time.monotonic() - self._began, 6)}
        )
        line = _line(stamped)
        with self._lock:
            if self._is_torn:
                line = b"\n" + line
            self._is_torn = True
            written = self._file.write(line)
            self._is_torn = written != len(line)
            if self._is_torn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._file.name)
            if isinstance(event, Ended):
                os.fsync(self._file.fileno())
        return stamped

    def close(self) -> None:
        self._file.close()


def _line(event: Event) -> bytes:
    """The event as one line that a reader takes."""
    try:
        line = scrubbed(event.model_dump_json()).encode() + b"\n"
    except PydanticSerializationError:  # a file name that is not UTF-8 holds surrogates
        return _line(event.model_copy(update=_cleaned(event)))
    if len(line) > LONGEST_LINE_BYTES:
        return _line(event.model_copy(update=_cleaned(event)))
    return line


def _cleaned(event: Event) -> dict[str, str]:
    """The event's texts, cut and without what UTF-8 cannot hold."""
    texts = {name: value for name, value in event if isinstance(value, str) and name not in ("kind", "state", "when")}
    return {name: value[:LONGEST_TEXT].encode("utf-8", "backslashreplace").decode() for name, value in texts.items()}


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


class JournalReader:
    """Reads the lines that are whole, from where it last stopped; a torn last line waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[Event]:
        """The events since the last call; none where there is no journal yet."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        end = data.rfind(b"\n") + 1
        self._offset += end
        return [parsed(line) for line in data[:end].splitlines() if line.strip()]


def parsed(line: bytes) -> Event:
    """One line as an event; what cannot be read becomes Unrecognized, never an error."""
    if len(line) <= LONGEST_LINE_BYTES:
        try:
            return ADAPTER.validate_json(line)
        except ValidationError:
            pass
    return Unrecognized(text=line[:200].decode(errors="replace"))
