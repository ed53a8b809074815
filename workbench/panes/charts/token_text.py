"""A token's text as a chip shows it, with marks for what nobody sees."""

import unicodedata

# What stands for a space that nobody sees.
SPACE, LEADING, RETURN, TAB = "␣", "·", "⏎", "⇥"
# A longer token is shown up to here: some vocabularies have rows of hundreds of blanks or dashes.
MOST_CELLS = 32
WIDE = "WF"  # of unicodedata.east_asian_width: two cells of a terminal
QUIET = (LEADING, RETURN, SPACE, TAB)


def label_of(piece: str) -> str:
    """A token's text as a chip shows it, with marks for what cannot be seen."""
    if not piece:
        return "∅"  # part of a character whose text another token shows
    if piece.isspace() and set(piece) == {" "}:
        return _shortened(SPACE * len(piece))
    blanks = len(piece) - len(piece.lstrip(" "))
    text = LEADING * blanks + piece[blanks:]
    return _shortened("".join(_seen(letter) for letter in text)) if not text.isprintable() else _shortened(text)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CELLS else f"{text[: MOST_CELLS - 1]}…"


def _seen(letter: str) -> str:
    """A letter, or a sign for one that nobody sees."""
    match letter:
        case "\n":
            return RETURN
        case "\t":
            return TAB
        case " ":
            return " "
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode's pictures of control characters
    return f"U+{code:04X}"


def cells_of(label: str) -> int:
    """How many letters of a fixed font a label is wide."""
    if label.isascii():
        return len(label)
    wide = 0
    for letter in label:
        if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
            continue
        wide += 2 if unicodedata.east_asian_width(letter) in WIDE else 1
    return max(1, wide)
