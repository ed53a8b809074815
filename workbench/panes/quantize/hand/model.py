"""What the By hand view shows: the numbers, the method, what comes of both, and the number that is looked at."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.core.problems import UserError
from workbench.core.quantized.steps import (
    LEAST_STRETCH,
    MOST_STRETCH,
    Method,
    Share,
    Steps,
    work_out,
)
from workbench.core.quantized.values import MOST_VALUES, read_values
from workbench.numerics.rounding import Rounding
from workbench.panes.quantize.hand.presets import PRESETS, Preset, preset_named

# Where a number clips all others, this share of the largest is the least.
LEAST_CLIP = 0.01


class HandModel(QObject):
    """The parts of the view change it and follow it.

    Signals:
        changed: The numbers, the method or the chosen number are others now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.rows: list[int] = []
        self.values = np.zeros(1, np.float32)
        self.preset = ""
        self.chosen = 0
        self.method = Method()
        self._untouched = Method()
        self.steps: Steps
        self.choose_preset(PRESETS[0].name)

    @property
    def largest(self) -> float:
        """The largest magnitude of the numbers."""
        return float(np.abs(self.values).max())

    @property
    def clip(self) -> float:
        return self.largest if self.method.clip is None else self.method.clip

    @property
    def group(self) -> int:
        """That of the chosen number."""
        return int(self.steps.which[self.chosen])

    def choose_preset(self, name: str) -> None:
        preset: Preset = preset_named(name)
        self.preset = name
        self._read_numbers(preset.text)
        self.method = preset.method
        if preset.top is not None:
            self.method = replace(self.method, stretch=preset.top / self.largest)
        self._untouched = self.method
        self._work_out()
        self._tell_the_worst()
        self.changed.emit()

    def set_text(self, text: str) -> None:
        """What somebody typed; one line is one row. Raises UserError, and the numbers stay."""
        if text == self.text:
            return
        before = self.values
        self._read_numbers(text)
        if len(before) == len(self.values) and (before == self.values).all():
            self._set(self.method)  # the same numbers, in other rows perhaps
            return
        self.preset = ""
        self._untouched = self.method = replace(self.method, clip=None, stretch=1.0, shift=0)
        self._work_out()
        self._tell_the_worst()
        self.changed.emit()

    def _read_numbers(self, text: str) -> None:
        rows = [read_values(line) for line in text.splitlines() if line.strip(" ,;\t")]
        count = sum(map(len, rows))
        if not count:
            raise UserError("There are no numbers.", remedy="Type some, such as 1.2, -0.5, 1/3.")
        if count > MOST_VALUES:
            raise UserError(f"There are {count:,} numbers.", remedy=f"{MOST_VALUES:,} are the most.")
        self.text = text
        self.rows = [len(row) for row in rows]
        self.values = np.array([value for row in rows for value in row], np.float32)

    def _tell_the_worst(self) -> None:
        """Begins with the number that is farthest off."""
        self.chosen = int(np.abs(self.steps.errors).argmax())

    # -- the method ---------------------------------------------------------------------------------------------------

    def set_format(self, name: str) -> None:
        """Another format; what was dragged goes with the one it was dragged in, save the clipping."""
        if name == self.method.format:
            return
        self._untouched = Method()
        made = replace(self.method, format=name, stretch=1.0, shift=0)
        if made.rounding not in made.roundings:
            made = replace(made, rounding=Rounding.NEAREST_EVEN)
        self._set(made)

    def set_share(self, share: str) -> None:
        self._set(replace(self.method, share=Share(share)))

    def set_block_size(self, size: int) -> None:
        self._set(replace(self.method, block_size=size))

    def set_rounding(self, rounding: Rounding) -> None:
        self._set(replace(self.method, rounding=rounding))

    def set_clip(self, clip: float) -> None:
        """Holds what is beyond; the scale follows what is left."""
        held = None if clip >= self.largest else max(clip, LEAST_CLIP * self.largest)
        self._set(replace(self.method, clip=held))

    @property
    def own_top(self) -> float:
        """The number that the chosen number's group would count to if nobody had dragged its scale."""
        return float(self.steps.highest[self.group]) / self.method.stretch

    @property
    def can_stretch(self) -> bool:
        """Whether a scale can be dragged: that of MXFP4, for one, is what the format makes of it."""
        return not self.method.fixed_block and float(self.steps.highest[self.group]) > 0

    def set_top(self, top: float) -> None:
        """Drags the scale of the chosen number's group so that the largest integer stands for `top`."""
        if self.can_stretch and self.own_top > 0:
            stretch = min(MOST_STRETCH, max(LEAST_STRETCH, top / self.own_top))
            self._set(replace(self.method, stretch=1.0 if abs(stretch - 1) < 1e-9 else stretch))

    @property
    def zero_point(self) -> int:
        return int(self.steps.zero_points[self.group])

    def set_zero_point(self, zero_point: int) -> None:
        if self.method.has_zero_point:
            least, most = self.method.quantizer.integers
            wanted = min(most, max(least, zero_point))
            self._set(replace(self.method, shift=self.method.shift + wanted - self.zero_point))

    @property
    def is_dragged(self) -> bool:
        """Whether a hand made something of scale, zero point or clipping."""
        now, then = self.method, self._untouched
        return (now.clip, now.stretch, now.shift) != (then.clip, then.stretch, then.shift)

    def undo_dragging(self) -> None:
        """Scale, zero point and clipping as the numbers, or the example, would have them."""
        then = self._untouched
        self._set(replace(self.method, clip=then.clip, stretch=then.stretch, shift=then.shift))

    def choose(self, index: int) -> None:
        """Looks at another number."""
        wanted = min(len(self.values) - 1, max(0, index))
        if wanted != self.chosen:
            self.chosen = wanted
            self.changed.emit()

    def _set(self, method: Method) -> None:
        self.method = method
        self._work_out()
        self.changed.emit()

    def _work_out(self) -> None:
        self.steps = work_out(self.values, self.rows, self.method)
        self.chosen = min(self.chosen, len(self.values) - 1)
