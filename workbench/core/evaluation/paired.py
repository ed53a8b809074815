"""What was measured of a side with how sure it is, and what two sides differ by on the same rows."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

# Of the 95 % intervals, the two-sided quantile of the normal distribution.
Z_95 = 1.959963984540054
RESAMPLES = 2000
SEED = 1
# Rows times resamples that are held at once.
_MOST_HELD = 4_000_000


class Interval(NamedTuple):
    """A value, and between what it lies with 95 % confidence."""

    value: float
    low: float
    high: float


def share(right: Sequence[bool]) -> Interval:
    """The share that is right, with Wilson's score interval (J. Am. Stat. Assoc. 22, 1927, 209)."""
    rows = len(right)
    found = sum(right) / rows
    middle = found + Z_95**2 / (2 * rows)
    half = Z_95 * math.sqrt(found * (1 - found) / rows + Z_95**2 / (4 * rows**2))
    whole = 1 + Z_95**2 / rows
    # At its ends the formula is exactly 0 and 1, which rounding misses.
    low = 0.0 if not any(right) else (middle - half) / whole
    high = 1.0 if all(right) else (middle + half) / whole
    return Interval(found, low, high)


def difference_of_shares(first: Sequence[bool], second: Sequence[bool]) -> Interval:
    """What the share of `second` is above that of `first`, row by row the same things.

    Method 10 of R. Newcombe, Statistics in Medicine 17 (1998) 2635: each share's score interval, and how far the
    rows go together. Zero lies outside it only where the rows themselves say so, however few they are.
    """
    rows = len(first)
    both = sum(one and two for one, two in zip(first, second, strict=True))
    only_first, only_second = sum(first) - both, sum(second) - both
    neither = rows - both - only_first - only_second
    one, two = share(first), share(second)
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    together = float(both * neither - only_first * only_second)
    if together > 0:
        together = max(0.0, together - rows / 2)
    phi = together / math.sqrt(margins) if margins else 0.0
    below = _joined(two.value - two.low, one.high - one.value, phi)
    above = _joined(two.high - two.value, one.value - one.low, phi)
    found = two.value - one.value
    return Interval(found, found - below, found + above)


def _joined(one: float, two: float, phi: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2 * phi * one * two + two**2))


def mean(values: Sequence[float]) -> Interval:
    """The mean of a value of each row, with the bootstrap's percentiles."""
    return _resampled(np.asarray(values, np.float64)[None], lambda sums, rows: sums[0] / rows)


def difference_of_means(first: Sequence[float], second: Sequence[float]) -> Interval:
    """What the mean of `second` is above that of `first`, row by row the same things."""
    apart = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    return _resampled(apart[None], lambda sums, rows: sums[0] / rows)


def perplexity(log_likelihoods: Sequence[float], tokens: Sequence[int]) -> Interval:
    """exp of the loss of a token, from the sum of each row's log-probabilities and its tokens."""
    values = np.array([log_likelihoods, tokens], np.float64)
    return _resampled(values, lambda sums, _: np.exp(-sums[0] / sums[1]))


def ratio_of_perplexities(first: Sequence[float], second: Sequence[float], tokens: Sequence[int]) -> Interval:
    """The perplexity of `second` by that of `first`: below 1 the text is less of a surprise to it."""
    values = np.array([np.subtract(first, second), tokens], np.float64)
    return _resampled(values, lambda sums, _: np.exp(sums[0] / sums[1]))


def _resampled(values: np.ndarray, of_sums: Callable[[np.ndarray, int], np.ndarray]) -> Interval:
    """A figure of the sums over rows, with percentiles of what rows drawn anew would give.

    B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; the seed makes it the same each time.
    `values` has the shape (figures, rows).
    """
    rows = values.shape[1]
    random = np.random.default_rng(SEED)
    at_once = max(1, _MOST_HELD // rows)
    sums = []
    for start in range(0, RESAMPLES, at_once):
        counts = random.multinomial(rows, np.full(rows, 1 / rows), size=min(at_once, RESAMPLES - start))
        sums.append(values @ counts.T)
    drawn = of_sums(np.concatenate(sums, axis=1), rows)
    found = float(of_sums(values.sum(axis=1, keepdims=True), rows)[0])
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(found, float(low), float(high))
