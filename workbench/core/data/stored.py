"""A data file as it lies on the disk: opened with a large buffer, and unfolded where it is compressed."""

import gzip
import io
import tempfile
import zlib
from pathlib import Path
from typing import IO, BinaryIO, cast

from workbench.core.problems import UserError

# Each read from the disk lets go of Python's lock and takes it again. Every 8 kB it woke a window that waited for the
# lock, and was gone with it before the window had it, which then stood still for up to 200 ms (Python 3.11, 2 cores).
BUFFER_BYTES = 1_000_000
PACKINGS = (".gz", ".zst")
# No text is a thousandth of its size once it is compressed; what is, says one thing over and over.
MOST_UNFOLDED_TIMES = 1000
UNFOLDED_FREE_BYTES = 100_000_000
# What is read from its end, such as Parquet, is unfolded into a temporary file first.
LARGEST_UNFOLDED_FILE_BYTES = 8_000_000_000
LONGEST_FRAME_HEAD_BYTES = 18


class StreamError(Exception):
    """What keeps the rest of a file from being read, as a sentence about "it"."""


def inner_suffix(name: str) -> str:
    """The ending of a file's name in lower case, below that of a compression: .csv of a.CSV.gz."""
    path = Path(name)
    return Path(path.stem).suffix.lower() if path.suffix.lower() in PACKINGS else path.suffix.lower()


def most_unfolded_bytes(stored_bytes: int) -> int:
    """What a file of this size may unfold to."""
    return max(UNFOLDED_FREE_BYTES, MOST_UNFOLDED_TIMES * stored_bytes)


def next_piece(file: BinaryIO) -> bytes:
    """What comes next, at most a buffer of it; nothing at the end. What comes before a break is not lost with it."""
    return cast(io.BufferedReader, file).read1(BUFFER_BYTES)


class StoredFile:
    """A file by its path, with how it is compressed.

    Attributes:
        packing: ".gz", ".zst" or "".
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.packing = path.suffix.lower() if path.suffix.lower() in PACKINGS else ""
        self.suffix = inner_suffix(path.name)

    @property
    def name(self) -> str:
        return self.path.name

    def open(self) -> BinaryIO:
        """Its bytes from the beginning on, unfolded. Raises OSError; reading from it raises StreamError."""
        file = self.path.open("rb", buffering=BUFFER_BYTES)
        if not self.packing:
            return file
        most = most_unfolded_bytes(self.path.stat().st_size)
        return cast(BinaryIO, io.BufferedReader(_Unfolding(file, self.packing, most), BUFFER_BYTES))

    def open_seekable(self) -> BinaryIO:
        """The same, which can be read from any place on. Raises OSError and UserError."""
        if not self.packing:
            return self.path.open("rb", buffering=BUFFER_BYTES)
        copy = tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked closes it
        try:
            with self.open() as file:
                while piece := file.read(BUFFER_BYTES):
                    copy.write(piece)
                    if copy.tell() > LARGEST_UNFOLDED_FILE_BYTES:
                        raise UserError(
                            f"{self.name} unfolds to more than {LARGEST_UNFOLDED_FILE_BYTES // 10**9} GB.",
                            why=f"A {self.suffix} file is read from its end, so that it is unfolded whole.",
                            remedy="Unfold it, and give the file itself.",
                        )
        except StreamError as error:
            copy.close()
            raise UserError(f"{self.name} cannot be unfolded: {error}", remedy="Get the whole file.") from None
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return cast(BinaryIO, copy)


class _Unfolding(io.RawIOBase):
    """Unfolds as it is read, and stops where it becomes more than a text can."""

    def __init__(self, file: BinaryIO, packing: str, most_bytes: int) -> None:
        self._file = file
        self._packing = packing
        self._stream = _gzip(file) if packing == ".gz" else _zstd(file)
        # What was unfolded before a break is given: read would wait for all that is asked for, and raise.
        self._read = getattr(self._stream, "read1", self._stream.read)
        self._errors = (OSError, zlib.error) if packing == ".gz" else _zstd_errors()
        self._left = most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            piece = self._read(len(buffer))
        except EOFError:
            raise StreamError("it ends too early.") from None
        except self._errors as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise StreamError(f"it is broken ({error}).") from None
        if not piece and self._packing == ".zst" and len(buffer):
            refuse_cut_frames(self._file)
        self._left -= len(piece)
        if self._left < 0:
            raise StreamError(f"it becomes more than {MOST_UNFOLDED_TIMES:,} times its size, which no text does.")
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()


def _gzip(file: BinaryIO) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=file))


def _zstd(file: BinaryIO) -> IO[bytes]:
    import zstandard  # 8 ms that other files need not wait

    # A frame may ask for a window of up to 2 GB to look back into; zstd itself writes at most 128 MB.
    unfolder = zstandard.ZstdDecompressor(max_window_size=2**27)
    return cast(IO[bytes], unfolder.stream_reader(file, read_across_frames=True, closefd=False))


def refuse_cut_frames(file: BinaryIO) -> None:
    """Raises StreamError where a Zstandard file ends within a frame, which its reader takes for its end.

    Blocks are passed over by the lengths that they begin with (RFC 8878).
    """
    import zstandard

    size = file.seek(0, io.SEEK_END)
    position = 0
    while position < size:
        file.seek(position)
        head = file.read(LONGEST_FRAME_HEAD_BYTES)
        if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:  # a frame that is to be skipped
            position += 8 + int.from_bytes(head[4:8], "little")
            if position > size:
                raise StreamError("it ends too early.")
            continue
        try:
            position += zstandard.frame_header_size(head)
            has_checksum = zstandard.get_frame_parameters(head).has_checksum
        except zstandard.ZstdError:
            raise StreamError("it ends too early.") from None
        is_last = False
        while not is_last and position < size:
            file.seek(position)
            block = int.from_bytes(file.read(3), "little")
            is_last, is_repeated = bool(block & 1), block >> 1 & 3 == 1
            position += 3 + (1 if is_repeated else block >> 3)
        position += 4 * has_checksum
        if not is_last or position > size:
            raise StreamError("it ends too early.")


def _zstd_errors() -> tuple[type[Exception], ...]:
    import zstandard

    return OSError, zstandard.ZstdError
