"""The tokens of an answer as the text they spell, piece by piece."""

from collections.abc import Callable, Sequence

# What the decoder puts for bytes of a letter that is not whole yet.
_BROKEN = "�"
# A letter has four bytes at most; what is held back longer is broken for good.
_MOST_HELD_BACK = 8


class Spelled:
    """Grows by tokens, and gives the text that can be shown; ends where a stop word stands.

    Attributes:
        text: What is spelled so far, without a stop word and what follows it, and without what it had begun with.
        is_stopped: Whether a stop word has come.
    """

    def __init__(
        self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = (), begun: Sequence[int] = ()
    ) -> None:
        self._decode = decode
        self._stop = tuple(word for word in stop if word)
        self._ids = list(begun)
        self._settled = len(self._ids)  # tokens whose text will not change
        self._before = 0  # tokens from which on they are decoded: a word's first letter may depend on the one before
        self._all = ""
        self._shown = 0
        self.is_stopped = False

    @property
    def text(self) -> str:
        return self._all

    def add(self, token: int) -> str:
        """What can be shown more, once the token has come; nothing while a letter or a stop word may be under way."""
        self._ids.append(token)
        self._settle(is_last=False)
        return self._more(is_last=False)

    def finish(self) -> str:
        """What was held back, now that no token comes."""
        self._settle(is_last=True)
        return self._more(is_last=True)

    def _settle(self, *, is_last: bool) -> None:
        if self.is_stopped:
            return
        told = self._decode(self._ids[self._before : self._settled])
        text = self._decode(self._ids[self._before :])
        if text.endswith(_BROKEN) and not is_last and len(self._ids) - self._settled < _MOST_HELD_BACK:
            return
        fresh = text[len(told) :]
        if not fresh:
            return  # a token without text, or one whose text comes with the next
        self._all += fresh
        self._before, self._settled = self._settled, len(self._ids)
        found = [place for word in self._stop if (place := self._all.find(word)) >= 0]
        if found:
            self._all = self._all[: min(found)]
            self.is_stopped = True

    def _more(self, *, is_last: bool) -> str:
        end = len(self._all)
        if not is_last and not self.is_stopped:
            end -= self._held_back()
        more = self._all[self._shown : end]
        self._shown = max(self._shown, end)
        return more

    def _held_back(self) -> int:
        """Characters at the end that a stop word may begin with."""
        return max(
            (
                length
                for word in self._stop
                for length in range(min(len(word) - 1, len(self._all)), 0, -1)
                if self._all.endswith(word[:length])
            ),
            default=0,
        )
