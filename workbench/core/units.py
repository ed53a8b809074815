"""Quantities in words."""


def bytes_in_words(count: float) -> str:
    """Bytes by powers of ten, such as "2.41 GB" or "93 MB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.2f} GB" if unit == "GB" else f"{count / size:.0f} {unit}"
    return f"{count:.0f} bytes"
