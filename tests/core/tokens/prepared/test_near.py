"""Sketches of texts are datasketch's own, and find texts that are nearly the same."""

import random

import numpy as np
import pytest
from datasketch import MinHash

from workbench.core.tokens.prepared import near

WORDS = "the miller walked over a bridge and counted geese on water while rain fell upon the roof".split()  # noqa: SIM905


def text(seed: int, words: int = 120) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) + str(chance.randrange(50)) for _ in range(words))


def test_that_a_sketch_is_the_one_that_datasketch_makes_of_the_same_shingles() -> None:
    texts = ["", "short", text(1), "川の水が橋の下を流れる。" * 5, "word " * 3000]
    found = near.sketches(texts)
    for sketch, one in zip(found, texts, strict=True):
        theirs = MinHash(num_perm=near.PERMUTATIONS, hashfunc=int)
        theirs.update_batch(near.shingles(one))
        assert np.array_equal(sketch, theirs.hashvalues)


def test_that_sketches_are_the_same_one_by_one_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text(seed, seed + 1) for seed in range(40)]
    at_once = near.sketches(texts)
    monkeypatch.setattr(near, "BYTES_AT_ONCE", 100)
    assert np.array_equal(near.sketches(texts), at_once)


def found_near(texts: list[str], held_out: list[bool] | None = None) -> list[bool]:
    sketch = near.sketches(texts)
    bands = near.bands(sketch)
    found, rows = np.zeros(len(texts), bool), np.arange(len(texts))
    for band in bands.T:
        if held_out is None:
            found |= near.near_earlier(band, sketch, rows)
        else:
            found |= near.near_others(band, sketch, rows, np.array(held_out))
    return found.tolist()


def test_that_a_text_with_a_word_changed_is_near_and_another_is_not() -> None:
    one = text(1)
    changed = one.replace(one.split()[60], "otherwise", 1)
    assert found_near([one, text(2), changed, text(3), one.upper()]) == [False, False, True, False, True]


def test_that_short_rows_made_from_one_pattern_are_not_near() -> None:
    assert not any(found_near([f"What is {n} and {n}? It is {2 * n}." for n in range(200)]))


def test_that_held_out_rows_are_compared_with_trained_ones_alone() -> None:
    one = text(1)
    near_one = one.replace(one.split()[60], "otherwise", 1)
    assert found_near([one, near_one, text(2), text(2)], [False, True, True, True]) == [False, True, False, False]


def test_that_no_rows_and_rows_without_words_are_no_trouble() -> None:
    assert found_near([]) == []
    assert near.sketches([" ", ""]).shape == (2, near.PERMUTATIONS)
