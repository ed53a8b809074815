"""A GGUF file written piece by piece by the `gguf` package's writer, whole or not at all, and read back."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import gguf
import numpy as np
from gguf import GGUFEndian, GGUFReader, GGUFWriter

from workbench.core.llamacpp import gguf_types
from workbench.core.llamacpp.gguf_types import GgufType, Numbers
from workbench.core.llamacpp.tensors import Wanted
from workbench.core.problems import UserError, shown
from workbench.core.whole_folder import flush

# Asked after each piece with the numbers done so far; whatever it raises ends the work, and nothing is left behind.
Told = Callable[[int], None]

_LARGEST_HALF = 65504.0


@dataclass(frozen=True)
class GgufPlan:
    """A file that can be written.

    Attributes:
        head: Writes what is said besides the weights.
        size_bytes: Of the file, to the byte.
        notes: What llama.cpp does otherwise and what is written otherwise than asked, each a sentence.
    """

    architecture: str
    head: Callable[[GGUFWriter], None]
    tensors: tuple[Wanted, ...]
    size_bytes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def numbers(self) -> int:
        """Of all its tensors: what `Told` counts to."""
        return sum(each.numbers for each in self.tensors)

    def sized(self, head_bytes: int = 0) -> "GgufPlan":
        """With its size; `head_bytes` is that of all before its weights where it is known."""
        return replace(self, size_bytes=(head_bytes or self.head_bytes()) + sum(map(_padded, self.tensors)))

    def head_bytes(self) -> int:
        """Of all that stands before the weights: written once to where nobody looks."""
        with TemporaryDirectory(prefix="workbench-gguf-") as folder:
            path = Path(folder, "head")
            _begun(self, path).close()
            return _rounded(path.stat().st_size)


@dataclass(frozen=True)
class TypeCheck:
    """All tensors of one type, read back and compared with what they were made of.

    Attributes:
        largest: How far any number is off.
        of_bound: That error as a share of what the type allows for it; above 1 it is wrong.
        worst: The tensor in which that share is largest.
    """

    type: GgufType
    tensors: int
    numbers: int
    largest: float
    of_bound: float
    worst: str

    @property
    def is_right(self) -> bool:
        return self.of_bound <= 1

    @property
    def in_words(self) -> str:
        many = "1 tensor" if self.tensors == 1 else f"{self.tensors} tensors"
        if not self.largest:
            return f"{many} in {self.type.title}: every number as it was"
        found = f"{many} in {self.type.title}: at most {self.largest:.3g} off, {self.of_bound:.0%} of what it allows"
        return found if self.is_right else f"{found}, in {self.worst}"


# -- writing -----------------------------------------------------------------------------------------------------------


def write(made: GgufPlan, path: Path, told: Told) -> None:
    """Writes the file, whole or not at all. Raises UserError, OSError and whatever `told` raises."""
    staging = path.with_name(f".{path.name}.partial")
    writer: GGUFWriter | None = None
    try:
        writer = _begun(made, staging)
        done = 0
        for each in made.tensors:
            rows = _Rows(each, told, done)
            writer.write_tensor_data(rows, tensor_endianess=GGUFEndian.LITTLE)  # type: ignore[arg-type]
            done += each.numbers
        writer.close()
        flush(staging)
        staging.replace(path)
        flush(path.parent)
    finally:
        if writer is not None:
            writer.close()
        with suppress(OSError):
            staging.unlink()


class _Rows:
    """A tensor as the writer takes it, which asks for its size and has it put into a file: piece by piece."""

    def __init__(self, wanted: Wanted, told: Told, done: int) -> None:
        self.nbytes = wanted.size_bytes
        self._wanted, self._told, self._done = wanted, told, done

    def tofile(self, file: BinaryIO) -> None:
        done = self._done
        for piece in self._wanted.pieces():
            _refuse_beyond(piece, self._wanted)
            file.write(self._wanted.type.pack(piece).data)
            done += piece.size
            self._told(done)


def _begun(made: GgufPlan, path: Path) -> GGUFWriter:
    """A file with all that stands before its weights."""
    writer = GGUFWriter(path, made.architecture)
    made.head(writer)
    for each in made.tensors:
        writer.add_tensor_info(each.name, each.shape, np.dtype(np.float32), each.size_bytes, raw_dtype=each.type.code)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    return writer


def _refuse_beyond(piece: Numbers, wanted: Wanted) -> None:
    largest = float(np.abs(piece).max(initial=0.0))
    if not np.isfinite(largest):
        raise UserError(
            f"The tensor {wanted.name} holds numbers that are none: NaN or infinity.",
            why="A model that holds one answers nonsense.",
            remedy="Take another checkpoint.",
        )
    if wanted.type.name == "f16" and largest > _LARGEST_HALF:
        raise UserError(
            f"The tensor {wanted.name} holds {largest:.3g}, and F16 ends at 65504.", remedy="Take bf16 or f32."
        )


def _padded(each: Wanted) -> int:
    return _rounded(each.size_bytes)


def _rounded(size: int) -> int:
    return GGUFWriter.ggml_pad(size, gguf.GGUF_DEFAULT_ALIGNMENT)


# -- afterwards --------------------------------------------------------------------------------------------------------


def compare(made: GgufPlan, path: Path, told: Told) -> list[TypeCheck]:
    """Reads a file back and compares every tensor with what it was made of, the widest type first.

    Raises UserError where the file is not the one that was planned, OSError, and whatever `told` raises.
    """
    done, checks = 0, dict[str, TypeCheck]()
    for each, pieces in _read_back(made, path):
        largest = share = 0.0
        for was in each.pieces():
            off, of_bound = _off(each.type, was, next(pieces))
            largest, share = max(largest, off), max(share, of_bound)
            done += was.size
            told(done)
        checks[each.type.name] = _joined(checks.get(each.type.name), each, largest, share)
    return [checks[kind.name] for kind in gguf_types.TYPES if kind.name in checks]


def weights(made: GgufPlan, path: Path) -> Iterator[tuple[str, Numbers]]:
    """What a file holds, each tensor by its name in the model, in the shape and the order of rows that it has there.

    Raises as `compare` does.
    """
    for each, pieces in _read_back(made, path):
        if each.source is not None:
            yield each.source.name, each.as_stored(np.concatenate(list(pieces)))


def _read_back(made: GgufPlan, path: Path) -> Iterator[tuple[Wanted, Iterator[Numbers]]]:
    """Each tensor of a file with its numbers, in the pieces in which they were written."""
    found = _tensors_of(path)
    if list(found) != [each.name for each in made.tensors] or path.stat().st_size != made.size_bytes:
        raise _not_as_planned(path, "it has another size or other tensors")
    with path.open("rb") as file:
        for each in made.tensors:
            code, shape, start = found[each.name]
            if (code, shape) != (each.type.code, each.shape):
                raise _not_as_planned(path, f"{each.name} has another type or shape")
            file.seek(start)
            yield each, _unpacked(file, each)


def _unpacked(file: BinaryIO, each: Wanted) -> Iterator[Numbers]:
    for rows, numbers in each.piece_sizes():
        data = np.frombuffer(file.read(each.type.size_of(numbers)), np.uint8)
        yield each.type.unpack(data.reshape(rows, -1))


def _tensors_of(path: Path) -> dict[str, tuple[int, tuple[int, ...], int]]:
    """By their names: the type's code, the shape, and where in the file they begin. Raises UserError."""
    try:
        reader = GGUFReader(path)  # type: ignore[no-untyped-call,unused-ignore]
        return {
            each.name: (int(each.tensor_type), tuple(int(size) for size in reversed(each.shape)), int(each.data_offset))
            for each in reader.tensors
        }
    except (ValueError, KeyError, IndexError) as error:
        raise _not_as_planned(path, f"{shown(str(error), 200)}") from None


