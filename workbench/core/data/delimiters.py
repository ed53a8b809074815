"""What separates the cells of a text file and how they are quoted, found in its first lines."""

import csv
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE_RECORDS = 200
# The greater part of the rows has to have as many cells as the header.
LEAST_SHARE = 0.5
LEAST_GAIN = 0.2


@dataclass(frozen=True)
class Dialect:
    """Attributes:
    quote: Around cells; "" where quotes are letters as others.
    has_escapes: A backslash stands before a quote within a cell, where others double it.
    has_spaces: A space follows each delimiter and does not belong to the cell.
    """

    delimiter: str
    quote: str = '"'
    has_escapes: bool = False
    has_spaces: bool = False

    def for_reader(self) -> dict[str, Any]:
        """What csv.reader is given."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "doublequote": not self.has_escapes,
            "escapechar": "\\" if self.has_escapes else None,
            "skipinitialspace": self.has_spaces,
            "strict": True,
        }

    @property
    def quoting_words(self) -> str:
        """What is unusual about it, as a sentence."""
        said = []
        if self.quote == "'":
            said.append("cells are quoted by single quotes")
        elif not self.quote:
            said.append("quotes are taken as letters")
        elif self.has_escapes:
            said.append("quotes within cells are marked by backslashes")
        if self.has_spaces:
            said.append("a space behind each delimiter is left out")
        text = ", and ".join(said)
        return f"{text[:1].upper()}{text[1:]}." if text else ""


QUOTED_SINGLY = re.compile(r"(?:^|[,;\t|] ?)'[^'\n]*'(?=[,;\t|\n])", re.MULTILINE)


def dialect_of(sample: str, *, is_whole: bool, tabs: bool) -> Dialect:
    """The one by which most rows have as many cells as the header; the usual one where several do about as well.

    `is_whole`: the sample is the file; otherwise it ends anywhere. `tabs`: they are what its name speaks of.
    """
    text = sample if is_whole else sample[: sample.rfind("\n") + 1] or sample
    text = text.replace("\ufeff", "")
    lines = text.splitlines(keepends=True)
    delimiters = sorted(NAMES, key=lambda delimiter: delimiter != "\t") if tabs else list(NAMES)
    plain = [Dialect(delimiter) for delimiter in delimiters]
    candidates = [
        *plain,
        *(Dialect(delimiter, has_escapes=True) for delimiter in delimiters if '\\"' in text),
        *(Dialect(delimiter, "'") for delimiter in delimiters if QUOTED_SINGLY.search(text)),
        Dialect("\t", ""),
    ]
    best, best_share = None, LEAST_SHARE
    for candidate in candidates:
        found = replace(candidate, has_spaces=_has_spaces(lines, candidate))
        share = _share(lines, found, is_whole=is_whole)
        # One broken row gives no reason to take quotes for letters.
        if share > best_share + (1e-9 if candidate in plain else LEAST_GAIN):
            best, best_share = found, share
    return best or _by_header(lines, plain)


def _records(lines: list[str], dialect: Dialect, *, is_whole: bool) -> list[list[str] | None]:
    """The first records that are not blank, None for one that is broken."""
    feed = iter(lines)
    reader = csv.reader(feed, **dialect.for_reader())
    found: list[list[str] | None] = []
    while len(found) < SAMPLE_RECORDS:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if "unexpected end" in str(error):
                if is_whole:
                    found.append(None)
                break
            found.append(None)
        else:
            if cells:
                found.append(cells)
    return found


def _share(lines: list[str], dialect: Dialect, *, is_whole: bool) -> float:
    """Of the rows, those with as many cells as the header; 0 where that has one cell or no row follows."""
    records = _records(lines, dialect, is_whole=is_whole)
    header = records[0] if records else None
    if header is None or len(header) < 2:
        return 0.0
    rows = records[1:]
    # A header alone is enough to be known by.
    return sum(row is not None and len(row) == len(header) for row in rows) / len(rows) if rows else 1.0


def _has_spaces(lines: list[str], dialect: Dialect) -> bool:
    """Whether every cell but the first of a line begins with a space, and quotes do so too."""
    first = [line for line in islice(lines, SAMPLE_RECORDS) if dialect.delimiter in line]
    if dialect.delimiter == "\t" or not first:
        return False
    header = first[0].rstrip("\r\n").split(dialect.delimiter)[1:]
    return bool(header) and all(cell.startswith(" ") for cell in header)


def _by_header(lines: list[str], plain: list[Dialect]) -> Dialect:
    """The delimiter that cuts the header, where few rows agree with it; else the one that cuts the fewest rows."""

    def cells(dialect: Dialect) -> int:
        header = next(iter(_records(lines, dialect, is_whole=True)), None)
        return len(header or ())

    def whole(dialect: Dialect) -> int:
        return sum(row is not None and len(row) == 1 for row in _records(lines, dialect, is_whole=True))

    most = max(plain, key=cells)
    return most if cells(most) > 1 else max(plain, key=whole)
