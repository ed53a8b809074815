"""What the Data page knows of the data: its first rows, their tokens, and all of it once it is prepared."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.bridge.tokenizer_maker import TokenizerMaker
from workbench.core import sources
from workbench.core.model import kept
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.first_look import FirstLook, read_first, with_tokens, without_tokens
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.panes.data.lengths import Lengths
from workbench.panes.data.rows.listing import FirstRows
from workbench.panes.data.rows.looked import first_rows

# From the last change of a setting until rows are made into tokens anew: a line that is dragged changes it each moment.
SETTLE_MILLISECONDS = 120
# Files of a folder that are looked at for a change (3 ms); of more, and in folders within, those that come and go are.
MOST_STAMPED = 1000
# Of the recipe's sections, what decides which rows there are, and what decides their tokens.
_ROWS = ("path", "also", "sheet", "config", "split", "text_rows", "shape", "duplicates")
_TOKENS = ("model.source", "model.revision", "training.max_length")


@dataclass(frozen=True, eq=False)
class Seen:
    """The first rows with all that is shown of them, made beside the window."""

    look: FirstLook
    listing: FirstRows
    lengths: Lengths
    fill: float

    @classmethod
    def of(cls, look: FirstLook) -> "Seen":
        # Counted here, beside the window, and kept.
        _ = look.used, look.whole, look.tokens, look.learned, look.found
        lengths = Lengths.of(look.lengths(), is_estimate=not look.has_tokens, is_part=not look.is_complete)
        return cls(look, first_rows(look), lengths, look.fill())


class DataReading(QObject):
    """Reads beside the window whenever what it depends on changes; stale answers are dropped.

    Signals:
        changed: What is known is something else now.

    Attributes:
        seen: The first rows; None before they are read, and where they cannot be.
        error: Why they cannot be read.
        tokenizer: The model's; None where it is not at hand.
        why_no_tokens: Why there are estimates in place of tokens; empty where there are tokens.
        is_reading: Rows are being read.
        is_new: The rows are others than those that were shown; whoever shows them takes it back.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.seen: Seen | None = None
        self.error: UserError | None = None
        self.tokenizer: TextTokenizer | None = None
        self.why_no_tokens = ""
        self.is_reading, self.is_new = False, True
        self.recipe = Recipe()
        self._rows_key: object = None
        self._tokens_key: object = None
        self._failed_key: object = None  # of a tokenizer that could not be made
        self._asked = 0
        self._settling = once_after(self, SETTLE_MILLISECONDS, self._make_tokens)
        self._maker = TokenizerMaker(self)
        self._maker.made.connect(lambda _folder: self._make_tokens())
        self._maker.failed.connect(self._give_up_tokenizer)

    def refresh(self, recipe: Recipe) -> None:
        """Reads what is another one by this recipe, or by the files as they are now."""
        self.recipe = recipe
        rows_key = _rows_key(recipe)
        if rows_key != self._rows_key:
            self._rows_key, self._tokens_key = rows_key, None
            self._read()
        elif _tokens_key(recipe) != self._tokens_key and not self.is_reading:
            self._settling.start()

    def close(self) -> None:
        """Leaves a tokenizer that is being made."""
        self._maker.close()

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        self._asked += 1
        self._settling.stop()
        self.is_reading = True
        self.error = None
        recipe = self.recipe
        self._ask(lambda: Seen.of(read_first(recipe.data)), self._take_rows, self._fail)
        self.changed.emit()

    def _take_rows(self, seen: Seen) -> None:
        self.seen, self.is_reading, self.is_new = seen, False, True
        self.changed.emit()
        self._make_tokens()

    def _fail(self, error: UserError) -> None:
        self.seen, self.error, self.is_reading = None, error, False
        self.changed.emit()

    def _ask(self, act: Callable[[], Any], take: Callable[[Any], None], fail: Callable[[UserError], None]) -> None:
        """Acts beside the window; what comes of it is dropped where something else is asked meanwhile."""
        asked = self._asked

        def done(found: Any) -> None:
            if asked == self._asked:
                take(found)

        def failed(error: UserError) -> None:
            if asked == self._asked:
                fail(error)

        run_task(act, done, failed, parent=self)

    # -- tokens -------------------------------------------------------------------------------------------------------

    def _make_tokens(self) -> None:
        """Finds the tokenizer, with which the row that is looked at is shown at once, then counts all first rows."""
        if self.seen is None or self.is_reading:
            return
        source, revision = self.recipe.model.source, self.recipe.model.revision
        self._tokens_key = _tokens_key(self.recipe)
        self._asked += 1

        def find() -> tuple[Path | None, TextTokenizer | None]:
            folder = kept.tokenizer_folder_of(source, revision)
            return folder, kept_tokenizer.find(folder) if folder is not None else None

        self._ask(find, self._take_tokenizer, self._give_up)

    def _take_tokenizer(self, found: tuple[Path | None, TextTokenizer | None]) -> None:
        folder, tokenizer = found
        if folder != self._maker.folder:
            self._maker.close()  # of another model: why it has none is nothing about this one
        self.tokenizer = tokenizer
        assert self.seen is not None, "rows were read before"
        look, recipe = self.seen.look, self.recipe
        if tokenizer is not None:
            self.why_no_tokens = ""
            self._ask(lambda: Seen.of(with_tokens(look, tokenizer, recipe)), self._take_tokens, self._give_up)
            if not look.has_tokens:
                self.changed.emit()
            return
        if folder is None:
            self.why_no_tokens = (
                "The model is not on this machine yet: its tokenizer comes with it. Until then tokens are estimated."
            )
        elif folder != self._failed_key:
            self.why_no_tokens = "The model's tokenizer is being read."
            self._maker.make(folder)
        if look.has_tokens:
            self._ask(lambda: Seen.of(without_tokens(look)), self._take_tokens, self._give_up)
        self.changed.emit()

    def _take_tokens(self, seen: Seen) -> None:
        self.seen = seen
        self.changed.emit()

    def _give_up_tokenizer(self, folder: Path, error: UserError) -> None:
        self._failed_key = folder
        self._give_up(error)

    def _give_up(self, error: UserError) -> None:
        self.tokenizer = None
        self.why_no_tokens = str(error)
        self.changed.emit()


def _rows_key(recipe: Recipe) -> object:
    """What the rows depend on: settings, and the files as they are now."""
    data = recipe.data
    paths = (data.path, *data.also)
    columns = tuple(value for name, value in data if name.endswith("_column"))
    return (*(getattr(data, name) for name in _ROWS), columns, *map(_stamp, paths))


def _stamp(text: str) -> tuple[tuple[int, int], ...]:
    """Size and time of a file; of a folder those of what is in it, too, since its own are not of its files."""
    try:
        path = sources.data_path(text)
        found = [path.stat()]
        if path.is_dir():
            with os.scandir(path) as entries:
                found += [entry.stat() for entry in islice(entries, MOST_STAMPED)]
    except (OSError, ValueError, RuntimeError):
        return ()
    return tuple((stat.st_size, stat.st_mtime_ns) for stat in found)


def _tokens_key(recipe: Recipe) -> object:
    """What the tokens of rows depend on."""
    return (recipe.data, *(recipe.value(path) for path in _TOKENS))
