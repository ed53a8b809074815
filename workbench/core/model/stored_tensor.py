"""Tensors of a model folder or a safetensors file, read a few numbers at a time and never whole."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.core.model.folder import stored_tensors
from workbench.core.model.safetensors_header import Tensor, read_header
from workbench.core.problems import UserError, shown
from workbench.numerics import named_formats
from workbench.numerics.arrays import decode_array
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat

# What the bits of a safetensors type mean; the numbers of other types are not shown.
FORMATS: dict[str, NumberFormat] = {
    "F64": named_formats.FP64,
    "F32": named_formats.FP32,
    "F16": named_formats.FP16,
    "BF16": named_formats.BF16,
    "F8_E4M3": named_formats.FP8_E4M3,
    "F8_E5M2": named_formats.FP8_E5M2,
    "F8_E8M0": named_formats.E8M0,
    "I8": IntegerFormat("I8", "a signed integer", scale=Fraction(1)),
    "U8": IntegerFormat("U8", "an integer without a sign", signed=False, scale=Fraction(1)),
}
# A vector is drawn in lines of this many numbers, which are the blocks of NF4 too.
FOLD = 64
# Steps between numbers that are wider than a page of memory are cheaper to jump than to read.
LONGEST_STEP_BYTES = 4096
SAMPLE_PIECES = 256
CHUNK_NUMBERS = 1 << 20

_NUMBERS = re.compile(r"(\d{1,18})")

Codes = NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class Extent:
    """A run of numbers that lie side by side: a row, or a block."""

    start: int
    count: int


@dataclass(frozen=True)
class Window:
    """Some of a tensor's numbers as lines and columns; the last line lacks `missing` of them, which are zero here."""

    values: NDArray[np.float64]
    missing: int


