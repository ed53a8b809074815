"""What the columns of a file are taken for: found in the first rows, or said in the recipe."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workbench.core.data.cells import text_of
from workbench.core.data.column_text import columns_of, resolved
from workbench.core.data.row import DataRow
from workbench.core.data.sample import Sample
from workbench.core.data.shapes.known import shapes
from workbench.core.data.shapes.shape import Columns, DataShape, Fit, Quality, RowReader
from workbench.core.data.wrong import ONE_A_LINE, Wrong, value_in_words
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import DataSettings

# What makes a shape, as a recipe may name it: data.prompt_column and so on. The others stand beside any shape.
NAMED_ROLES = ("prompt", "completion", "messages", "text")
BESIDE_ROLES = ("system", "group")
# What a recipe says in place of the system column where none is to be taken; a column of this name wins.
NO_COLUMN = "none"
COLUMNS_SHOWN = 12


@dataclass(frozen=True)
class Mapping:
    """What a shape reads from which columns.

    Attributes:
        columns: For each role, such as "prompt", the column's name, or a template that joins columns.
        is_guess: Names and values do not tell for sure.
        reason: Why it is a guess, in words; empty where it is none.
        names: All columns of the file.
    """

    shape: DataShape
    columns: Columns
    is_guess: bool = False
    reason: str = ""
    names: tuple[str, ...] = field(default=(), repr=False)

    @property
    def sentence(self) -> str:
        """What is taken for what, such as "`Question` is the prompt, `Answer` the completion"."""
        grouped = f", `{self.columns['group']}` groups the rows" if "group" in self.columns else ""
        return self.shape.sentence(self.columns) + grouped

    @property
    def settings(self) -> dict[str, str]:
        """The recipe's settings that say the same, by their paths."""
        said = {"data.shape": self.shape.name}
        for role in (*self.shape.named, *BESIDE_ROLES):
            if role in self.columns:
                said[f"data.{role}_column"] = self.columns[role]
        return said

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        found = (name for spec in self.columns.values() for name in columns_of(spec, self.names))
        return tuple(dict.fromkeys(found))

    def row(self, value: Any) -> DataRow:
        """A row of the file as it is learned. Raises Wrong."""
        if type(value) is not dict:
            raise not_a_row(value)
        return self.read(value)

    @cached_property
    def read(self) -> RowReader:
        """As `row`, of what surely is an object."""
        read = self.shape.reader(self.columns, self.names)
        group = self.columns.get("group")
        if group is None:
            return read
        name = f'"{shown(group)}"'

        def read_grouped(value: dict[str, Any]) -> DataRow:
            return read(value)._replace(group=text_of(value.get(group), name, set()))

        return read_grouped


def not_a_row(value: Any) -> Wrong:
    return Wrong(f"a row has to be an object, and this is {value_in_words(value)}.", ONE_A_LINE, kind="not a row")


@dataclass(frozen=True)
class Found:
    """What the first rows can be taken for.

    Attributes:
        mapping: What they are taken for, the likeliest where several fit; None where nothing fits.
        candidates: All that fit, the likeliest first.
        why: In words, why nothing is sure; empty where it is.
        is_certain: A run may begin with the mapping: a person said it, or just one fits well.
        group: A column of few different values, by which rows could be grouped; empty where there is none.
        sample: What the first rows hold, column by column.
    """

    mapping: Mapping | None
    candidates: tuple[Mapping, ...]
    why: str
    is_certain: bool
    group: str
    sample: Sample = field(repr=False, compare=False)

    def certain(self, name: str) -> Mapping:
        """The mapping, for a run that nobody watches. Raises UnclearRows, which says what would settle it.

        `name` is the file's.
        """
        if self.mapping is not None and self.is_certain:
            return self.mapping
        raise UnclearRows(name, self)


class UnclearRows(UserError):
    """What rows are to be taken for has to be said; `found` is what they may be, `short` that it is not clear."""

    def __init__(self, name: str, found: Found) -> None:
        unclear = f"What the columns of {name} are for is not clear"
        super().__init__(f"{unclear}: {found.why}", why=_there(found), remedy=_remedy(found))
        self.found, self.short = found, f"{unclear}."


def _there(found: Found) -> str:
    columns = list(found.sample.columns.values())
    if not columns:
        return "The rows have no columns."
    samples = [f"{shown(facts.name, 40)} ({facts.sample or 'empty'})" for facts in columns[:COLUMNS_SHOWN]]
    more = f", and {len(columns) - COLUMNS_SHOWN} more" if len(columns) > COLUMNS_SHOWN else ""
    return f"It has: {', '.join(samples)}{more}."


def _remedy(found: Found) -> str:
    if not found.candidates:
        return (
            "Say it: --set data.prompt_column=… --set data.completion_column=…, "
            "or data.text_column, or data.messages_column."
        )
    lines = []
    for candidate in found.candidates[:3]:
        sets = " ".join(f"--set {shlex.quote(f'{path}={value}')}" for path, value in candidate.settings.items())
        lines.append(f"{sets} ({candidate.sentence})")
    return f"Say it: {', or '.join(lines)}."


# -- finding -----------------------------------------------------------------------------------------------------------


