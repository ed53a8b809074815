"""The text of a large JSON file, read no further than its values are asked for."""

import json
import re
from typing import Any, BinaryIO

from workbench.core.data.stored import StreamError
from workbench.core.data.text_lines import LONGEST_LINE_BYTES, not_utf8
from workbench.core.data.wrong import Wrong

PIECE_BYTES = 1_000_000
# Within this many characters of its end a text may be the beginning of something longer, such as -Infinity.
LONGEST_WORD = 16

# Each takes up to 230 bytes, where its text may be 2: of 32 MB of text 2 GB.
MOST_PARTS = 2_000_000

_SPACE = re.compile(r"[ \t\r\n]*")


def has_too_many_parts(text: str, start: int = 0) -> bool:
    """Whether a text, such as a value, begins more lists and objects than anybody writes into a row."""
    return len(text) - start > 2 * MOST_PARTS and text.count("[", start) + text.count("{", start) > MOST_PARTS


TOO_MANY_PARTS = f"it holds more than {MOST_PARTS:,} lists and objects."


class JsonText:
    """A file's text from where it was cut on, as far as it was needed; the file is at its beginning, without a mark.

    Attributes:
        wrong: The line of the first byte that is not UTF-8, with what is wrong; the text ends before it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.wrong: tuple[int, Wrong] | None = None
        self._file = file
        self._text = ""
        self._rest = b""  # the beginning of a character
        self._is_whole = False
        self._lines, self._line_bytes = 0, 0  # line ends in what was decoded, and bytes since the last one
        self._line, self._column = 1, 0  # where the text begins
        self._counted, self._counted_line = 0, 1
        self._decoder = json.JSONDecoder()

    def __len__(self) -> int:
        return len(self._text)

    def at(self, position: int) -> str:
        """The character there; nothing behind the end."""
        return self._text[position : position + 1]

    def after_space(self, position: int) -> int:
        """Raises StreamError where there are more blanks than anybody writes."""
        start = position
        while True:
            match = _SPACE.match(self._text, position)
            position = match.end() if match else position
            if position < len(self._text) or self._is_whole:
                return position
            self._refuse_longer(position - start)
            self._read(PIECE_BYTES)

    def value(self, position: int) -> tuple[Any, int]:
        """The value that begins there, and where it ends. Raises ValueError, RecursionError and StreamError."""
        size = PIECE_BYTES
        while True:
            if has_too_many_parts(self._text, position):
                raise StreamError(TOO_MANY_PARTS)
            try:
                value, end = self._decoder.raw_decode(self._text, position)
                if end < len(self._text) - LONGEST_WORD or self._is_whole:
                    return value, end  # a number may go on: of -2.25 there may be -2. so far
            except json.JSONDecodeError as error:
                if self._is_whole or not self.goes_on_after(error):
                    raise
            self._refuse_longer(len(self._text) - position - PIECE_BYTES)
            self._read(size)
            size *= 2  # a long value is tried a few times, not once a piece

    def _refuse_longer(self, characters: int) -> None:
        if characters > LONGEST_LINE_BYTES:
            raise StreamError(f"one value is longer than {LONGEST_LINE_BYTES // 1_000_000} MB.")

    def error(self, words: str, position: int) -> json.JSONDecodeError:
        return json.JSONDecodeError(words, self._text, position)

    def is_end(self, error: json.JSONDecodeError) -> bool:
        """Whether the file ends where the error is, within what it began."""
        ended = error.msg.startswith("Unterminated string") or error.pos >= len(self._text.rstrip())
        return self._is_whole and ended

    def goes_on_after(self, error: json.JSONDecodeError) -> bool:
        """Whether it may be that only the rest of the text is missing."""
        return error.msg.startswith("Unterminated string") or error.pos > len(self._text) - LONGEST_WORD

    def to_list(self, position: int, name: str) -> int:
        """Where the list of that name begins in the object at the position. Raises ValueError where there is none."""
        position = self.after_space(position + 1)
        while True:
            key, position = self.value(position)
            position = self.after_space(self.after_space(position) + 1)  # behind the colon
            if key == name and self.at(position) == "[":
                return position
            _, position = self.value(position)
            position = self.after_space(self.after_space(position) + 1)  # behind the comma

    @property
    def last_line(self) -> int:
        """The line that was asked for last."""
        return self._counted_line

    def line_of(self, position: int) -> int:
        """Asked of positions in order."""
        self._counted_line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._counted_line

    def place_of(self, error: json.JSONDecodeError) -> tuple[int, int]:
        """Line and column in the file, from 1."""
        return self._line + error.lineno - 1, error.colno + (self._column if error.lineno == 1 else 0)

    def cut(self, position: int) -> int:
        """Forgets what stands before, once that is much; where the position is now."""
        if position < PIECE_BYTES:
            return position
        last = self._text.rfind("\n", 0, position)
        self._column = position - last - 1 if last >= 0 else self._column + position
        self._line = self._counted_line = self.line_of(position)
        self._text, self._counted = self._text[position:], 0
        return 0

    def _read(self, size: int) -> None:
        piece = self._file.read(size)
        self._is_whole = not piece
        data = self._rest + piece
        try:
            text, self._rest = data.decode(), b""
        except UnicodeDecodeError as error:
            text, self._rest = data[: error.start].decode(), data[error.start :]
            if error.reason != "unexpected end of data" or self._is_whole:
                self._count(data[: error.start])
                self.wrong = (self._lines + 1, not_utf8(data[error.start], self._line_bytes))
                self._is_whole = True
        if self.wrong is None:
            self._count(data[: len(data) - len(self._rest)])
        self._text += text

    def _count(self, data: bytes) -> None:
        lines = data.count(b"\n")
        self._lines += lines
        self._line_bytes = len(data) - data.rfind(b"\n") - 1 if lines else self._line_bytes + len(data)
