"""The two number lines as a widget: scale, clipping and zero point are dragged, and all else follows."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)

from workbench.core.figures import with_minus
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.picture import HandPicture
from workbench.panes.quantize.hand.places import CLIP_GAP, Handle, Places, extent_of, handles_of, places_of
from workbench.panes.quantize.hand.words import column_words, short

HIT = 12  # half of an area that takes the pointer
# What a press of an arrow changes, as a share of the largest number; ten times that with Shift.
KEY_STEP = 0.01
HELP = {
    Handle.SCALE: "Drag the end of the bracket: the largest integer stands for this number.",
    Handle.CLIP: "Drag to clip: what is beyond is held here.",
    Handle.CLIP_BELOW: "Drag to clip: what is beyond is held here.",
    Handle.ZERO: "Drag the integers along the numbers: the one below 0 is the zero point.",
}


class NumberLines(Canvas):
    """Up and Down take a handle, Left and Right move it, Home puts all of them back; a click chooses a number."""

    SIZE, LEAST = (700, 200), (380, 126)

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "From numbers to what is stored, as two number lines", takes_keys=True)
        self._model = model
        self._held: Handle | None = None  # by the pointer
        self._hovered: Handle | None = None
        self._keyed = Handle.SCALE
        self._extent = extent_of(model)
        self._grab = 0.0  # from the pointer to the middle of what it holds
        self._zero_from = (0.0, 0)
        self.setMouseTracking(True)
        self._describe()
        model.changed.connect(self._refresh)

    def _refresh(self) -> None:
        if self._held is None:  # what is being dragged keeps the ground under it
            self._extent = extent_of(self._model)
        self._describe()
        self.update()

    def _describe(self) -> None:
        model = self._model
        said = f"{len(model.values)} numbers, scale {short(float(model.steps.scales[model.group]), 4)}, "
        said += f"clipped at {short(model.clip, 4)}"
        if model.method.has_zero_point:
            said += f", zero point {with_minus(model.zero_point)}"
        at = f". Arrows move the {self.key_handle}" if self.key_handle else ""
        self.setAccessibleDescription(f"{said}{at}. {column_words(model.steps, model.chosen)}")

    # -- places -------------------------------------------------------------------------------------------------------

    def places(self) -> Places:
        return places_of(self._theme, self._model, self.width(), self.height(), self._extent)

    def handles(self) -> dict[Handle, tuple[float, float]]:
        """Where what can be dragged is now."""
        return handles_of(self._theme, self._model, self.places())

    @property
    def key_handle(self) -> Handle | None:
        """The one that the arrows move."""
        present = self.handles()
        if self._keyed in present:
            return self._keyed
        return next(iter(present), None)

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self._held or self._hovered or (self.key_handle if self.has_ring else None)
        HandPicture(painter, self._theme, self._model, self.places(), active).paint()
        if self.has_ring:
            paint_ring(painter, self._theme, self.rect().adjusted(3, 1, -3, -3), 4)

    # -- pointer ------------------------------------------------------------------------------------------------------

    def handle_at(self, point: QPointF) -> Handle | None:
        reach, places = self._theme.px(HIT), self.places()
        near = [
            (max(abs(point.x() - x), abs(point.y() - y)), handle)
            for handle, (x, y) in self.handles().items()
            if abs(point.x() - x) <= reach and abs(point.y() - y) <= reach
        ]
        if near:
            return min(near)[1]
        is_on_integers = abs(point.y() - places.stored_y) <= reach and places.left <= point.x() <= places.right
        if self._model.method.has_zero_point and is_on_integers and self.number_at(point) is None:
            return Handle.ZERO
        return None

    def number_at(self, point: QPointF) -> int | None:
        """The number whose dot, arrow or square is there."""
        places, model, reach = self.places(), self._model, self._theme.px(7)
        if not places.real_y - 3 * reach <= point.y() <= places.stored_y + 4 * reach:
            return None
        share = (point.y() - places.real_y) / max(1.0, places.stored_y - places.real_y)
        share = min(1.0, max(0.0, share))
        above = places.xs_of(model.values.astype(np.float64))
        xs = above + (places.xs_of(model.steps.restored.astype(np.float64)) - above) * share
        nearest = int(np.abs(xs - point.x()).argmin())
        return nearest if abs(xs[nearest] - point.x()) <= reach else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        handle = self.handle_at(event.position())
        if handle is None:
            index = self.number_at(event.position())
            if index is not None:
                self._model.choose(index)
            return
        self._held = self._keyed = handle
        self._grab = self.handles()[handle][0] - event.position().x()
        self._zero_from = (event.position().x(), self._model.zero_point)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._drag(event.position().x())
            return
        handle = self.handle_at(event.position())
        if handle is not self._hovered:
            self._hovered = handle
            self.setCursor(Qt.CursorShape.SizeHorCursor if handle else Qt.CursorShape.ArrowCursor)
            self.update()

    def _drag(self, x: float) -> None:
        places, model, gap = self.places(), self._model, self._theme.px(CLIP_GAP)
        match self._held:
            case Handle.SCALE:
                model.set_top(places.value_at(x + self._grab))
            case Handle.CLIP:
                model.set_clip(places.value_at(x + self._grab - gap))
            case Handle.CLIP_BELOW:
                model.set_clip(-places.value_at(x + self._grab + gap))
            case Handle.ZERO:
                begin, zero_point = self._zero_from
                scale = float(model.steps.scales[model.group])
                moved = places.value_at(x) - places.value_at(begin)
                model.set_zero_point(zero_point - round(moved / scale) if scale > 0 else zero_point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._held = None
            self._refresh()
            self.mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    def tip_at(self, at: QPointF) -> str | None:
        handle, index = self.handle_at(at), self.number_at(at)
        return HELP[handle] if handle else column_words(self._model.steps, index) if index is not None else ""

    # -- keyboard -----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        present = list(self.handles())
        many = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        match event.key():
            case Qt.Key.Key_Up | Qt.Key.Key_Down if self.key_handle:
                step = -1 if event.key() == Qt.Key.Key_Up else 1
                self._keyed = present[(present.index(self.key_handle) + step) % len(present)]
                self._describe()
            case Qt.Key.Key_Left | Qt.Key.Key_Right if self.key_handle:
                self._nudge(self.key_handle, many * (-1 if event.key() == Qt.Key.Key_Left else 1))
            case Qt.Key.Key_Home:
                self._model.undo_dragging()
            case _:
                super().keyPressEvent(event)
                return
        self.show_ring(True)

    def _nudge(self, handle: Handle, steps: int) -> None:
        """Moves a handle to the right, or to the left, as the pointer would."""
        model = self._model
        match handle:
            case Handle.SCALE:
                top = float(model.steps.highest[model.group])
                model.set_top(top + steps * KEY_STEP * model.own_top)
            case Handle.CLIP:
                model.set_clip(model.clip + steps * KEY_STEP * model.largest)
            case Handle.CLIP_BELOW:
                model.set_clip(model.clip - steps * KEY_STEP * model.largest)
            case Handle.ZERO:
                model.set_zero_point(model.zero_point - steps)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._describe()
