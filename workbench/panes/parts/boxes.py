"""Widgets side by side, one below the other, or scrolled up and down."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

# A widget or a layout, alone, or with its share of the room and its place there; a number is room left empty.
Part = QWidget | QLayout | int | tuple[QWidget | QLayout, int] | tuple[QWidget, int, Qt.AlignmentFlag]
Box = TypeVar("Box", bound=QBoxLayout)
NONE = (0, 0, 0, 0)


def in_row(
    *parts: Part, gap: int | None = None, margins: tuple[int, int, int, int] = NONE, of: QWidget | None = None
) -> QHBoxLayout:
    """The parts side by side with `gap` pixels between them, `of` a widget where it is its layout."""
    return _filled(QHBoxLayout() if of is None else QHBoxLayout(of), parts, gap, margins)


def in_column(
    *parts: Part, gap: int | None = None, margins: tuple[int, int, int, int] = NONE, of: QWidget | None = None
) -> QVBoxLayout:
    """The parts one below the other, as `in_row` has them side by side."""
    return _filled(QVBoxLayout() if of is None else QVBoxLayout(of), parts, gap, margins)


def in_scroll(inside: QWidget) -> QScrollArea:
    """What is as wide as its place and may be higher: it is scrolled up and down, and has the keyboard itself."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area


def _filled(box: Box, parts: tuple[Part, ...], gap: int | None, margins: tuple[int, int, int, int]) -> Box:
    box.setContentsMargins(*margins)
    if gap is not None:
        box.setSpacing(gap)
    for part in parts:
        if isinstance(part, int):
            box.addStretch(part)
            continue
        made, share, *place = part if isinstance(part, tuple) else (part, 0)
        if isinstance(made, QLayout):
            box.addLayout(made, share)
        else:
            box.addWidget(made, share, *place)
    return box
