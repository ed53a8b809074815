"""A journal read a piece at a time, so that a very large one keeps nobody waiting."""

from pathlib import Path

from workbench.core.job.events import Event, Unrecognized
from workbench.core.job.journal import LONGEST_LINE_BYTES, parsed

PIECE_BYTES = 64_000  # some 200 events, parsed in about a millisecond


class JournalPieces:
    """Reads the lines that are whole, from where it last stopped, at most one piece a call; a torn last line waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._is_inside_too_long_a_line = False

    def read(self) -> list[Event] | None:
        """The next events; None where nothing more is there yet. Raises OSError where the journal cannot be read."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(PIECE_BYTES)
                end = data.rfind(b"\n") + 1
                if not end and len(data) == PIECE_BYTES:
                    data += file.read(LONGEST_LINE_BYTES)
                    end = data.find(b"\n") + 1
        except FileNotFoundError:
            return None
        if not end:
            if len(data) <= LONGEST_LINE_BYTES:
                return None
            self._offset += len(data)
            events: list[Event] = [] if self._is_inside_too_long_a_line else [Unrecognized(text=_start(data))]
            self._is_inside_too_long_a_line = True
            return events
        self._offset += end
        lines = data[:end].splitlines()
        if self._is_inside_too_long_a_line:
            del lines[0]
            self._is_inside_too_long_a_line = False
        return [parsed(line) for line in lines if line.strip()]


def _start(line: bytes) -> str:
    return line[:200].decode(errors="replace")
