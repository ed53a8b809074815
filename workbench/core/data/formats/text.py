"""Plain text and Markdown: a paragraph a row, or a file a row."""

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any, BinaryIO

from workbench.core.data.encoding import Encoding, encoding_of, open_text
from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.text_lines import BOM, LONGEST_LINE_BYTES, Line, TextLines, too_long
from workbench.core.data.wrong import Wrong

COLUMN = "text"


class TextFile(RowFile):
    """Paragraphs end at blank lines; their line ends within stay."""

    @cached_property
    def encoding(self) -> Encoding:
        found = encoding_of(self.stored, is_ended=False)
        if found.codec != "utf-8":
            self.notes.append(f"The text is {found.title}.")
        return found

    def columns(self) -> tuple[str, ...]:
        return (COLUMN,)

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        has_offsets = self.encoding.is_plain and not self.stored.packing
        is_whole = self.settings.text_rows == "files"
        with self._open() as file:
            for number, offset, value in _texts(TextLines(file, offset=self.encoding.mark_bytes), is_whole=is_whole):
                yield number, offset if has_offsets else -1, value

    def at(self, line: int, offset: int) -> Any:
        if offset < 0:
            return super().at(line, offset)
        with self.stored.open() as file:
            file.seek(offset)
            lines = TextLines(file, number=line, offset=offset)
            for _, _, value in _texts(lines, is_whole=self.settings.text_rows == "files"):
                return value
        raise LookupError(line)

    def _open(self) -> BinaryIO:
        return open_text(self.stored, self.encoding)


def _texts(lines: TextLines, *, is_whole: bool) -> Iterator[tuple[int, int, Any]]:
    """Each text with the line and the offset at which it begins."""
    held: list[str] = []
    start: Line = (1, 0, "")
    characters = 0
    wrong: Wrong | None = None
    for line in lines:
        text = line[2]
        is_blank = isinstance(text, str) and not text.strip(f"{BOM} \t\r\f\v\xa0")
        if is_blank and not is_whole:
            if held or wrong:
                yield start[0], start[1], wrong or _row(held)
            held, characters, wrong = [], 0, None
            continue
        if not held and not wrong:
            if is_blank:
                continue
            start = line
        if isinstance(text, Wrong):
            wrong = wrong or text
            continue
        characters += len(text) + 1
        if characters > LONGEST_LINE_BYTES:
            wrong, held = wrong or too_long(), []
        elif not wrong:
            held.append(text)
    if held or wrong:
        yield start[0], start[1], wrong or _row(held)


def _row(lines: list[str]) -> dict[str, str]:
    text = "\n".join(line.removesuffix("\r") for line in lines)
    return {COLUMN: text.removeprefix(BOM).rstrip()}


FORMAT = Format("text", (".txt", ".md"), "line", TextFile, place=7)
