"""Text without secrets: what is written to a journal, a console or a report goes through here."""

import re
import sys
from typing import Any

# Shorter than any token of the Hub: what follows its hf_ are 34 letters and digits, and may be cut off.
_TOKEN = re.compile(r"\b(hf|api_org)_[A-Za-z0-9]{8,}")
_LOGIN = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")  # of a proxy
_known: set[str] = set()
SHORTEST = 8
HIDDEN = "[token]"


def hide(secret: str) -> None:
    """Has this text left out from now on, whatever it looks like."""
    if len(secret) >= SHORTEST:
        _known.add(secret)


def scrubbed(text: str) -> str:
    """The text with what looks like a token of the Hub or a login, or is known to be one, left out."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    if "hf_" in text or "api_org_" in text:
        text = _TOKEN.sub(HIDDEN, text)
    return _LOGIN.sub("[login]", text) if "://" in text else text


def scrub_streams() -> None:
    """Has all that this process prints scrubbed; each print has to hold the whole of a token, as they do."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, _Scrubbing):
            setattr(sys, name, _Scrubbing(stream))


class _Scrubbing:
    """A stream that is another one but for what is written to it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(scrubbed(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
