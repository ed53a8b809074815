"""The values in a Parquet file, row by row, or what is wrong with a row."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.core.data.files import Wrong
from workbench.core.problems import UserError, shown

# A dictionary page repeats one value for nothing: 469 bytes of Parquet can hold 500 MB of text.
LARGEST_DECODED_BYTES = 2_000_000_000
# What a row costs as a dict, however short its text.
ROW_BYTES = 200


def parquet_values(path: Path, choose: Callable[[list[str], list[str]], list[str]]) -> Iterator[tuple[int, Any]]:
    """Each row with its number, or with a Wrong.

    `choose` is given the names of all columns and of those of single values, and gives the names to read. Where it
    names none, the file's first row comes without its values.
    """
    import pyarrow as pa  # here and below: 0.25 s that a start without Parquet need not wait
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow
            leaves = [(file.schema.column(index).path, index) for index in range(len(file.schema))]
            texts = {path for path, index in leaves if file.schema.column(index).physical_type == "BYTE_ARRAY"}
        names = choose(schema.names, [field.name for field in schema if _is_scalar(field.type)])
        if not names or not metadata.num_rows:
            yield from [(1, dict.fromkeys(schema.names))] if metadata.num_rows else []
            return
        read = [(leaf, index) for leaf, index in leaves if any(f"{leaf}.".startswith(f"{name}.") for name in names)]
        total = metadata.num_rows * ROW_BYTES
        for group in range(metadata.num_row_groups):
            chunks = [metadata.row_group(group).column(index) for _, index in read]
            total += sum(chunk.total_uncompressed_size + 8 * chunk.num_values for chunk in chunks)
        _refuse_bomb(path, total)
        # As dictionaries, what repeats stays small until its size is known.
        repeated = [leaf for leaf, _ in read if leaf in texts]
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=repeated) as file:
            total = metadata.num_rows * ROW_BYTES
            number = 1
            for group in range(metadata.num_row_groups):
                table = file.read_row_group(group, columns=names)
                total += sum(_decoded_bytes(chunk) for column in table.columns for chunk in column.chunks)
                _refuse_bomb(path, total)
                plain = pa.schema([(field.name, _plain(field.type)) for field in table.schema])
                for start in range(0, table.num_rows, 1024):
                    # Lists come eight times faster from plain columns than from dictionaries.
                    for row in _pylist(table.slice(start, 1024).cast(plain)):
                        yield number, row
                        number += 1
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise UserError(
            f"{path.name} is not a Parquet file that can be read.",
            why=f"The reader says: {shown(str(error)).rstrip('.')}.",
            remedy="Get the whole file, or save it anew.",
        ) from None


def _plain(kind: Any) -> Any:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_scalar(kind: Any) -> bool:
    from pyarrow import types

    tests = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean)
    return any(test(_plain(kind)) for test in tests)


def _refuse_bomb(path: Path, decoded: int) -> None:
    if decoded > LARGEST_DECODED_BYTES:
        raise UserError(
            f"{path.name} holds more than {LARGEST_DECODED_BYTES // 1_000_000} MB once it is decoded.",
            why="Rows are held in memory.",
            remedy="Split it, and train on a part.",
        )


def _decoded_bytes(array: Any) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        return pc.sum(pc.binary_length(array.dictionary).take(array.indices)).as_py() or 0
    if pa.types.is_struct(array.type):
        return sum(_decoded_bytes(child) for child in array.flatten())
    if pa.types.is_nested(array.type):
        return _decoded_bytes(array.flatten())
    return int(array.nbytes)


def _pylist(table: Any) -> list[Any]:
    try:
        return list(table.to_pylist())
    except ValueError as error:  # text that is not UTF-8, a date before year 1
        if table.num_rows == 1:
            return [Wrong(f"it cannot be read: {shown(str(error))}.", "Save the file anew, with text as UTF-8.")]
        return [row for index in range(table.num_rows) for row in _pylist(table.slice(index, 1))]
