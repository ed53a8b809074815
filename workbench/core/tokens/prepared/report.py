"""What was found in rows as they were prepared, by kind, and whether a run may begin with what is left of them."""

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.conversation import ENDS_WITH_A_USER
from workbench.core.figures import percent
from workbench.core.job.study_kinds import DataPrepared, RowSeen, RowsFound
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared import tables
from workbench.core.tokens.prepared.kinds import DUPLICATE, KINDS, LEAKED, NEAR_LEAKED, SECRET, bits, of_rows
from workbench.core.tokens.prepared.packing import held_by_a_step
from workbench.core.tokens.prepared.row_writer import MOST_EXAMPLES
from workbench.core.tokens.token_kinds import FINDINGS
from workbench.core.units import counted, grouped

SaidOf = Callable[[str, int], RowSeen | None]
OR_LEAVE_OUT = "data.bad_rows = leave_out passes over it."
ALSO_COUNTED = (ENDS_WITH_A_USER, SECRET)
# What is learned otherwise than it was meant, where a person can do something about it.
DOUBTFUL = {name for name, kind in FINDINGS.items() if kind.remedy and KINDS[name].done == "told"}
EXAMPLES_SHOWN = 3  # of each kind in a terminal


def found_in(rows: NDArray[np.void], names: Callable[[int, int], str], said_of: SaidOf) -> Iterator[RowsFound]:
    """Each kind that records of tables.ROW, shape (rows,), have, in either part.

    `names` gives the name of a file of a source, `said_of` what was said of a row in a kind.
    """
    is_held_out = (rows["source"] == 1) | (rows["part"] == tables.HELD_OUT)
    is_held_out |= rows["kinds"] & np.uint64(bits({LEAKED, NEAR_LEAKED})) != 0
    parts: tuple[tuple[Literal["trained", "held out"], NDArray[np.bool_]], ...] = (
        ("trained", ~is_held_out),
        ("held out", is_held_out),
    )
    for name, kind in KINDS.items():
        has = rows["kinds"] & np.uint64(1 << kind.bit) != 0
        for part, is_of_part in parts:
            of_kind = np.flatnonzero(has & is_of_part)
            if not len(of_kind):
                continue
            done = kind.done
            if name == DUPLICATE and np.any(rows["part"][of_kind] != tables.LEFT_OUT):
                done = "told"  # the recipe keeps them
            examples = []
            for row in of_kind[:MOST_EXAMPLES].tolist():
                record, said = rows[row], said_of(name, row)
                file = names(int(record["source"]), int(record["file"]))
                seen = said or RowSeen(file=file, line=int(record["line"]), text=_equal_of(rows, row, name, names))
                examples.append(seen.model_copy(update={"file": file}))
            yield RowsFound(
                why=name,
                title=kind.title,
                done=done,
                count=len(of_kind),
                part=part,
                remedy=kind.kind.remedy,
                examples=examples,
            )


def _equal_of(rows: NDArray[np.void], row: int, kind: str, names: Callable[[int, int], str]) -> str:
    """Which row another one of records of shape (rows,) equals, where that is what is told of it."""
    if kind not in (DUPLICATE, LEAKED):
        return ""
    record = rows[row]
    same = rows["hash"] == record["hash"]
    same &= rows["source"] == (record["source"] if kind == DUPLICATE else 0)
    if kind == LEAKED:
        same &= rows["part"] == tables.TRAINED
    first = rows[int(np.argmax(same))]
    return f"equals line {first['line']} of {names(int(first['source']), int(first['file']))}"


def refuse(prepared: DataPrepared, recipe: Recipe) -> None:
    """Raises UserError where a run asks first, or where there is nothing for it to begin with."""
    data, name = recipe.data, ", ".join(prepared.files[:3])
    left_out = [found for found in prepared.found if found.part == "trained" and KINDS[found.why].is_bad]
    if data.bad_rows == "refuse" and left_out:
        first = min(left_out, key=lambda found: _place(found.examples[0]) if found.examples else (1 << 62, 0))
        raise UserError(_first_in_words(prepared, first), remedy=f"{first.remedy} {OR_LEAVE_OUT}")
    if prepared.used == 0:
        _refuse_nothing_left(prepared, left_out, name)
    most = data.most_bad_share * prepared.rows
    if prepared.bad > most:
        worst = max(left_out, key=lambda found: found.count)
        raise UserError(
            f"{counted(prepared.bad, 'row')} of {grouped(prepared.rows)} in {name} would be left out "
            f"({percent(prepared.bad / prepared.rows)}): {_in_words(left_out)}.",
            why=_first_in_words(prepared, worst),
            remedy=f"{worst.remedy} {or_begin_with_the_others(prepared.bad, prepared.rows)}",
        )
    count = prepared.bad + prepared.cut_rows
    if count > most:
        cut = [found for found in prepared.found if found.part == "trained" and found.done == "cut"]
        length = recipe.training.max_length
        is_known = prepared.longest_tokens > length
        longest = f" (the longest has {counted(prepared.longest_tokens, 'token')})" if is_known else ""
        raise UserError(
            f"{counted(count, 'row')} of {grouped(prepared.rows)} in {name} would be "
            f"{'left out or ' * bool(left_out)}cut to the longest row of {grouped(length)} tokens "
            f"({percent(count / prepared.rows)}): {_in_words([*left_out, *cut])}.",
            why=_first_in_words(prepared, cut[0]),
            remedy=f"Raise training.max_length{longest}, or let it begin all the same: "
            f"{_consent(count, prepared.rows)}.",
        )


