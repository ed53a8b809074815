"""What the Bits page is about: one number, the formats it is shown in, and the bits that were edited."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from workbench.core.bits.inspection import Inspection
from workbench.core.bits.number_text import number_text
from workbench.core.bits.state import BitsState
from workbench.core.undo_steps import UndoSteps
from workbench.numerics.named_formats import ARTICLE, BF16, FP8_E4M3, FP8_E5M2, FP16, FP32, INT8, NF4
from workbench.numerics.neighbours import next_code, previous_code, shifted
from workbench.numerics.number import Number
from workbench.numerics.number_format import NumberFormat
from workbench.numerics.number_text import NumberTextError, read_number
from workbench.numerics.rounding import Rounding
from workbench.panes.bits.shown.content import Content, content_of, is_named, with_lock
from workbench.panes.bits.shown.places import PLACES, Place

USUAL_FORMATS: tuple[NumberFormat, ...] = (FP32, FP16, BF16, FP8_E4M3, FP8_E5M2, INT8, NF4, ARTICLE)
FIRST_VALUE = "0.1"
FIRST_ROW = FP16.slug
# Letters typed one after the other are one step to undo.
MERGE_SECONDS = 0.8
MOST_UNDO_STEPS = 500


@dataclass(frozen=True)
class BitsRow:
    """One format with the code it holds; None where it has none for the number, which `inspection.note` explains."""

    format: NumberFormat
    code: int | None
    is_locked: bool
    inspection: Inspection


class BitsModel(QObject):
    """Holds the number and the rows; whoever paints them reads anew with `changed`.

    A row that is locked keeps its bits when the number changes, and editing them leaves the number alone. Editing the
    bits of any other row makes the number what that row then holds.

    Signals:
        changed: The number, the rows, locks, the selection or the rounding.
        said: A sentence about what was asked for and cannot be, such as the infinity of a format without one.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(self, state: BitsState | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problem = ""
        self._typed = ""
        self.selected = 0
        self.bit = 0
        self.rows: list[BitsRow] = []
        self._steps: UndoSteps[Content] = UndoSteps(MOST_UNDO_STEPS)
        self._last_kind = ("", 0.0)
        self._content = content_of(state or BitsState(FIRST_VALUE, USUAL_FORMATS))
        self._inspect()
        slugs = [format_.slug for format_ in self._content.formats]
        self.selected = slugs.index(FIRST_ROW) if FIRST_ROW in slugs else 0

    # -- what there is ------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What stands in the value field, whether it can be read or not."""
        return self._typed if self.problem else self._content.text

    @property
    def number(self) -> Number:
        """The last one that could be read."""
        return self._content.number

    @property
    def rounding(self) -> Rounding:
        return self._content.rounding

    @property
    def saturate(self) -> bool:
        return self._content.saturate

    @property
    def seed(self) -> int:
        return self._content.seed

    @property
    def row(self) -> BitsRow:
        return self.rows[self.selected]

    @property
    def formats(self) -> list[NumberFormat]:
        return [row.format for row in self.rows]

    @property
    def own(self) -> list[NumberFormat]:
        """The formats that a person made, whether they are among the rows or not."""
        return list(self._content.own)

    @property
    def can_undo(self) -> bool:
        return self._steps.can_undo

    @property
    def can_redo(self) -> bool:
        return self._steps.can_redo

    # -- the number ---------------------------------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Reads what was typed; where that cannot be read the last number stays and `problem` says why."""
        if text == self.text:
            return
        try:
            number = read_number(text)
        except NumberTextError as error:
            self.refuse(text, str(error))
            return
        self._change("text", text=text, number=number, edited=None)

    def refuse(self, text: str, sentence: str) -> None:
        """Leaves a text in the field that cannot be used, and says why."""
        self._typed, self.problem = text, sentence
        self.changed.emit()

    def drop_problem(self) -> None:
        """Puts the last good text back."""
        self._show(self._content)

    def set_number(self, number: Number) -> None:
        self._change(text=number_text(number), number=number, edited=None)

    def set_rounding(self, rounding: Rounding) -> None:
        self._change(rounding=rounding)

    def set_saturate(self, saturate: bool) -> None:
        self._change(saturate=saturate)

    def set_seed(self, seed: int) -> None:
        """Draws anew for stochastic rounding."""
        self._change("seed", seed=seed)

    # -- bits ---------------------------------------------------------------------------------------------------------

    def set_code(self, row: int, code: int, *, joins: bool = False) -> None:
        """Gives a row other bits; with `joins` undo takes this back together with the change before it."""
        held = self.rows[row]
        if code == held.code:
            return
        slug = held.format.slug
        kind = "joined" if joins else ""
        if held.is_locked:
            self._change(kind, locks=with_lock(self._content.locks, slug, code))
            return
        number = held.format.decode(code).number
        self._change(kind, text=number_text(number), number=number, edited=(slug, code))

    def flip(self, row: int, bit: int) -> None:
        self.set_code(row, (self.rows[row].code or 0) ^ (1 << bit))

    def shift(self, row: int, ulps: int) -> None:
        """To the value a number of steps further on, of those that the format has."""
        self._move_code(row, lambda format_, code: shifted(format_, code, ulps))

    def neighbour(self, row: int, way: int) -> None:
        """To the next value or to the one before; infinity comes after the largest."""
        self._move_code(row, next_code if way > 0 else previous_code)

    def _move_code(self, row: int, move: Callable[[NumberFormat, int], int | None]) -> None:
        held = self.rows[row]
        if held.code is None:
            self.said.emit(held.inspection.note)
            return
        code = move(held.format, held.code)
        if code is None or code == held.code:
            what = "NaN has no neighbours" if held.format.decode(held.code).number.is_nan else "this is the last value"
            self.said.emit(f"{held.format.name}: {what}.")
            return
        self.set_code(row, code)

    def jump(self, row: int, place: Place) -> None:
        format_ = self.rows[row].format
        code = PLACES[place](format_)
        if code is None:
            self.said.emit(f"{format_.name} has no {place}.")
        else:
            self.set_code(row, code)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def select(self, row: int, bit: int | None = None) -> None:
        chosen = (row, min(self.bit if bit is None else bit, self.rows[row].format.bits - 1))
        if chosen != (self.selected, self.bit):
            self.selected, self.bit = chosen
            self.changed.emit()

    def set_lock(self, row: int, is_locked: bool) -> None:
        """Lets a row keep its bits, or follow the number again."""
        held = self.rows[row]
        if is_locked and held.code is None:
            self.said.emit(f"{held.format.name} holds no bits to keep: {held.inspection.note}")
            return
        self._change(locks=with_lock(self._content.locks, held.format.slug, held.code if is_locked else None))

    def set_formats(self, formats: Sequence[NumberFormat]) -> None:
        """Shows these rows in this order; at least one."""
        if not formats:
            raise ValueError("no format")
        slug = self.row.format.slug
        slugs = [format_.slug for format_ in formats]
        selected = slugs.index(slug) if slug in slugs else min(self.selected, len(slugs) - 1)
        own = {format_.slug: format_ for format_ in (*self._content.own, *formats) if not is_named(format_)}
        self._change(selected=selected, formats=tuple(formats), own=tuple(own.values()))

    def move(self, row: int, by: int) -> None:
        formats = self.formats
        target = min(len(formats) - 1, max(0, row + by))
        formats.insert(target, formats.pop(row))
        self.set_formats(formats)

    def add_format(self, format_: NumberFormat) -> None:
        """As the last row, or in place of the row with its name."""
        formats = [format_ if known.slug == format_.slug else known for known in self.formats]
        self.set_formats(formats if format_ in formats else [*formats, format_])

    def remove(self, row: int) -> None:
        """Takes a row away; the last one stays."""
        if len(self.rows) > 1:
            formats = self.formats
            del formats[row]
            self.set_formats(formats)

    # -- the whole ----------------------------------------------------------------------------------------------------

    def state(self) -> BitsState:
        content = self._content
        shown = {format_.slug for format_ in content.formats}
        return BitsState(
            value=content.text,
            formats=content.formats,
            own=content.own,
            rounding=content.rounding,
            seed=content.seed,
            saturate=content.saturate,
            locks={slug: code for slug, code in content.locks if slug in shown},
        )

    def set_state(self, state: BitsState) -> None:
        """Takes all of it as one step to undo."""
        self._step_to(content_of(state))

    def undo(self) -> None:
        self._last_kind = ("", 0.0)
        self._show(self._steps.undo(self._content))

    def redo(self) -> None:
        self._last_kind = ("", 0.0)
        self._show(self._steps.redo(self._content))

    def _change(self, kind: str = "", *, selected: int | None = None, **values: object) -> None:
        """One step to undo, or part of the one before where both are of a kind and come in quick succession."""
        self._step_to(replace(self._content, **values), kind, selected)  # type: ignore[arg-type]

    def _step_to(self, content: Content, kind: str = "", selected: int | None = None) -> None:
        last_kind, at = self._last_kind
        now = time.monotonic()
        is_same = kind == "joined" or (kind == last_kind != "" and now - at < MERGE_SECONDS)
        if content != self._content:
            if is_same and self._steps.can_undo:
                self._steps.forget_redo()
            else:
                self._steps.add(self._content)
        self._last_kind = (kind, now)
        self._show(content, selected)

    def _show(self, content: Content, selected: int | None = None) -> None:
        is_same = content == self._content
        if is_same and not self.problem:
            return
        self._content = content
        self.problem = ""
        if not is_same:
            self._inspect()
        self.selected = min(self.selected if selected is None else selected, len(self.rows) - 1)
        self.bit = min(self.bit, self.row.format.bits - 1)
        self.changed.emit()

    def _inspect(self) -> None:
        self.rows = []
        for format_ in self._content.formats:
            inspection, is_locked = self._content.inspected(format_)
            self.rows.append(BitsRow(format_, inspection.code, is_locked, inspection))