def find_mapping(values: Sequence[dict[str, Any]], settings: DataSettings) -> Found:
    """What the first rows of a file are taken for.

    Raises UserError where the settings name a column that is not there, or a shape that the rows do not have.
    """
    sample = Sample(values)
    named, beside = _named(sample, settings)
    fits = [
        (shape, fit)
        for shape in (() if _is_turns_apart(sample) and not named else shapes())
        if settings.shape in ("auto", shape.name)
        for fit in shape.fits(sample, {**named, **beside})
    ]
    if named:
        fits = [(shape, fit) for shape, fit in fits if set(named.values()) & set(fit.columns.values())]
    fits = _without_lesser(fits)
    if not fits and sample.rows and (named or settings.shape != "auto"):
        raise _unfitting(named, settings, sample)
    candidates = tuple(_mapping(shape, fit, sample, beside, is_only=len(fits) == 1) for shape, fit in fits)
    return Found(
        mapping=candidates[0] if candidates else None,
        candidates=candidates,
        why=_why(fits, candidates, sample),
        is_certain=len(fits) == 1 and (fits[0][1].is_clear or settings.shape != "auto"),
        group=_group(sample, candidates),
        sample=sample,
    )


def _named(sample: Sample, settings: DataSettings) -> tuple[dict[str, str], dict[str, str]]:
    """The columns that the settings name: of shapes, and of what stands beside any shape. Raises UserError.

    A recipe may name the columns of several shapes, of which a file has one. An empty name is that of no system column.
    """
    found: dict[str, str] = {}
    lacking: list[UserError] = []
    for role in (*NAMED_ROLES, *BESIDE_ROLES):
        asked = getattr(settings, f"{role}_column")
        if role == "system" and asked == NO_COLUMN and asked not in sample.names:
            found[role] = ""
        elif asked and sample.rows:
            try:
                found[role] = resolved(asked, sample.names, f"data.{role}_column")
            except UserError as error:
                if role in BESIDE_ROLES:
                    raise
                lacking.append(error)
    named = {role: spec for role, spec in found.items() if role in NAMED_ROLES}
    if lacking and not any(_is_whole(shape, named, settings) for shape in shapes()):
        raise lacking[0]
    return named, {role: spec for role, spec in found.items() if role in BESIDE_ROLES}


def _is_whole(shape: DataShape, named: Columns, settings: DataSettings) -> bool:
    """Whether every column of a shape that the settings name is there, at least one."""
    asked = [role for role in shape.named if getattr(settings, f"{role}_column")]
    return bool(asked) and all(role in named for role in asked)


def _without_lesser(fits: list[tuple[DataShape, Fit]]) -> list[tuple[DataShape, Fit]]:
    """The likeliest first, without what is surely not meant where something better is there."""
    if any(shape.has_turns and fit.quality > Quality.GUESSED for shape, fit in fits):
        fits = [(shape, fit) for shape, fit in fits if shape.has_turns]
    best = max((fit.quality for _, fit in fits), default=Quality.GUESSED)
    if any(shape.has_turns or fit.is_clear for shape, fit in fits if fit.quality is best):
        fits = [(shape, fit) for shape, fit in fits if fit.quality is best]
    kept: list[tuple[DataShape, Fit]] = []
    for shape, fit in sorted(fits, key=lambda each: (-each[1].quality, each[0].preference)):
        columns = set(fit.columns.values())
        others = [set(other.columns.values()) for same, other in kept if shape is not same and shape.has_turns]
        if not any(columns <= other for other in others):
            kept.append((shape, fit))
    return kept


def _mapping(shape: DataShape, fit: Fit, sample: Sample, beside: Columns, *, is_only: bool) -> Mapping:
    columns = {**fit.columns, **({"group": beside["group"]} if "group" in beside else {})}
    is_guess = not is_only or not fit.is_clear or fit.quality is not Quality.KNOWN
    return Mapping(shape, columns, is_guess, fit.reason, tuple(sample.names))


def _group(sample: Sample, candidates: Sequence[Mapping]) -> str:
    """The column by which rows could be grouped: by its name, else the first of few different values."""
    used = set(candidates[0].used) if candidates else set()
    groups = [
        name
        for name, facts in sample.columns.items()
        if facts.is_group and len(facts.different) > 1 and name not in used
    ]
    called = [name for name in sample.called("group") if name in groups]
    return next(iter([*called, *groups]), "")


def _why(fits: Sequence[tuple[DataShape, Fit]], candidates: Sequence[Mapping], sample: Sample) -> str:
    """Why nothing is sure; empty where it is."""
    if len(candidates) > 1:
        sentences = [candidate.sentence for candidate in candidates[:3]]
        return f"several fit: {'; or '.join(sentences)}."
    if fits:
        return f"{fits[0][1].reason}." if fits[0][1].reason else ""
    if not sample.rows:
        return "no row could be read."
    if _is_turns_apart(sample):
        return "each row is one turn of a conversation, and a row has to hold all of it."
    if not sample.of_text() and not sample.of_turns():
        return "there is no text in them."
    return "their names tell nothing, and neither does what stands in them."


def _is_turns_apart(sample: Sample) -> bool:
    """Whether each row is but one turn: a speaker in one column, and what is said in another."""
    pairs = ({"role", "content"}, {"from", "value"})
    return any(pair <= set(sample.names) and sample.columns[min(pair)].is_cell for pair in pairs)


def _unfitting(named: Columns, settings: DataSettings, sample: Sample) -> UserError:
    """What is wrong with a shape or with columns that a person asks for."""
    there = f"The rows have: {shown(', '.join(sample.names)) or 'no columns'}."
    if settings.shape != "auto":
        title = next(shape.title for shape in shapes() if shape.name == settings.shape)
        return UserError(
            f"data.shape: the rows do not hold {title}.",
            why=there,
            remedy="Set data.shape = auto, or name the columns.",
        )
    said = " and ".join(f"data.{role}_column = {spec}" for role, spec in named.items())
    return UserError(f"{said}: nothing can be read by that.", why=there, remedy="Name the columns of one shape.")
