"""A cell's value as a spreadsheet shows it: a number or a date by the cell's number format."""

import datetime
import re
from functools import cache
from typing import Any

# What a spreadsheet shows depends on the country it is opened in; ISO 8601 is read everywhere.
_SHORT_DATE = "mm-dd-yy"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBER = re.compile(r"(?P<before>[^#0?]*)(?P<whole>[#0?,]+)(?:\.(?P<decimals>[0#?]+))?(?P<after>[^#0?]*)")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]')
_DATE_PART = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|am/pm|A/P|y+|m+|d+|h+|s+(?:\.0+)?|.', re.DOTALL)


def shown_value(value: Any, number_format: str) -> Any:
    """Text for what a format changes; a number as it is where the format is General, or one that is not known."""
    match value:
        case bool() | str() | None:
            return value
        case datetime.datetime() | datetime.date() | datetime.time():
            return _date(value, number_format)
        case datetime.timedelta():
            seconds = int(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case int() | float():
            return _number(value, number_format)
    return value


def _number(value: float, number_format: str) -> Any:
    plain = int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
    if number_format in ("General", "@", ""):
        return plain
    section, is_negative = _section(number_format, value)
    parsed = _parsed_number(section)
    if parsed is None:
        return plain
    before, whole, decimals, after = parsed
    most, least = len(decimals), decimals.count("0")
    shown = abs(value) if is_negative else value
    shown *= 100 if "%" in after or "%" in before else 1
    thousands = "," if "," in whole.rstrip(",") else ""
    text = f"{shown:{thousands}.{most}f}"
    if most > least:
        cut = text[: len(text) - (most - least)]
        text = cut + text[len(cut) :].rstrip("0")
        text = text.rstrip(".")
    digits = whole.count("0")
    if len(text.split(".")[0].lstrip("-")) < digits:
        text = text.zfill(digits + len(text) - len(text.split(".")[0]) + text.startswith("-"))
    if whole.endswith(",") or "E" in after or "/" in after:  # in thousands, powers of ten, fractions
        return plain
    return f"{before}{text}{after}" if before or after or most or thousands or digits > 1 else int(text)


def _section(number_format: str, value: float) -> tuple[str, bool]:
    """The part of a format for this sign, and whether it is one for negative numbers that shows the sign itself."""
    sections = number_format.split(";")
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


@cache
def _parsed_number(section: str) -> tuple[str, str, str, str] | None:
    """What stands before the digits, their pattern, that of the decimals, and what stands behind."""
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(next((group for group in match.groups() if group), ""))
        return chr(0xE000 + len(literals) - 1)

    match = _NUMBER.fullmatch(_LITERAL.sub(keep, section))
    if match is None:
        return None

    def spelled(text: str | None) -> str:
        return "".join(literals[ord(letter) - 0xE000] if letter >= "\ue000" else letter for letter in text or "")

    return spelled(match["before"]), match["whole"], match["decimals"] or "", spelled(match["after"])


def _date(value: datetime.date | datetime.time, number_format: str) -> str:
    section = number_format.split(";")[0]
    if number_format in (_SHORT_DATE, "General", "@", "") or not re.search("[ymdhs]", section):
        return _iso(value)
    parts = [part for part in _DATE_PART.findall(section) if not part.startswith(("[", "_", "*"))]
    kinds = [part[0] if part[0] in "ymdhs" else part if part in ("AM/PM", "am/pm", "A/P") else "" for part in parts]
    if not isinstance(value, datetime.date) and set(kinds) & {"y", "d"}:
        return _iso(value)
    has_halves = any(len(kind) > 1 for kind in kinds)
    units = [index for index, kind in enumerate(kinds) if kind]
    said = []
    for index, part in enumerate(parts):
        around = [kinds[other] for other in units if other != index]
        position = units.index(index) if kinds[index] else -1
        before = kinds[units[position - 1]] if position > 0 else ""
        after = kinds[units[position + 1]] if 0 <= position < len(units) - 1 else ""
        is_minute = kinds[index] == "m" and (before == "h" or after == "s" or ("h" in around and "y" not in around))
        said.append(_date_part(value, part, kinds[index], is_minute=is_minute, has_halves=has_halves))
    return "".join(said).strip()


def _date_part(value: Any, part: str, kind: str, *, is_minute: bool, has_halves: bool) -> str:
    count = len(part)
    day = value if isinstance(value, datetime.date) else None
    hour, minute, second = (getattr(value, name, 0) for name in ("hour", "minute", "second"))
    if kind == "m" and not is_minute and day:
        words = _MONTHS[day.month - 1]
        return {1: str(day.month), 2: f"{day.month:02}", 3: words[:3], 5: words[0]}.get(count, words)
    match kind:
        case "y" if day:
            return f"{day.year % 100:02}" if count <= 2 else f"{day.year:04}"
        case "d" if day:
            words = _DAYS[day.weekday()]
            return {1: str(day.day), 2: f"{day.day:02}", 3: words[:3]}.get(count, words)
        case "h":
            hour = (hour % 12 or 12) if has_halves else hour
            return f"{hour:02}" if count > 1 else str(hour)
        case "m":
            return f"{minute:02}" if count > 1 else str(minute)
        case "s":
            return f"{second:02}" if part.startswith("ss") else str(second)
        case "AM/PM" | "am/pm" | "A/P":
            return ("PM" if getattr(value, "hour", 0) >= 12 else "AM")[: 1 if kind == "A/P" else 2]
    return part[1:] if part.startswith("\\") else part.strip('"')


def _iso(value: datetime.date | datetime.time) -> str:
    """Without a time that is midnight, as a spreadsheet holds a day."""
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    return value.isoformat() if isinstance(value, datetime.date) else value.isoformat(timespec="seconds")
