"""Arrow: files and streams of it, which Feather is too."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from workbench.core.data.arrow_messages import FILE_MARK, batches
from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.headers import MOST_COLUMNS
from workbench.core.data.stored import MOST_UNFOLDED_TIMES, most_unfolded_bytes
from workbench.core.data.tables import ROW_BYTES, decoded_bytes, names_of, refuse_what_lies_outside, rows_of
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError, shown

BATCH_ROWS = 1024
FREE_BATCH_BYTES = 64_000_000


class ArrowFile(RowFile):
    """A piece that unfolds to more than a text can is refused before it is read."""

    def columns(self) -> tuple[str, ...]:
        with self._opened() as reader:
            return names_of(reader.schema)[0]

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        most = most_unfolded_bytes(self.stored.path.stat().st_size)
        number, total = 0, 0
        with self._opened() as reader:
            names, told = names_of(reader.schema)
            self.notes.extend(note for note in told if note not in self.notes)
            read = [name for name in names if not columns or name in columns]
            for batch in self._batches(reader):
                refuse_what_lies_outside(batch)
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    piece = batch.slice(start, BATCH_ROWS).rename_columns(names).select(read)
                    total += piece.num_rows * ROW_BYTES + sum(decoded_bytes(column) for column in piece.columns)
                    if total > most:
                        words = f"the file becomes more than {MOST_UNFOLDED_TIMES:,} times its size from here on."
                        yield number + 1, -1, Wrong(words, "Save it anew, and train on a part.", is_last=True)
                        return
                    for value in rows_of(piece):
                        number += 1
                        yield number, -1, value

    def _batches(self, reader: Any) -> Iterator[Any]:
        if hasattr(reader, "num_record_batches"):
            for index in range(reader.num_record_batches):
                yield reader.get_batch(index)
        else:
            yield from reader

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """As pyarrow reads it, never mapped: a file that is cut while it is mapped ends the process."""
        import pyarrow as pa  # 0.25 s that a start without Arrow need not wait

        with self.stored.open_seekable() as source:
            try:
                head = source.read(len(FILE_MARK))
                if head.startswith(b"FEA1"):
                    raise UserError(
                        f"{self.stored.name} is Feather of before 2020.", remedy="Save it as .parquet or .arrow."
                    )
                for batch in batches(source):
                    most = max(FREE_BATCH_BYTES, MOST_UNFOLDED_TIMES * batch.stored_bytes)
                    if batch.unfolded_bytes > most:
                        raise UserError(
                            f"{self.stored.name} holds {batch.unfolded_bytes / 1e6:,.0f} MB "
                            f"in {batch.stored_bytes:,} bytes.",
                            why="No text is folded that small.",
                            remedy="Get the file anew from where it comes from.",
                        )
                source.seek(0)
                file = pa.PythonFile(source, mode="r")
                reader = pa.ipc.open_file(file) if head == FILE_MARK else pa.ipc.open_stream(file)
                if len(reader.schema) > MOST_COLUMNS:
                    raise UserError(
                        f"{self.stored.name} has {len(reader.schema):,} columns, of which {MOST_COLUMNS:,} are read.",
                        remedy="Save it with the columns that hold the texts.",
                    )
                yield reader
            except (pa.ArrowException, OSError, ValueError) as error:
                if isinstance(error, OSError) and error.errno:
                    raise
                raise UserError(
                    f"{self.stored.name} is not an Arrow file that can be read.",
                    why=f"The reader says: {shown(str(error)).rstrip('.')}.",
                    remedy="Get the whole file, or save it anew.",
                ) from None


FORMAT = Format("Arrow", (".arrow", ".feather", ".ipc"), "row", ArrowFile, place=4)
