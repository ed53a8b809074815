"""Where rows come from: a file, several, or a folder of them, read as one."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.data.files import data_files, unreadable
from workbench.core.data.formats.format import RowFile
from workbench.core.data.formats.known import format_of
from workbench.core.data.headers import MOST_COLUMNS, too_many_columns
from workbench.core.data.stored import StoredFile
from workbench.core.data.wrong import ONE_A_LINE, Wrong, value_in_words
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings

NOTES_SHOWN = 20


class Place(NamedTuple):
    """Where a row is.

    Attributes:
        file: Index among the source's files.
        line: Line or row from 1; 0 is the file as a whole.
        offset: Of its first byte, where the row can be read again from there; else -1, and of the second and later rows
            on one line -2 and so on.
    """

    file: int
    line: int
    offset: int


class DataSource:
    """The rows of one or more files in order.

    Attributes:
        name: What to call it in a sentence.
        files: Paths as they are read.
    """

    def __init__(self, files: tuple[Path, ...], notes: tuple[str, ...], settings: DataSettings) -> None:
        self.files = files
        more = len(files) - 1
        self.name = files[0].name + (f" and {more:,} more" if more else "")
        self._settings = settings
        self._found_notes = notes
        self._opened: dict[int, RowFile] = {}
        self._notes: dict[str, list[str]] = {}

    @cached_property
    def size_bytes(self) -> int:
        """On the disk, as it was when it was first asked for."""
        return sum(_stat(path)[0] for path in self.files)

    @property
    def sheets(self) -> tuple[str, ...]:
        """Of the first file, where that is a spreadsheet. Raises UserError."""
        with self._guarded(0):
            return self._file(0).sheets()

    @property
    def unit(self) -> str:
        """What a place in the first file counts: "line" or "row"."""
        return self.unit_of(0)

    def unit_of(self, file: int) -> str:
        """The same of any file."""
        found = format_of(self.files[file])
        assert found is not None, "files of no format are refused"
        return found.unit

    def place_in_words(self, place: Place) -> str:
        """Such as "rows.jsonl, line 3"."""
        name = self.files[place.file].name
        return f"{name}, {self.unit_of(place.file)} {place.line}" if place.line else name

    def columns(self) -> tuple[str, ...]:
        """Names in the first file that are known before its rows. Raises UserError."""
        with self._guarded(0):
            return self._file(0).columns()

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[Place, dict[str, Any] | Wrong]]:
        """Each row, or what is wrong with it; only these columns where a format stores them apart.

        Nothing follows a Wrong that is the last. Raises UserError where a single file cannot be read as a whole.
        """
        last = len(self.files) - 1
        for index, path in enumerate(self.files):
            before = _state(path)
            line = 0
            try:
                for line, offset, value in self._file(index).values(columns):
                    if type(value) is dict and len(value) <= MOST_COLUMNS:
                        yield Place(index, line, offset), value
                        continue
                    wrong = _refused(value)
                    is_end, wrong.is_last = wrong.is_last, wrong.is_last and index == last
                    yield Place(index, line, offset), wrong
                    if is_end:
                        break
            except OSError as error:
                raise unreadable(path, error) from None
            except UserError as error:
                if not last and _state(path) == before:
                    raise
                text = f"{error.what} {error.why}".strip()
                if _state(path) == before:
                    yield Place(index, 0, -1), Wrong(text, error.remedy, is_last=index == last)
            if _state(path) != before:
                text = "the file changed while it was read."
                yield Place(index, 0, -1), Wrong(text, "Start again once it is written.")
            self._keep_notes(index)

    def at(self, place: Place) -> dict[str, Any] | Wrong:
        """The row there once more. Raises UserError, and LookupError where the file has none there any more."""
        with self._guarded(place.file):
            value = self._file(place.file).at(place.line, place.offset)
        return value if type(value) is dict else _refused(value)

    @property
    def notes(self) -> list[str]:
        """Facts to tell, such as the encoding that was found; those of a file are whole once it was read."""
        for index in self._opened:
            self._keep_notes(index)
        told = list(self._found_notes)
        for text, names in self._notes.items():
            where = "" if len(self.files) == 1 else f"{names[0]}: " if len(names) == 1 else f"{len(names):,} files: "
            told.append(f"{where}{text}")
        if len(told) > NOTES_SHOWN:
            told[NOTES_SHOWN:] = [f"There are {len(told) - NOTES_SHOWN:,} more notes of this kind."]
        return told

    def sha256(self) -> str:
        """Of one file its bytes', of several theirs in order. Raises UserError."""
        digests = [_sha256(path) for path in self.files]
        if len(digests) == 1:
            return digests[0]
        return hashlib.sha256("".join(digests).encode()).hexdigest()

    def stamp(self) -> str:
        """Changes with any file's name, size or time of change. Raises UserError."""
        facts = "\n".join(f"{path}\0{_stat(path)}" for path in self.files)
        return hashlib.sha256(facts.encode("utf-8", "surrogateescape")).hexdigest()

    def _file(self, index: int) -> RowFile:
        if index not in self._opened:
            path = self.files[index]
            found = format_of(path)
            assert found is not None, "files of no format are refused"
            if len(self._opened) > 1:  # of ten thousand files no more than one is held open in memory
                for other in [other for other in self._opened if other]:
                    self._keep_notes(other)
                    del self._opened[other]
            self._opened[index] = found.reader(StoredFile(path), self._settings)
        return self._opened[index]

    def _keep_notes(self, index: int) -> None:
        name = self.files[index].name
        for text in self._file(index).notes:
            names = self._notes.setdefault(text, [])
            if name not in names[-1:]:
                names.append(name)

    @contextmanager
    def _guarded(self, index: int) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unreadable(self.files[index], error) from None


def open_source(settings: DataSettings) -> DataSource:
    """What the settings' path and the files behind it hold. Raises UserError where there is nothing to read."""
    files, notes = data_files(settings)
    return DataSource(files, notes, settings)


def _refused(value: Any) -> Wrong:
    """What is wrong with what stands in a row's place."""
    if isinstance(value, Wrong):
        return value
    if isinstance(value, dict):
        return too_many_columns(len(value), is_last=False)
    text = f"a row has to be an object, and this is {value_in_words(value)}."
    return Wrong(text, ONE_A_LINE, kind="not a row")


def _stat(path: Path) -> tuple[int, int]:
    """Size in bytes, and when it was changed. Raises UserError."""
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    return found.st_size, found.st_mtime_ns


def _state(path: Path) -> tuple[int, int, int]:
    """The same, and which file it is: another one may stand in its place. Raises UserError."""
    try:
        return *_stat(path), path.stat().st_ino
    except OSError as error:
        raise unreadable(path, error) from None


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None
