"""Whether a model's weights were stored in 4 bits before they came to be stored in more."""

from pathlib import Path

import numpy as np

from workbench.core.model.stored_tensor import Extent, StoredTensor, open_tensors
from workbench.core.problems import UserError

# GGUF's 4-bit types give 32 weights of a row one scale, so no more than 16 different values (llama.cpp, ggml-quants.c).
BLOCK, LEVELS = 32, 16
BLOCKS_READ = 64
MATRICES_READ = 12
FEWEST_LEVELS = 5  # a matrix of a few values, such as all zeros, shows nothing


def was_four_bit(folder: Path) -> bool:
    """Whether the matrices of the model's layers show it; of 32 weights that never were, nearly all differ."""
    try:
        layers = [tensor for tensor in open_tensors(folder) if _is_in_a_layer(tensor)]
        most = [_most_levels(tensor) for tensor in layers[:MATRICES_READ]]
    except UserError:
        return False  # whoever loads the model says why it cannot be read
    return bool(most) and all(FEWEST_LEVELS <= levels <= LEVELS for levels in most)


def _is_in_a_layer(tensor: StoredTensor) -> bool:
    """Embeddings and heads are kept in more bits by those who make such files."""
    is_matrix = len(tensor.shape) == 2 and tensor.row_length % BLOCK == 0 and not tensor.problem
    return is_matrix and ".layers." in tensor.name and tensor.numbers >= BLOCK * BLOCKS_READ


def _most_levels(tensor: StoredTensor) -> int:
    blocks = np.sort(tensor.codes(Extent(0, BLOCK * BLOCKS_READ)).reshape(BLOCKS_READ, BLOCK), axis=1)
    return int((np.diff(blocks.astype(np.int64), axis=1) != 0).sum(axis=1).max()) + 1
