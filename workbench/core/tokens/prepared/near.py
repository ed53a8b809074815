"""Rows that are nearly the same: sketches of their texts by MinHash, and the pairs whose sketches agree.

A text is a set of shingles: the bytes from each start of a word, or of a letter outside ASCII, on. The share of equal
numbers in two sketches estimates what two texts have in common (Broder, 1997).
"""

from collections.abc import Iterator, Sequence

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

PERMUTATIONS = 64
# Of 8 bands of 8 numbers one at least agrees in 99 % of pairs that have 90 % in common, and in 77 % of those with 80 %.
BANDS = 8
SAME_SHARE = 0.8
# Bytes of a shingle: some four words. A text of 300 bytes in which one word differs has 0.8 in common.
SHINGLE_BYTES = 24
# Texts are looked at together up to this many bytes: temporary arrays stay within the cache.
BYTES_AT_ONCE = 1 << 20
# Rows of a bucket that a held-out row of it is compared with.
MOST_COMPARED = 8
PAIRS_AT_ONCE = 1 << 16
_PADDING = bytes(SHINGLE_BYTES)
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))


def sketches(texts: Sequence[str]) -> NDArray[np.uint32]:
    """The sketch of each text, shape (texts, PERMUTATIONS), as datasketch makes it of `shingles`."""
    found = np.full((len(texts), PERMUTATIONS), np.iinfo(np.uint32).max, np.uint32)
    for start, stop in _stretches(texts):
        hashes, firsts, owners = _shingles(texts[start:stop])
        if not len(owners):
            continue
        mixed = _mixed(hashes)
        for place, (factor, summand) in enumerate(zip(*_permutations(), strict=True)):
            found[start + owners, place] = np.minimum.reduceat(mixed * factor + summand, firsts)
    return found


def shingles(text: str) -> NDArray[np.uint32]:
    """The hashes of the text's shingles, shape (shingles,)."""
    return _shingles([text])[0]


def bands(sketch: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """The hash of each band of sketches: from shape (rows, PERMUTATIONS) to (rows, BANDS)."""
    numbers = sketch.reshape(len(sketch), BANDS, PERMUTATIONS // BANDS).astype(np.uint64)
    hashes = np.zeros((len(sketch), BANDS), np.uint64)
    for place in range(numbers.shape[2]):
        hashes = (hashes ^ numbers[:, :, place]) * _FACTORS[0]
        hashes ^= hashes >> np.uint64(29)
    return hashes


def near_earlier(band: NDArray[np.uint64], sketch: NDArray[np.uint32], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are nearly the same as the first row before them that shares a band, shape (rows,).

    `band` holds one band's hashes and `rows` where the rows' sketches stand in `sketch`, both of shape (rows,);
    `sketch` has the shape (sketches, PERMUTATIONS), and may lie in a file.
    """
    order = np.argsort(band, kind="stable")
    firsts = order[_bucket_starts(band[order])]
    is_near = np.zeros(len(band), bool)
    others = firsts != order
    is_near[order[others]] = _agree(sketch, rows[firsts[others]], rows[order[others]])
    return is_near


def near_others(
    band: NDArray[np.uint64], sketch: NDArray[np.uint32], rows: NDArray[np.int64], is_held_out: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which held-out rows are nearly the same as one that is not and shares a band, shape (rows,).

    `is_held_out` has the shape (rows,) too; the others are as `near_earlier` has them.
    """
    order = np.lexsort((is_held_out, band))  # in each bucket, the rows that are trained on come first
    starts = _bucket_starts(band[order])
    held = np.flatnonzero(is_held_out[order])
    is_near = np.zeros(len(band), bool)
    for step in range(MOST_COMPARED):
        places = starts[held] + step
        fits = places < held
        fits[fits] = ~is_held_out[order[places[fits]]]
        held, places = held[fits], places[fits]
        if not len(held):
            break
        agree = _agree(sketch, rows[order[places]], rows[order[held]])
        is_near[order[held[agree]]] = True
        held = held[~agree]
    return is_near


def _bucket_starts(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each of sorted hashes where the run of its equals begins, shape (rows,)."""
    begins = np.concatenate([[True], hashes[1:] != hashes[:-1]]) if len(hashes) else np.zeros(0, bool)
    return np.maximum.accumulate(np.where(begins, np.arange(len(hashes)), 0))


def _agree(sketch: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the sketches of each pair of rows agree, shape (pairs,)."""
    found = np.zeros(len(left), bool)
    for start in range(0, len(left), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        found[part] = (sketch[left[part]] == sketch[right[part]]).mean(axis=1) >= SAME_SHARE
    return found


def _stretches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where to cut the texts into stretches of BYTES_AT_ONCE at most, a longer text alone."""
    start = size = 0
    for place, text in enumerate(texts):
        if size and size + len(text) > BYTES_AT_ONCE:
            yield start, place
            start, size = place, 0
        size += len(text) + SHINGLE_BYTES
    if start < len(texts):
        yield start, len(texts)


def _shingles(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Hashes of shape (shingles,), where each text's begin among them, and which texts have any, both (texts,)."""
    coded = [text.lower().encode("utf-8", "surrogatepass") for text in texts]
    data = _PADDING.join([b"", *coded, b""])
    letters = np.frombuffer(data, np.uint8)
    is_start = (letters[1:] > 32) & (letters[:-1] <= 32) | (letters[1:] >= 0xC0)
    anchors = np.flatnonzero(is_start) + 1
    eights = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))  # from every byte on
    hashes = eights[anchors] * _FACTORS[0]
    for step in (1, 2):
        hashes = (hashes ^ (hashes >> np.uint64(31))) * _FACTORS[step] + eights[anchors + 8 * step]
    hashes = (hashes ^ (hashes >> np.uint64(29))) * _FACTORS[0]
    ends = np.cumsum([len(text) + SHINGLE_BYTES for text in coded])
    until = np.searchsorted(anchors, ends + SHINGLE_BYTES)
    counts = np.diff(until, prepend=0)
    owners = np.flatnonzero(counts)
    return (hashes >> np.uint64(32)).astype(np.uint32), (until - counts)[owners], owners


def _permutations() -> NDArray[np.uint32]:
    """Factors and summands of datasketch's permutations, shape (2, PERMUTATIONS)."""
    return np.asarray(MinHash(num_perm=PERMUTATIONS, hashfunc=int).permutations, np.uint32)


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The hashes through MurmurHash3's finalizer, which datasketch's "affine32" begins with, shape (shingles,)."""
    mixed: NDArray[np.uint32] = hashes ^ (hashes >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed = mixed ^ (mixed >> np.uint32(13))
    mixed = mixed * np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))