def _off(kind: GgufType, was: Numbers, found: Numbers) -> tuple[float, float]:
    """How far off any number is, and the largest share of what it may be off."""
    blocks = was.reshape(-1, kind.block) if kind.block > 1 else was
    off = np.abs(found.reshape(blocks.shape) - blocks)
    largest = float(off.max(initial=0.0))
    if not largest:
        return 0.0, 0.0
    bound = kind.bound(blocks)
    if bound.shape != off.shape:
        off = off.max(axis=1, keepdims=True)  # one bound a block
    share = np.divide(off, bound, out=np.full_like(off, np.inf), where=bound > 0)
    share[off == 0] = 0
    return largest, float(share.max())


def _joined(before: TypeCheck | None, each: Wanted, largest: float, share: float) -> TypeCheck:
    if before is None:
        return TypeCheck(each.type, 1, each.numbers, largest, share, each.name)
    is_worse = share > before.of_bound
    return TypeCheck(
        each.type,
        before.tensors + 1,
        before.numbers + each.numbers,
        max(largest, before.largest),
        max(share, before.of_bound),
        each.name if is_worse else before.worst,
    )


def _not_as_planned(path: Path, what: str) -> UserError:
    return UserError(f"{path} does not read back as it was written: {what}.", remedy="Export it again.")
