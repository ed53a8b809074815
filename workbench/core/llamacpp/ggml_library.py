"""ggml's own library, where llama.cpp is installed: it packs numbers into types that the `gguf` package only reads."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, quant_shape_to_byte_shape
from numpy.typing import NDArray

from workbench.core.llamacpp.places import VARIABLE, library_folders

__all__ = ["VARIABLE", "is_there", "pack"]

_NAMES = {"win32": "ggml-base.dll", "darwin": "libggml-base.dylib"}


def is_there() -> bool:
    return _library(os.environ.get(VARIABLE, "")) is not None


def pack(rows: NDArray[np.float32], code: GGMLQuantizationType) -> NDArray[np.uint8]:
    """Rows of numbers as bytes, shape (rows, bytes of a row); the library has to be there."""
    library = _library(os.environ.get(VARIABLE, ""))
    assert library is not None
    given = np.ascontiguousarray(rows, np.float32)
    packed = np.zeros(quant_shape_to_byte_shape(given.shape, code), np.uint8)
    written = library.ggml_quantize_chunk(
        int(code), given.ctypes.data, packed.ctypes.data, 0, given.shape[0], given.shape[1], None
    )
    assert written == packed.nbytes, f"ggml has written {written} of {packed.nbytes} bytes"
    return packed


@cache
def _library(_named: str) -> Any:
    """The library, found anew where the variable names another folder; None where it is not there."""
    name = _NAMES.get(sys.platform, "libggml-base.so")
    for folder in library_folders():
        path = Path(folder, name)
        if path.is_file():
            try:
                library = ctypes.CDLL(str(path))
                pack_rows = library.ggml_quantize_chunk
            except (OSError, AttributeError):
                continue  # of another system, or too old
            pack_rows.restype = ctypes.c_size_t
            pack_rows.argtypes = [
                ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64,
                ctypes.c_void_p,
            ]  # fmt: skip
            return library
    return None
