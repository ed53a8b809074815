"""A text as a field can hold it, and what was written there put back into the text, all else as it was."""

import re

# A field has one end of lines; Qt takes the two signs of Unicode's private tables for the edges of a frame.
_UNITS = re.compile("\r\n|.", re.DOTALL)
_LINE_ENDS = {"\r\n", "\r", "\n", "\u2029", "\ufdd0", "\ufdd1"}
_HELD_OTHERWISE = re.compile("[\r\u2029\ufdd0\ufdd1]")
LINE_END = "\u2029"  # as a document spells it


def shown_text(text: str) -> str:
    """What a field shows of a text: as long as the text, but for two signs that are one line end."""
    if not _HELD_OTHERWISE.search(text):
        return text
    return "".join("\n" if unit in _LINE_ENDS else unit for unit in _UNITS.findall(text))


def raw_as_text(raw: str) -> str:
    """The text of a document by its raw text, which has hard spaces as they are."""
    return raw.replace(LINE_END, "\n")


def written_text(before: str, shown: str) -> str:
    """The text that a field stands for which showed `before` and shows something else now."""
    if not _HELD_OTHERWISE.search(before):
        return shown
    units = _UNITS.findall(before)
    was = ["\n" if unit in _LINE_ENDS else unit for unit in units]
    most = min(len(was), len(shown))
    same = next((place for place in range(most) if was[place] != shown[place]), most)
    behind = next((place for place in range(most - same) if was[-1 - place] != shown[-1 - place]), most - same)
    first, rest = "".join(units[:same]), "".join((shown[same : len(shown) - behind], *units[len(units) - behind :]))
    # Side by side these two would be one line end.
    return f"{first}\r{rest}" if first.endswith("\r") and rest.startswith("\n") else first + rest
