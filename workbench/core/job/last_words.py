"""What a process said before it died: of all that libraries print, the line that is the reason."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from workbench.core.problems import shown

LONGEST_LINE = 400
TAIL_BYTES = 64_000

_ERRORS = re.compile(
    r"""
    ^[\w.]*(Error|Exception|Interrupt|Exit|Refused|Timeout)\b(:|$)   # the last line of a traceback
    | ^Fatal\ Python\ error | ^terminate\ called | ^\s*what\(\):
    | ^(.*:\s.*)?(Killed|Aborted|Segmentation\ fault|Bus\ error|Illegal\ instruction|Floating\ point\ exception)\b
    | \b(CUDA|CUBLAS|cuDNN|NCCL|HIP)\ (runtime\ )?error\b | CUBLAS_STATUS | out\ of\ memory | can't\ allocate\ memory
    | ^(free|malloc|munmap_chunk|realloc)\(\) | double\ free | stack\ smashing | undefined\ symbol
    | cannot\ open\ shared\ object | error\ while\ loading\ shared\ libraries | No\ space\ left\ on\ device
    """,
    re.VERBOSE,
)
# Levels as logging, glog, absl and the warnings module write them, and bitsandbytes on a kernel it can do without.
_WARNINGS = re.compile(r"Warning\b|^\W*(WARN|WARNING|INFO|DEBUG)\b|^\[?[WI]\d{4}|from kernels-community")
_ADVICE = re.compile(r"\bwarnings?\.warn|\bdeprecated\b")


def lines_of(console: Path, since_byte: int = 0) -> list[str]:
    """The last lines of a console log, from a byte on; none of them has what a terminal obeys, or is empty."""
    try:
        with console.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, since_byte, size - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    return [shown(line.rstrip(), LONGEST_LINE) for line in text.splitlines() if line.strip()]


def error_in(lines: Sequence[str]) -> str:
    """The last line that names an error, whatever was printed after it; nothing where none does."""
    for line in reversed(lines):
        if _ERRORS.search(line) and not _WARNINGS.search(line):
            return line.strip().removeprefix("what():").strip()
    return ""


def reason_in(lines: Sequence[str]) -> str:
    """The line that names an error, else the last one that is not a warning: so speaks what ends by itself."""
    plain = (line.strip() for line in reversed(lines) if not (_WARNINGS.search(line) or _ADVICE.search(line)))
    return error_in(lines) or next(plain, "")
