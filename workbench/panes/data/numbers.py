"""What is said of the data in figures: of the first rows, or of all once they are prepared."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.core.figures import percent
from workbench.core.job.study_kinds import RowsFound
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared.packing import held_by_a_step
from workbench.core.units import counted, duration_in_words, grouped
from workbench.panes.data.lengths import Lengths
from workbench.panes.data.preparing import Prepared
from workbench.panes.data.reading import Seen

# What an engine takes before it reads the first row.
STARTING_SECONDS = 2.0
# What the longest row does to those that are longer, of several, of one; and what a longer one does.
LOST = {
    "cut_end": ("are cut, and lose the end of their answer", "is cut, and loses the end of its answer", "cuts none"),
    "cut_start": (
        "are cut, and lose the beginning of what is asked",
        "is cut, and loses the beginning of what is asked",
        "cuts none",
    ),
    "leave_out": ("are longer, and are left out", "is longer, and is left out", "keeps all"),
}


@dataclass(frozen=True, eq=False)
class Numbers:
    """What is known of the data now.

    Attributes:
        rows: How many there are, whatever becomes of them; 0 where it cannot be told.
        looked: Of how many the other figures are.
        is_certain: `rows` is counted, not estimated.
        is_prepared: The figures are those of all rows as the trainer gets them.
        has_tokens: Tokens are counted, not estimated.
        tokens, learned: Of those of the rows looked at that are used.
        seconds: About how long it takes to prepare all; 0 where nothing tells.
        fill: Share of the sequences that holds tokens; 0 where it is not known.
    """

    rows: int
    looked: int
    used: int
    whole: int
    found: Sequence[RowsFound]
    lengths: Lengths
    is_certain: bool = True
    is_prepared: bool = False
    has_tokens: bool = False
    tokens: int = 0
    learned: int = 0
    seconds: float = 0.0
    fill: float = 0.0
    held_out: int = 0
    notes: Sequence[str] = field(default_factory=tuple)

    @classmethod
    def of_prepared(cls, prepared: Prepared) -> "Numbers":
        found = prepared.found
        return cls(
            rows=found.rows,
            looked=found.rows,
            used=found.used,
            whole=prepared.whole,
            found=found.found,
            lengths=prepared.lengths,
            is_prepared=True,
            has_tokens=True,
            tokens=found.tokens,
            learned=found.trained_tokens,
            fill=found.fill,
            held_out=found.held_out,
            notes=found.notes,
        )

    @classmethod
    def of_first(cls, seen: Seen, recipe: Recipe) -> "Numbers":
        look = seen.look
        rows, is_certain = look.rows_in_all()
        looked = len(look.rows)
        evaluation = recipe.evaluation
        used = look.used
        held_out = 0
        if is_certain and not evaluation.path:
            held_out = min(used, evaluation.rows or round(used * evaluation.fraction))
        return cls(
            rows=rows,
            looked=looked,
            used=used,
            whole=look.whole,
            found=look.found,
            lengths=seen.lengths,
            is_certain=is_certain,
            has_tokens=look.has_tokens,
            tokens=look.tokens,
            learned=look.learned,
            seconds=look.seconds * rows / looked if looked else 0.0,
            fill=seen.fill if recipe.training.packing else 0.0,
            held_out=held_out,
            notes=look.opened.source.notes,
        )

    # -- words --------------------------------------------------------------------------------------------------------

    @property
    def is_part(self) -> bool:
        return not self.is_prepared and not (self.is_certain and self.rows == self.looked)

    @property
    def rows_in_words(self) -> str:
        """Of how many rows the figures are: "600", "the first 2 000"."""
        return f"the first {grouped(self.looked)}" if self.is_part else grouped(self.looked)

    @property
    def total_in_words(self) -> str:
        """How many rows there are: "600 rows", "about 1 000 000 rows", "2 000 rows and more"."""
        if not self.is_part:
            return counted(self.rows, "row")
        return f"about {grouped(two_digits(self.rows))} rows" if self.rows else f"more than {grouped(self.looked)} rows"

    @property
    def scope(self) -> str:
        """Beside the report's title: "597 of 600 rows are used"."""
        of = f"the first {grouped(self.looked)} rows" if self.is_part else counted(self.looked, "row")
        held = f", {grouped(self.held_out)} held out" if self.is_prepared and self.held_out else ""
        return f"{grouped(self.used)} of {of} {'is' if self.used == 1 else 'are'} used{held}"

    def length_notice(self, recipe: Recipe) -> str:
        """What the longest row does: "31 rows are cut, and lose the end of their answer. 88 cuts none."; or nothing."""
        cut = self.lengths.beyond(recipe.training.max_length)
        if not cut:
            return ""
        many, one, none = LOST[recipe.data.too_long]
        about = "About " if self.lengths.is_estimate else ""
        of = f" of {self.rows_in_words}" if self.is_part else ""
        said = f"{counted(cut, 'row')}{of} {one if cut == 1 else many}."
        return f"{about}{said} {grouped(self.lengths.longest)} {none}."

    @property
    def facts(self) -> str:
        """Below the primary: "about 3 seconds, 13 900 tokens to learn from"."""
        if self.is_prepared:
            return f"{counted(self.learned, 'token')} to learn from, of {grouped(self.tokens)}"
        if not self.has_tokens:
            about = two_digits(self.tokens)
            return f"about {counted(about, 'token')}" + (" in these rows" if self.is_part else "")
        if self.is_part and self.rows:
            learned = two_digits(round(self.learned * self.rows / max(1, self.looked)))
            return f"{self._time_in_words}, about {counted(learned, 'token')} to learn from"
        if self.is_part:
            return f"{counted(self.learned, 'token')} to learn from in {self.rows_in_words}"
        return f"{self._time_in_words}, {counted(self.learned, 'token')} to learn from"

    @property
    def _time_in_words(self) -> str:
        return duration_in_words(STARTING_SECONDS + self.seconds)

    @property
    def fill_in_words(self) -> str:
        return f"{percent(self.fill)} full" if self.fill else ""

    def step_in_words(self, recipe: Recipe) -> str:
        """What a step holds: "a step: 53 rows, 2 900 tokens"; empty where the fill is not known."""
        if not self.fill:
            return ""
        rows, tokens = held_by_a_step(recipe.training, self.used, self.tokens, self.fill)
        return f"a step: {counted(rows, 'row')}, {counted(two_digits(tokens) if self.is_part else tokens, 'token')}"


def two_digits(count: int) -> int:
    """A count rounded to what an estimate can know of it."""
    size: int = 10 ** max(0, len(str(count)) - 2)
    return round(count / size) * size
