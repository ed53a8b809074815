"""A file as it is sent: whoever reads it tells how far that is, and is where an order to end is obeyed."""

import hashlib
import io
from collections.abc import Callable
from typing import BinaryIO

_LARGEST_OF_GIT = 20_000_000


class SentFile(io.BufferedIOBase):
    """Reads from another file, which it closes with itself.

    Attributes:
        size: Bytes of it.
        tell_of: Called with the place that reading has come to; may raise. None while nobody sends it.
        sent_bytes: How far it was read while somebody sent it.
    """

    def __init__(self, inner: BinaryIO, obey: Callable[[], None]) -> None:
        self._inner = inner
        self._obey = obey
        self.size = inner.seek(0, io.SEEK_END)
        inner.seek(0)
        self.tell_of: Callable[[int], None] | None = None
        self.sent_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._obey()
        found = self._inner.read(-1 if size is None else size)
        if self.tell_of is not None:
            place = self._inner.tell()
            self.sent_bytes = max(self.sent_bytes, place)
            self.tell_of(place)
        return found

    def git_sum(self) -> str:
        """What git knows it by, as a small file; nothing for a large one, which stands beside it."""
        if self.size > _LARGEST_OF_GIT:
            return ""
        before = self._inner.tell()
        self._inner.seek(0)
        found = hashlib.sha1(b"blob %d\0" % self.size + self._inner.read()).hexdigest()
        self._inner.seek(before)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._inner.close()
        super().close()
