"""Quantities in words."""

from workbench.core.figures import THIN_SPACE


def bytes_in_words(count: float) -> str:
    """Bytes by powers of ten, such as "2.41 GB" or "93 MB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.2f} GB" if unit == "GB" else f"{count / size:.0f} {unit}"
    return f"{count:.0f} bytes"


def bytes_in_digits(count: float) -> str:
    """Bytes in three digits, such as "3.09 GB", "16.1 GB" or "269 MB"."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= 0.9995 * size:
            return f"{three_digits(count / size)} {unit}"
    return f"{count:.0f} bytes"


def three_digits(value: float) -> str:
    """A number in three digits, the zeros at its end kept: "1.50", "16.1", "269"; a larger one whole."""
    return f"{value:#.3g}".rstrip(".") if value < 999.5 else grouped(round(value))


def short_count(count: int) -> str:
    """A large count in three digits with its power's letter, such as "12.8 M", "845 k" or "912"."""
    for letter, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= 0.9995 * size:
            return f"{three_digits(count / size)} {letter}"
    return str(count)


def grouped(count: int) -> str:
    """A whole number, its digits in threes with thin spaces between: "128 256"."""
    return f"{count:,}".replace(",", THIN_SPACE)


def counted(count: int, thing: str) -> str:
    """How many there are of a thing, such as "1 row" or "2 000 rows"."""
    return f"{grouped(count)} {thing}{'s' * (count != 1)}"


def count_in_words(count: int) -> str:
    """A large count in few digits, such as "8.03 billion", "134.5 million" or "49 152"."""
    if count < 1_000_000:
        return grouped(count)
    word, value = ("million", count / 1e6) if count < 999_950_000 else ("billion", count / 1e9)
    return f"{value:.2f} {word}" if value < 10 else f"{value:.1f} {word}"


def duration_in_words(seconds: float) -> str:
    """A duration as one says it beforehand: "about 40 seconds", "about 4 minutes", "about 2.5 hours"."""
    if seconds < 90:
        rounded = max(1, round(seconds)) if seconds < 10 else round(seconds / 5) * 5
        return f"about {rounded} second{'s' * (rounded != 1)}"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} minutes"
    if seconds < 48 * 3600:
        return f"about {_half(seconds / 3600)} hours"
    return f"about {_half(seconds / 86400)} days"


def _half(value: float) -> str:
    """To the nearest half."""
    return f"{round(value * 2) / 2:g}"
