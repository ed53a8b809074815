"""The ways of choosing one of two neighbouring values."""

from enum import StrEnum

DRAW_BITS = 64
_MASK = (1 << DRAW_BITS) - 1
# Steps and factors of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
GOLDEN_STEP = 0x9E3779B97F4A7C15
MIX_FACTORS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
LAST_SHIFT = 31


class Rounding(StrEnum):
    """How a number that lies between two values is rounded."""

    NEAREST_EVEN = "nearest even"
    NEAREST_AWAY = "nearest away"
    TOWARD_ZERO = "toward zero"
    UP = "up"
    DOWN = "down"
    STOCHASTIC = "stochastic"

    @property
    def slug(self) -> str:
        """As one types it: "nearest-even"."""
        return self.value.replace(" ", "-")

    @staticmethod
    def named(text: str) -> "Rounding":
        """Raises ValueError, with a sentence, for a name that is none."""
        plain = text.strip().lower().replace("-", " ").replace("_", " ")
        if plain not in set(Rounding):
            raise ValueError(f"A rounding is one of {', '.join(known.slug for known in Rounding)}.")
        return Rounding(plain)


def draw(seed: int) -> int:
    """64 random bits that depend on the seed alone."""
    mixed = (seed + GOLDEN_STEP) & _MASK
    for shift, factor in MIX_FACTORS:
        mixed = ((mixed ^ (mixed >> shift)) * factor) & _MASK
    return mixed ^ (mixed >> LAST_SHIFT)


def element_seed(seed: int, index: int) -> int:
    """The seed with which element `index` of an array is rounded under the array's seed."""
    return (draw(seed) + index) & _MASK
