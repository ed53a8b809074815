"""Rows of a piece of an Arrow table as Python values, in pieces that are small however often a text repeats."""

from collections.abc import Iterator
from typing import Any

from workbench.core.data.headers import column_names
from workbench.core.data.text_lines import LONGEST_LINE_BYTES, too_long
from workbench.core.data.wrong import Wrong
from workbench.core.problems import shown

PIECE_BYTES = 64_000_000
ROW_BYTES = 200  # what a row costs as a dict, however short its text


def names_of(schema: Any) -> tuple[tuple[str, ...], list[str]]:
    """A table's columns, each by a name of its own, with what was changed for it as sentences."""
    names = tuple(schema.names)
    return (names, []) if len(set(names)) == len(names) else column_names(names)


def rows_of(batch: Any) -> Iterator[Any]:
    """Each row as a dict, or what is wrong with it; the batch is cut in two until its half is small enough."""
    size = sum(decoded_bytes(column) for column in batch.columns)
    if batch.num_rows > 1 and size > PIECE_BYTES:
        half = batch.num_rows // 2
        yield from rows_of(batch.slice(0, half))
        yield from rows_of(batch.slice(half))
    elif size > LONGEST_LINE_BYTES and batch.num_rows == 1:
        yield too_long()
    else:
        yield from _values(batch)


def refuse_what_lies_outside(batch: Any) -> None:
    """Raises ArrowInvalid where a damaged piece points outside of itself: reading it would end the process.

    Text that is not UTF-8 costs its row alone, and is found there.
    """
    import pyarrow as pa

    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        if "UTF8" not in str(error):
            raise
        plain = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
        for column in batch.columns:
            kind = plain.get(column.type)
            (column if kind is None else column.view(kind)).validate(full=True)


def decoded_bytes(array: Any) -> int:
    """What an array takes once its dictionaries are written out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        held = array.dictionary
        if pa.types.is_nested(held.type) or not _is_binary(held.type):
            return len(array) * max(1, decoded_bytes(held) // max(1, len(held)))
        return pc.sum(pc.binary_length(held).take(array.indices)).as_py() or 0
    if pa.types.is_struct(array.type):
        return sum(decoded_bytes(child) for child in array.flatten())
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type) or pa.types.is_fixed_size_list(array.type):
        return decoded_bytes(array.flatten())
    return int(array.get_total_buffer_size() if pa.types.is_nested(array.type) else array.nbytes)


def _is_binary(kind: Any) -> bool:
    from pyarrow import types

    tests = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return any(test(kind) for test in tests)


def _plain(kind: Any) -> Any:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _values(batch: Any) -> list[Any]:
    import pyarrow as pa

    # Lists come eight times faster from plain columns than from dictionaries.
    plain = pa.schema([(field.name, _plain(field.type)) for field in batch.schema])
    try:
        return list(batch.cast(plain).to_pylist())
    except (ValueError, OverflowError) as error:  # text that is not UTF-8, a date before year 1
        if batch.num_rows == 1:
            return [Wrong(f"it cannot be read: {shown(str(error))}.", "Save the file anew, with text as UTF-8.")]
        return [row for index in range(batch.num_rows) for row in _values(batch.slice(index, 1))]
