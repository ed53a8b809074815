"""Parquet: rows in batches, each of them known in its size before it is unfolded."""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.headers import MOST_COLUMNS
from workbench.core.data.stored import MOST_UNFOLDED_TIMES, most_unfolded_bytes
from workbench.core.data.tables import ROW_BYTES, decoded_bytes, names_of, rows_of
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError, shown

BATCH_ROWS = 1024
BUFFER_BYTES = 1_000_000
# A column's part of a row group that is folded more than a text can be is refused before it is unfolded.
FREE_CHUNK_BYTES = 64_000_000
# Values of lists within lists take 8 bytes each, where a file may say one of them a billion times in a few bytes.
FREE_VALUES = 32_000_000
VALUE_BYTES = 8


class ParquetFile(RowFile):
    def columns(self) -> tuple[str, ...]:
        with self._opened() as file:
            return names_of(file.schema_arrow)[0]

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        with self._opened() as file:
            groups = range(file.metadata.num_row_groups)
            for number, value in enumerate(self._rows(file, groups, columns), start=1):
                yield number, -1, value

    def at(self, line: int, offset: int) -> Any:
        with self._opened() as file:
            sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
            ends = list(accumulate(sizes))
            group = bisect_right(ends, line - 1)
            if line < 1 or group == len(ends):
                raise LookupError(line)
            skipped = line - 1 - (ends[group] - sizes[group])
            self._refuse_folded(file, group)
            for batch in file.iter_batches(BATCH_ROWS, row_groups=[group]):
                if skipped < batch.num_rows:
                    return next(rows_of(batch.slice(skipped, 1).rename_columns(names_of(batch.schema)[0])))
                skipped -= batch.num_rows
        raise LookupError(line)

    def _rows(self, file: Any, groups: Collection[int], columns: Collection[str]) -> Iterator[Any]:
        names, told = names_of(file.schema_arrow)
        self.notes.extend(note for note in told if note not in self.notes)
        read = [name for name in names if not columns or told or name in columns]
        most = most_unfolded_bytes(self.stored.path.stat().st_size)
        for group in groups:
            self._refuse_folded(file, group)
        total = 0
        for batch in file.iter_batches(BATCH_ROWS, row_groups=list(groups), columns=None if told else read):
            total += batch.num_rows * ROW_BYTES + sum(decoded_bytes(column) for column in batch.columns)
            if total > most:
                words = f"the file becomes more than {MOST_UNFOLDED_TIMES:,} times its size from here on."
                yield Wrong(words, "Save it anew, and train on a part.", is_last=True)
                return
            yield from rows_of(batch.rename_columns(read) if told else batch)

    def _refuse_folded(self, file: Any, group: int) -> None:
        part = file.metadata.row_group(group)
        for index in range(part.num_columns):
            chunk = part.column(index)
            unfolded = chunk.total_uncompressed_size
            if chunk.num_values > FREE_VALUES:
                unfolded = max(unfolded, chunk.num_values * VALUE_BYTES)
            if unfolded > max(FREE_CHUNK_BYTES, MOST_UNFOLDED_TIMES * chunk.total_compressed_size):
                raise UserError(
                    f'{self.stored.name} holds {unfolded / 1e6:,.0f} MB of "{shown(chunk.path_in_schema)}" '
                    f"in {chunk.total_compressed_size:,} bytes.",
                    why="No text is folded that small.",
                    remedy="Get the file anew from where it comes from.",
                )

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """As pyarrow reads it, texts as dictionaries: what repeats stays small until its size is known."""
        import pyarrow as pa  # here and below: 0.25 s that a start without Parquet need not wait
        import pyarrow.parquet as pq

        with self.stored.open_seekable() as source, self._told(pa):
            with pq.ParquetFile(source) as file:
                metadata = file.metadata
                if metadata.num_columns > MOST_COLUMNS:
                    raise UserError(
                        f"{self.stored.name} has {metadata.num_columns:,} columns, of which {MOST_COLUMNS:,} are read.",
                        remedy="Save it with the columns that hold the texts.",
                    )
                schema = [file.schema.column(index) for index in range(len(file.schema))]
                texts = [column.path for column in schema if column.physical_type == "BYTE_ARRAY"]
            source.seek(0)
            with pq.ParquetFile(source, metadata=metadata, read_dictionary=texts, buffer_size=BUFFER_BYTES) as file:
                yield file

    @contextmanager
    def _told(self, pa: Any) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError, ValueError) as error:  # a name that is not UTF-8
            if isinstance(error, OSError) and error.errno:
                raise
            raise UserError(
                f"{self.stored.name} is not a Parquet file that can be read.",
                why=f"The reader says: {shown(str(error)).rstrip('.')}.",
                remedy="Get the whole file, or save it anew.",
            ) from None


FORMAT = Format("Parquet", (".parquet",), "row", ParquetFile, place=3)
