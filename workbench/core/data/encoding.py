"""How a text file is encoded, found in its bytes, and the file as UTF-8 whatever it is."""

import codecs
import io
import re
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, cast

from workbench.core.data.stored import BUFFER_BYTES, StoredFile, StreamError, next_piece

# How far a file that is plain ASCII so far is searched for the first byte that says more.
SEARCHED_BYTES = 32_000_000
SAMPLE_BYTES = 16_384  # of the lines with letters beyond ASCII: more makes charset-normalizer slower, not surer
CODE_PAGES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp932",
    "gb18030", "cp949", "big5",
)  # fmt: skip
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


def encoding_of(stored: StoredFile, *, may_be_code_page: bool) -> Encoding:
    """By its mark, by zeros at every other place, else UTF-8 or, where that is allowed, the likeliest code page.

    Raises OSError.
    """
    with stored.open() as file:
        head = _read(file)
        has_old_line_ends = b"\r" in head and b"\n" not in head
        for mark, codec in MARKS:
            if head.startswith(mark):
                return Encoding(codec, len(mark), has_old_line_ends)
        if codec := _wide(head[:4096]):
            return Encoding(codec, 0, has_old_line_ends)
        if not may_be_code_page:
            return Encoding("utf-8", 0, has_old_line_ends)
        searched, piece = len(head), head
        while piece.isascii() and piece and searched < SEARCHED_BYTES:
            piece = _read(file)
            searched += len(piece)
    codec = "utf-8" if piece.isascii() or _is_mostly_utf8(piece) else _code_page(piece)
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


def _is_mostly_utf8(piece: bytes) -> bool:
    """Whether more characters beyond ASCII are UTF-8 than bytes are not; the piece may end within a character."""
    text = piece.decode("utf-8", "surrogateescape")
    escaped = len(_ESCAPED.findall(text[:-3])) + (len(_ESCAPED.findall(text[-3:])) if len(piece) < BUFFER_BYTES else 0)
    return len(_BEYOND_ASCII.findall(text)) - escaped > escaped


def _code_page(piece: bytes) -> str:
    from charset_normalizer import from_bytes  # 30 ms that files of UTF-8 need not wait

    sample = b""
    for line in piece.split(b"\n"):
        if not line.isascii():
            sample += line[:1000] + b"\n"
        if len(sample) > SAMPLE_BYTES:
            break
    found = from_bytes(sample, cp_isolation=list(CODE_PAGES))
    best = found.best()
    if best is None:
        return CODE_PAGES[0]
    # Of a few letters several are as likely; the first of them in the list is the commonest.
    likely = [match for match in found if match.chaos <= best.chaos and match.coherence >= best.coherence]
    names = {name for match in likely for name in match.could_be_from_charset}
    return next((name for name in CODE_PAGES if name in names), best.encoding)


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
