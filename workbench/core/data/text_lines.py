"""The lines of a text file, decoded in megabytes, each with its number and the byte it begins at."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from workbench.core.data.stored import StreamError, next_piece
from workbench.core.data.wrong import Wrong

# A line takes about five times its length in memory once it is parsed.
LONGEST_LINE_BYTES = 32_000_000
LONGEST_PASSED_BYTES = 500_000_000  # of a line that is not read, in search of its end
MOST_BLANK_BYTES = 100_000  # of blank lines at once; of more the first is given
BOM = "\ufeff"  # stands within a file where several were joined

Line = tuple[int, int, str | Wrong]


class TextLines:
    """Iterates over (number, offset, text without its line feed); what cannot be read of it is a Wrong.

    Attributes:
        ends_open: The line that came last has no line feed: the file ends with it.
    """

    def __init__(self, file: BinaryIO, *, number: int = 1, offset: int = 0) -> None:
        """The file is UTF-8 and stands at the beginning of that line."""
        self.ends_open = False
        self._file = file
        self._number = number
        self._offset = offset
        self._lines = self._read()

    def __iter__(self) -> Iterator[Line]:
        return self._lines

    def __next__(self) -> Line:
        return next(self._lines)

    def _read(self) -> Iterator[Line]:
        rest = after = b""
        while True:
            try:
                piece = after or next_piece(self._file)
            except StreamError as error:
                yield self._number, self._offset, Wrong(str(error), "Get the whole file.", is_last=True)
                return
            after = b""
            if not piece:
                break
            cut = piece.rfind(b"\n") + 1
            if not cut:
                rest += piece
                if len(rest) > LONGEST_LINE_BYTES:
                    number, offset = self._number, self._offset
                    behind = self._after_line(rest)
                    yield number, offset, too_long() if behind is not None else _endless()
                    if behind is None:
                        return
                    rest, after = b"", behind
                continue
            yield from self._decoded(rest + piece[:cut])
            rest = piece[cut:]
        if rest:
            self.ends_open = True
            yield self._number, self._offset, _decoded_line(rest)

    def _decoded(self, data: bytes) -> Iterator[Line]:
        """Lines that are whole."""
        number, offset = self._number, self._offset
        if len(data) > MOST_BLANK_BYTES and data.isspace():  # a gigabyte of line feeds is folded to 30 kB
            yield number, offset, ""
            self._number, self._offset = number + data.count(b"\n"), offset + len(data)
            return
        raws = data.split(b"\n")
        raws.pop()
        texts: list[str | Wrong]
        try:
            texts = data.decode().split("\n")  # type: ignore[assignment]
        except UnicodeDecodeError:
            texts = [_decoded_line(raw) for raw in raws]
        for raw, text in zip(raws, texts, strict=False):
            yield number, offset, text if len(raw) <= LONGEST_LINE_BYTES else too_long()
            number += 1
            offset += len(raw) + 1
        self._number, self._offset = number, offset

    def _after_line(self, rest: bytes) -> bytes | None:
        """Passes over the rest of a line of which this much was read; what was read behind it, None if it goes on."""
        start = self._offset
        self._offset += len(rest)
        while piece := next_piece(self._file):
            if self._offset - start > LONGEST_PASSED_BYTES:
                return None
            cut = piece.find(b"\n") + 1
            self._offset += cut or len(piece)
            if cut:
                self._number += 1
                return piece[cut:]
        return b""


def too_long() -> Wrong:
    return Wrong(
        f"it is longer than {LONGEST_LINE_BYTES // 1_000_000} MB.", "Split it, or leave it out.", kind="too large"
    )


def _endless() -> Wrong:
    text = f"it is longer than {LONGEST_PASSED_BYTES // 1_000_000} MB, and what follows is not read."
    return Wrong(text, "Leave it out.", kind="too large", is_last=True)


def not_utf8(byte: int, start: int) -> Wrong:
    text = f"byte {start + 1} of it (0x{byte:02x}) is not UTF-8."
    return Wrong(text, "Save the file as UTF-8.", column=start + 1)


def _decoded_line(data: bytes) -> str | Wrong:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        return not_utf8(data[error.start], error.start)


def utf8_start(head: bytes) -> int:
    """Where the text begins: behind the mark of UTF-8 where there is one."""
    return len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