@dataclass(frozen=True)
class StoredTensor:
    """One tensor in its file.

    Its numbers are counted from 0 in the order in which they lie there. As a picture they are `lines` of `line_length`:
    the last dimension is a line, and a vector is folded. The file is read piece by piece and not mapped: a mapped file
    that somebody cuts short ends the program.
    """

    name: str
    entry: Tensor
    stamp: tuple[int, int]  # size and time of the file when it was opened

    @property
    def dtype(self) -> str:
        return self.entry.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return self.entry.shape

    @property
    def numbers(self) -> int:
        return self.entry.numbers

    @property
    def format(self) -> NumberFormat | None:
        """What its bits mean; None for a type whose numbers are not shown."""
        return FORMATS.get(self.entry.dtype)

    @property
    def row_length(self) -> int:
        """Numbers that share one scale in INT8."""
        return self.shape[-1] if self.shape else 1

    @property
    def line_length(self) -> int:
        if len(self.shape) == 1:
            return min(FOLD, self.numbers)
        return self.row_length if self.numbers else 0

    @property
    def lines(self) -> int:
        return -(-self.numbers // self.line_length) if self.numbers else 0

    @property
    def problem(self) -> str:
        """Why there is nothing to see of it; nothing where there is."""
        if self.format is None:
            return f"Numbers of the type {self.dtype} are not shown."
        if not self.numbers:
            return "This tensor is empty: one of its dimensions is 0."
        return ""

    def index_of(self, number: int) -> tuple[int, ...]:
        """The indices, one a dimension, of a number counted from 0."""
        return tuple(int(index) for index in np.unravel_index(number, self.shape))

    def row_of(self, number: int) -> Extent:
        start = number - number % self.row_length
        return Extent(start, self.row_length)

    def block_of(self, number: int, size: int) -> Extent:
        """The block of `size` numbers that it lies in: blocks do not end with the rows, the last one may be short."""
        start = number - number % size
        return Extent(start, min(size, self.numbers - start))

    # -- reading ------------------------------------------------------------------------------------------------------

    def codes(self, extent: Extent) -> Codes:
        """The stored bits of a run of numbers, shape (extent.count,). Raises UserError."""
        with self._opened() as file:
            return self._codes_at(file, extent.start, extent.count)

    def read_codes(self, extent: Extent, room: NDArray[np.uint8]) -> Codes:
        """The same, of the same shape, in `room`: at least as many bytes as the run, shape (bytes,).

        New memory for each run takes longer than reading it.
        """
        size = extent.count * self._width
        with self._opened() as file:
            file.seek(self.entry.start + extent.start * self._width)
            if file.readinto(room[:size].data) < size:  # type: ignore[attr-defined]
                raise self._changed()
        return room[:size].view(self._dtype)

    def number_at(self, number: int) -> tuple[int, Number]:
        """One number's stored bits and what they stand for, exactly. Raises UserError."""
        code = int(self.codes(Extent(number, 1))[0])
        assert self.format is not None
        return code, self.format.decode(code).number

    def absmax(self, extent: Extent) -> Fraction | None:
        """The largest magnitude of a run, exactly; None where it holds an infinity or NaN. Raises UserError."""
        largest = 0.0
        with self._opened() as file:
            for start in range(extent.start, extent.start + extent.count, CHUNK_NUMBERS):
                count = min(CHUNK_NUMBERS, extent.start + extent.count - start)
                values = self._values(self._codes_at(file, start, count))
                if not np.isfinite(values).all():
                    return None
                largest = max(largest, float(np.abs(values).max()))
        return Fraction(largest)

    def sample(self) -> NDArray[np.float64]:
        """At most 65 536 of the numbers, from all over the tensor, shape (numbers,). Raises UserError."""
        if self.numbers <= SAMPLE_PIECES**2:
            return self._values(self.codes(Extent(0, self.numbers)))
        starts = [piece * (self.numbers - SAMPLE_PIECES) // (SAMPLE_PIECES - 1) for piece in range(SAMPLE_PIECES)]
        with self._opened() as file:
            return self._values(np.concatenate([self._codes_at(file, start, SAMPLE_PIECES) for start in starts]))

    def window(self, lines: range, columns: range) -> Window:
        """The numbers at these lines and columns. Raises UserError."""
        rows = []
        with self._opened() as file:
            for line in lines:
                rows.append(self._line(file, line * self.line_length, columns))
        missing = 0
        if lines and lines[-1] == self.lines - 1:
            short = self.lines * self.line_length - self.numbers
            missing = sum(column >= self.line_length - short for column in columns) if short else 0
        values = self._values(np.stack(rows)) if rows else np.zeros((0, len(columns)))
        return Window(values, missing)

    def _line(self, file: BinaryIO, start: int, columns: range) -> Codes:
        there = range(columns.start, min(columns.stop, self.numbers - start), columns.step)
        if there.step * self._width > LONGEST_STEP_BYTES:
            found = [self._codes_at(file, start + column, 1) for column in there]
            codes = np.concatenate(found) if found else np.zeros(0, self._dtype)
        else:
            count = there[-1] + 1 - there.start if there else 0
            codes = self._codes_at(file, start + there.start, count)[:: there.step]
        return np.pad(codes, (0, len(columns) - len(there)))

    def _codes_at(self, file: BinaryIO, start: int, count: int) -> Codes:
        file.seek(self.entry.start + start * self._width)
        data = file.read(count * self._width)
        if len(data) < count * self._width:
            raise self._changed()
        return np.frombuffer(data, self._dtype)

    def _values(self, codes: Codes) -> NDArray[np.float64]:
        assert self.format is not None
        return decode_array(self.format, codes)

    @property
    def _width(self) -> int:
        assert self.format is not None
        return self.format.bits // 8

    @property
    def _dtype(self) -> np.dtype[np.unsignedinteger]:
        return np.dtype(f"<u{self._width}")

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with self.entry.path.open("rb") as file:
                if _stamp(self.entry.path) != self.stamp:
                    raise self._changed()
                yield file
        except OSError as error:
            raise _unreadable(self.entry.path, error) from None

    def _changed(self) -> UserError:
        return UserError(f"{self.entry.path} has changed since it was opened.", remedy="Open it again.")


def open_tensors(path: Path) -> list[StoredTensor]:
    """The tensors of a model folder or of one safetensors file, in the order of their names. Raises UserError."""
    try:
        if not path.exists():
            raise UserError(f"There is nothing at {path}.", remedy="Check the path.")
        if path.is_dir():
            entries = stored_tensors(path)
        elif path.suffix == ".safetensors":
            entries = read_header(path)
        else:
            raise UserError(
                f"{path} is not a safetensors file.",
                why="Weights are read from safetensors alone: other files of weights can run code.",
                remedy="Choose a model folder, or a file that ends in .safetensors.",
            )
        stamps = {file: _stamp(file) for file in {entry.path for entry in entries.values()}}
    except OSError as error:
        raise _unreadable(path, error) from None
    if not entries:
        raise UserError(f"{path} holds no tensors.", remedy="Choose another file.")
    names = sorted(entries, key=_in_words_and_numbers)
    return [StoredTensor(name, entries[name], stamps[entries[name].path]) for name in names]


def _in_words_and_numbers(name: str) -> list[str | int]:
    """A sort key in which layer 10 comes after layer 2; words and numbers take turns in it."""
    return [int(part) if place % 2 else part for place, part in enumerate(_NUMBERS.split(name))]


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{shown(str(path), 300)} cannot be read: {error.strerror or error}.",
        remedy="Check that it is there, and its permissions.",
    )
