"""The order in which Tab goes through a page: as it is read, whatever was made first."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QGridLayout,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QWidget,
)


def put_in_order(page: QWidget) -> None:
    """Lets Tab go through what the page holds now as its layouts place it; what is hidden now comes behind."""
    stops = [widget for widget in _within(page) if _is_stop(widget)]
    if stops:
        last = stops[-1]
        for hidden in _before(stops[0], page):
            QWidget.setTabOrder(last, hidden)
            last = hidden
    for before, after in pairwise(stops):
        if before.nextInFocusChain() is not after:
            QWidget.setTabOrder(before, after)


def _is_stop(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _before(first: QWidget, page: QWidget) -> list[QWidget]:
    """What is hidden on a page and stands before its first stop: Tab would come to it first once it is shown."""
    found: list[QWidget] = []
    widget = page.nextInFocusChain()
    while widget is not None and widget is not first and widget is not page:
        if _is_stop(widget) and page.isAncestorOf(widget) and not widget.isVisibleTo(page):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def _within(widget: QWidget) -> Iterator[QWidget]:
    """The visible widgets in it; what a control is made of has no stop of its own."""
    if isinstance(widget, QScrollArea):
        inside: list[QWidget | None] = [widget.widget()]
    elif isinstance(widget, QStackedWidget):
        inside = [widget.currentWidget()]
    elif isinstance(widget, QAbstractScrollArea | QAbstractSpinBox | QComboBox):
        inside = []
    else:
        layout = widget.layout()
        placed = list(_placed(layout)) if layout is not None else []
        loose = [child for child in widget.children() if isinstance(child, QWidget) and child not in placed]
        inside = [*placed, *sorted(loose, key=lambda child: _place(child.pos()))]
    for child in inside:
        if child is not None and not child.isHidden() and not child.isWindow():
            yield child
            yield from _within(child)


def _placed(layout: QLayout) -> Iterator[QWidget]:
    """A layout's widgets, a grid's row by row."""
    indexes = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        indexes.sort(key=lambda index: layout.getItemPosition(index)[:2])  # type: ignore[index]
    for index in indexes:
        item = layout.itemAt(index)
        assert item is not None
        inner, widget = item.layout(), item.widget()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _placed(inner)


def _place(point: QPoint) -> tuple[int, int]:
    return point.y(), point.x()
