"""How a text file is encoded, found in its bytes, and the file as UTF-8 whatever it is."""

import codecs
import io
import re
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, cast

from workbench.core.data.code_pages import likeliest_code_page
from workbench.core.data.stored import BUFFER_BYTES, StoredFile, StreamError, next_piece

# How far a file that is plain ASCII so far is searched for the first byte that says more.
SEARCHED_BYTES = 32_000_000
# The mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
UNREADABLE = "workbench-unreadable"
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True)
class Encoding:
    """Attributes:
    codec: Python's name of it.
    mark_bytes: Length of the mark that the file begins with, which is not text.
    has_old_line_ends: Lines end with a carriage return alone.
    """

    codec: str
    mark_bytes: int = 0
    has_old_line_ends: bool = False

    @property
    def is_plain(self) -> bool:
        """UTF-8 with line feeds, whose bytes can be read as they lie."""
        return self.codec == "utf-8" and not self.has_old_line_ends

    @property
    def title(self) -> str:
        """In words, such as "Windows-1252"."""
        return self.codec.replace("cp12", "Windows-12") if self.codec.startswith("cp12") else self.codec.upper()


def encoding_of(stored: StoredFile, *, is_ended: bool) -> Encoding:
    """By its mark, by zeros at every other place, else UTF-8 or the likeliest code page. Raises OSError.

    `is_ended`: what the file holds ends with plain characters, as JSON does; half a character there is one of UTF-8.
    """
    with stored.open() as file:
        head = _read(file)
        has_old_line_ends = b"\r" in head and b"\n" not in head
        for mark, codec in MARKS:
            if head.startswith(mark):
                return Encoding(codec, len(mark), has_old_line_ends)
        if codec := _wide(head[:4096]):
            return Encoding(codec, 0, has_old_line_ends)
        searched, piece = len(head), head
        while piece.isascii() and piece and searched < SEARCHED_BYTES:
            piece = _read(file)
            searched += len(piece)
    codec = "utf-8" if piece.isascii() or _is_mostly_utf8(piece, is_ended=is_ended) else likeliest_code_page(piece)
    return Encoding(codec, 0, has_old_line_ends)


def _read(file: BinaryIO) -> bytes:
    try:
        return next_piece(file)
    except StreamError:  # said where its lines are read
        return b""


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: of Latin letters, punctuation and line ends every other byte is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > 0.2 * half and even < 0.02 * half:
        return "utf-16-le"
    return "utf-16-be" if half and even > 0.2 * half and odd < 0.02 * half else ""


def _is_mostly_utf8(piece: bytes, *, is_ended: bool) -> bool:
    """Whether more characters beyond ASCII are UTF-8 than bytes are not; the piece may end within a character."""
    if is_ended or len(piece) >= BUFFER_BYTES:
        piece, half = _without_half(piece)
        if half and piece.isascii():
            return True
    text = piece.decode("utf-8", "surrogateescape")
    escaped = len(_ESCAPED.findall(text))
    return len(_BEYOND_ASCII.findall(text)) - escaped > escaped


def _without_half(piece: bytes) -> tuple[bytes, bytes]:
    """Without the beginning of a character that it ends with, and that beginning."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    decoder.decode(piece[-4:])
    half = decoder.getstate()[0]
    return piece[: len(piece) - len(half)], half


@cache
def _register() -> None:
    """What fits no character becomes half a character, so that its line is refused as what is not UTF-8."""
    codecs.register_error(UNREADABLE, lambda error: ("\udcff", error.end))  # type: ignore[attr-defined]


def open_text(stored: StoredFile, encoding: Encoding) -> BinaryIO:
    """The file as UTF-8 without a mark and with line feeds. Raises OSError; reading from it raises StreamError."""
    file = stored.open()
    file.read(encoding.mark_bytes)
    return file if encoding.is_plain else cast(BinaryIO, io.BufferedReader(_Recoded(file, encoding), BUFFER_BYTES))


class _Recoded(io.RawIOBase):
    """Another encoding's bytes as UTF-8."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        _register()
        self._file = file
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding.codec)(UNREADABLE)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._left:
            piece = next_piece(self._file)
            text = self._decoder.decode(piece, not piece)
            if self._encoding.has_old_line_ends:
                text = text.replace("\r", "\n")
            self._left = memoryview(text.encode("utf-8", "surrogatepass"))
            if not piece:
                break
        count = min(len(self._left), len(buffer))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