def _refuse_nothing_left(prepared: DataPrepared, left_out: list[RowsFound], name: str) -> None:
    if not prepared.rows:
        raise UserError(f"{name} is empty: it has no rows.", remedy="Give a file with at least one row.")
    worst = max(left_out, key=lambda found: found.count, default=None)
    raise UserError(
        f"No row of {name} can be learned from: {_in_words(left_out)}.",
        why=_first_in_words(prepared, worst) if worst else "",
        remedy=worst.remedy if worst else "",
    )


def _in_words(found: list[RowsFound]) -> str:
    """Such as "3 rows cannot be read, 1 row is longer than the longest row"."""
    return ", ".join(of_rows(entry.count, entry.why) for entry in found)


def _first_in_words(prepared: DataPrepared, found: RowsFound) -> str:
    """Where the first row of a kind stands, and what is so with it."""
    if not found.examples:
        return ""
    seen = found.examples[0]
    text = seen.text.strip() or found.title
    return f"{_where(prepared, seen)}: {text}{'' if text.endswith(('.', '!', '?')) else '.'}"


def _where(prepared: DataPrepared, seen: RowSeen) -> str:
    place = f"{seen.file}, {prepared.unit} {seen.line}" if seen.line else seen.file
    return f"{place}, column {seen.column}" if seen.column else place


def _place(seen: RowSeen) -> tuple[int, int]:
    return seen.line, seen.column


def or_begin_with_the_others(count: int, rows: int) -> str:
    """How to go on without `count` rows of all."""
    return f"Or let it begin with the others: {_consent(count, rows)}."


def _consent(count: int, rows: int) -> str:
    """The setting that lets a run begin with so large a share, rounded up."""
    share = -(-count * 100 // rows) / 100
    return f"data.most_bad_share = {share:g}"


# -- in words ----------------------------------------------------------------------------------------------------------


def lines(prepared: DataPrepared, recipe: Recipe) -> Iterator[str]:
    """What rows became and what was found in them, a line each, the most important first."""
    name = ", ".join(prepared.files[:3]) + (" and more" if len(prepared.files) > 3 else "")
    yield f"{name}: {counted(prepared.rows, 'row')}. {prepared.mapping[:1].upper()}{prepared.mapping[1:]}."
    yield (
        f"{counted(prepared.used, 'row')} {'is' if prepared.used == 1 else 'are'} learned from: "
        f"{counted(prepared.tokens, 'token')}, {grouped(prepared.trained_tokens)} of them trained on, in "
        f"{counted(prepared.sequences, 'sequence')} filled to {percent(prepared.fill)}."
    )
    rows, tokens = held_by_a_step(recipe.training, prepared.used, prepared.tokens, prepared.fill)
    yield f"A step holds about {counted(rows, 'row')}, {counted(tokens, 'token')}."
    yield f"Template: {prepared.template}; {prepared.way}."
    if prepared.held_out or prepared.leaked:
        yield f"{counted(prepared.held_out, 'row')} held out, {grouped(prepared.leaked)} more left out as leaked."
    yield from prepared.notes
    for found in prepared.found:
        yield f"{_found_in_words(found)}{f' {found.remedy}' if found.remedy else ''}"
        yield from (f"  {_seen_in_words(prepared, seen)}" for seen in found.examples[:EXAMPLES_SHOWN])


def summary(prepared: DataPrepared) -> str:
    """What a person should know of rows that are not learned as they stand, in sentences; empty without one.

    What is learned otherwise than it was meant has its first example and what to do about it.
    """
    counts = [found for found in prepared.found if found.done in ("left out", "cut") or found.why in ALSO_COUNTED]
    doubtful = [found for found in prepared.found if found.why in DOUBTFUL]
    if not counts and not doubtful:
        return ""
    listed = "; ".join(_found_in_words(found).rstrip(".") for found in counts)
    sentences = [f"Of {counted(prepared.rows, 'row')}: {listed}."] if counts else []
    for found in doubtful:
        example = f" ({_seen_in_words(prepared, found.examples[0])})" if found.examples else ""
        sentences.append(f"{_found_in_words(found).rstrip('.')}{example}. {found.remedy}")
    return " ".join([*sentences, "`workbench prepare` shows where."])


def _found_in_words(found: RowsFound) -> str:
    """Such as "3 rows cannot be read: left out." """
    is_held_out = found.part == "held out" and found.why not in (LEAKED, NEAR_LEAKED)
    is_out = found.done == "left out"
    return f"{'Held out: ' * is_held_out}{of_rows(found.count, found.why)}{': left out' * is_out}."


def _seen_in_words(prepared: DataPrepared, seen: RowSeen) -> str:
    where = _where(prepared, seen)
    return f"{where}: {shown(seen.text, 200)}" if seen.text else where
