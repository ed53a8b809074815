"""Reads the two matrices of a product and works out its errors, one method after another, beside the window."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.problems import UserError
from workbench.core.quantized.outlier_products import PLAIN, Factors, read_factors
from workbench.core.quantized.outliers import THRESHOLDS, Linear, Seen, Site
from workbench.numerics.llm_int8 import Product

# A slider, or an arrow held down, is not followed: what it rests on is.
REST_MILLISECONDS = 220


@dataclass(frozen=True)
class Place:
    """Whose product it is."""

    seen: Seen
    model: Path
    site: Site
    layer: int
    linear: Linear


class ProductReader(QObject):
    """Keeps what is known of one product.

    Signals:
        advanced: More is known.
    """

    advanced = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.place: Place | None = None
        self.factors: Factors | None = None
        self.error: UserError | None = None
        self._plain: dict[Product, float] = {}
        self._decomposed: dict[int, float] = {}
        self._step = 0
        self._is_at_work = False
        self._rest = once_after(self, REST_MILLISECONDS, self._go_on)

    def want(self, place: Place | None) -> None:
        """Another product; what was known of the one before is forgotten."""
        if place != self.place:
            self.place = place
            self.factors, self.error = None, None
            self._plain, self._decomposed = {}, {}
            self._rest.start()
            self.advanced.emit()

    def rest_on(self, step: int) -> None:
        """The threshold of LLM.int8(), by its place among THRESHOLDS."""
        self._step = step
        self._rest.start()

    @property
    def errors(self) -> dict[Product, float]:
        """Those that are known, at the threshold that is wanted."""
        known = dict(self._plain)
        if self._step in self._decomposed:
            known[Product.LLM_INT8] = self._decomposed[self._step]
        return known

    @property
    def columns(self) -> tuple[int, ...] | None:
        """The features that go in 16 bits at that threshold."""
        return None if self.factors is None else self.factors.columns(THRESHOLDS[self._step])

    def _go_on(self) -> None:
        """Works out what is missing: the matrices, LLM.int8() where the slider rests, then the plain ways."""
        place, factors, step = self.place, self.factors, self._step
        if self._is_at_work or self._rest.isActive() or place is None or self.error is not None:
            return
        if factors is None:
            self._start(
                lambda: read_factors(place.seen, place.model, place.site, place.layer, place.linear), self._read
            )
        elif step not in self._decomposed:
            self._start(
                lambda: factors.error_of(Product.LLM_INT8, THRESHOLDS[step]),
                lambda error: self._decomposed.__setitem__(step, error),
            )
        else:
            how = next((how for how in PLAIN if how not in self._plain), None)
            if how is not None:
                self._start(lambda: factors.error_of(how, 0.0), lambda error: self._plain.__setitem__(how, error))

    def _start(self, work: Callable[[], Any], take: Callable[[Any], None]) -> None:
        place = self.place
        self._is_at_work = True

        def done(result: Any) -> None:
            self._is_at_work = False
            if self.place is place:
                take(result)
                self.advanced.emit()
            self._go_on()

        def failed(error: UserError) -> None:
            self._is_at_work = False
            if self.place is place:
                self.error = error
                self.advanced.emit()
            self._go_on()

        run_task(work, done, failed, parent=self)

    def _read(self, factors: Factors) -> None:
        self.factors = factors
