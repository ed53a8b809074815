"""The rail at the left: every page by icon and word with its state, and the window's own switches below."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import icon_button, label
from workbench.panes.parts.focus_ring import FocusRing, paint_ring
from workbench.window.pages import KEYS, PAGES, SECTIONS, PageEntry


class RailButton(FocusRing, QAbstractButton):
    """One page's row; its badge says in a mark and in words how that step stands."""

    # The window gives its first control the focus by itself: that is not a key pressed.
    RING_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

    def __init__(self, theme: Theme, page: PageEntry) -> None:
        super().__init__()
        self._theme = theme
        self.page = page
        self._badge = ""
        self.setText(page.title)
        self.setCheckable(True)
        self.setAutoExclusive(True)  # a screen reader calls it a choice among several
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(f"{page.title} ({KEYS[page.name]})")
        self.setAccessibleName(page.title)
        theme.follow(self._resize)

    def _resize(self) -> None:
        self.setFixedHeight(self._theme.size("size.rail_item"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.size("size.rail") - self._theme.px(17), self._theme.size("size.rail_item"))

    def show_badge(self, badge: str) -> None:
        self._badge = badge
        self.setAccessibleDescription(badge)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(theme.color("surface.selected" if self.isChecked() else "surface.hover"))
            painter.drawRoundedRect(box, 6, 6)
        if self.isChecked():
            painter.setBrush(theme.color("accent.line"))
            painter.drawRoundedRect(QRectF(0, theme.px(7), 3, self.height() - 2 * theme.px(7)), 1.5, 1.5)
        if self.has_ring:
            paint_ring(painter, theme, box, 6)
        side = theme.size("size.icon_rail")
        top = (self.height() - side) // 2
        icon = theme.icon(self.page.icon, "accent.line" if self.isChecked() else "text.secondary")
        icon.paint(painter, theme.px(10), top, side, side)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        painter.setPen(theme.color("text.primary" if self.isChecked() else "text.secondary"))
        left = theme.px(10) + side + theme.px(10)
        words = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - left - 24)
        painter.drawText(
            QRectF(left, 0, self.width() - left, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            words,
        )
        self._paint_badge(painter)

    def _paint_badge(self, painter: QPainter) -> None:
        theme, mark = self._theme, self._theme.px(14)
        left, top = self.width() - mark - theme.px(10), (self.height() - mark) // 2
        if self._badge == "ready":
            theme.icon("check", "status.success").paint(painter, left, top, mark, mark)
        elif self._badge == "ended badly":
            theme.icon("warning-circle", "status.danger").paint(painter, left, top, mark, mark)
        elif self._badge == "running":
            dot = theme.px(8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent.line"))
            painter.drawEllipse(QRectF(left + mark - dot - 2, (self.height() - dot) / 2, dot, dot))


class Rail(QFrame):
    """The pages in order; arrows move within, their keys from anywhere."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "rail")
        self.setAccessibleName("Pages")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 14, 8, 8)
        self._layout.setSpacing(2)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, RailButton] = {}
        for caption, pages in SECTIONS.items():
            self._add_section(caption, pages)
        self._layout.addStretch(1)
        self.projector = icon_button("Projector mode: everything larger", theme, "projector-screen")
        self.projector.setCheckable(True)
        self.theme_switch = icon_button("Light or dark", theme, "moon")
        self.settings = icon_button("Settings", theme, "gear-six")
        self.help = icon_button("Help and keys", theme, "question")
        self._layout.addLayout(in_row(self.projector, self.theme_switch, self.settings, self.help, gap=2))
        theme.follow(self._resize)

    def _add_section(self, caption: str, pages: Sequence[PageEntry]) -> None:
        if self.buttons:
            line = QFrame()
            line.setProperty("role", "divider")
            self._layout.addSpacing(8)
            self._layout.addWidget(line)
            self._layout.addSpacing(6)
        words = label(caption, "railcaption")
        words.setContentsMargins(10, 2, 0, 4)
        self._layout.addWidget(words)
        for page in pages:
            made = RailButton(self._theme, page)
            made.clicked.connect(lambda _checked=False, name=page.name: self.chosen.emit(name))
            self._group.addButton(made)
            self.buttons[page.name] = made
            self._layout.addWidget(made)

    def _resize(self) -> None:
        self.setFixedWidth(self._theme.size("size.rail"))

    def show_page(self, name: str) -> None:
        self.buttons[name].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        focused: QWidget | None = self.focusWidget()
        if step is None or not isinstance(focused, RailButton):
            super().keyPressEvent(event)
            return
        names = list(PAGES)
        index = names.index(focused.page.name) + step
        if 0 <= index < len(names):
            self.buttons[names[index]].setFocus(Qt.FocusReason.TabFocusReason)
            self.chosen.emit(names[index])
