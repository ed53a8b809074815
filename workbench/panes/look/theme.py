"""The look: colours, sizes, fonts and icons of the chosen theme, for the style sheet and for every painter."""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from workbench.core import places
from workbench.panes.look.phosphor import phosphor_icon

Choice = Literal["system", "light", "dark"]
# The size the tokens are drawn for; a system with larger text gets everything in proportion.
DRAWN_PIXELS = 13
_PLACEHOLDER = re.compile(r"@([\w.]+)@")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@cache
def tokens() -> dict[str, Any]:
    """The drawn tokens, resources/themes/tokens.toml."""
    return tomllib.loads((places.resources() / "themes" / "tokens.toml").read_text("utf-8"))


class Theme(QObject):
    """What painters and pages ask for a colour, a size, a font or an icon; `changed` says that all may differ now."""

    changed = Signal()
    # The font that was put on the application last, and the system's that it was made from.
    _applied: tuple[QFont, QFont] | None = None

    def __init__(self, choice: Choice = "system", *, projector: bool = False) -> None:
        super().__init__()
        self.choice: Choice = choice
        self.projector = projector
        self.is_dark = False
        font = QGuiApplication.font()
        self._system_font = self._applied[1] if self._applied and self._applied[0] == font else font
        self._colors: dict[str, QColor] = {}
        self._sizes: dict[str, int] = {}
        self._icons: dict[tuple[str, int, int], QIcon] = {}
        self._fonts: dict[tuple[str, int, bool], QFont] = {}
        self._read()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def choose(self, choice: Choice) -> None:
        """Light, dark, or what the system says."""
        self.choice = choice
        self.apply()

    def set_projector(self, projector: bool) -> None:
        """Everything larger, for a class; light unless dark was chosen by name."""
        self.projector = projector
        self.apply()

    def apply(self) -> None:
        """Puts style sheet, palette and font on the application, and tells the painters."""
        self._read()
        self.put_on_application()
        self.put_style_sheet()
        self.changed.emit()

    def put_on_application(self) -> None:
        """Font and palette alone."""
        QApplication.setFont(self.font("body"))
        Theme._applied = (QGuiApplication.font(), self._system_font)
        QApplication.setPalette(self._palette())

    def put_style_sheet(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setStyleSheet(self._style_sheet())

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self.choice == "system":
            self.apply()

    def _read(self) -> None:
        system_is_dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark and not self.projector
        self.is_dark = self.choice == "dark" or (self.choice == "system" and system_is_dark)
        shades = tokens()["dark" if self.is_dark else "light"]
        self._colors = {
            f"{group}.{name}": QColor(shade) for group, entries in shades.items() for name, shade in entries.items()
        }
        if self.projector:
            self._colors["border.control"] = self._colors["border.control_strong"]
        self._fonts.clear()
        scale = max(0.75, QFontInfo(self._system_font).pixelSize() / DRAWN_PIXELS)
        drawn = tokens()["size"]
        sizes = {name: value for name, value in drawn.items() if isinstance(value, int)}
        if self.projector:
            sizes = {name: round(value * 1.38) for name, value in sizes.items()} | drawn["projector"]
        fonts = tokens()["font"]["projector" if self.projector else "normal"]
        self._sizes = {f"size.{name}": round(value * scale) for name, value in sizes.items()}
        self._sizes |= {f"font.{name}": max(8, round(value * scale)) for name, value in fonts.items()}
        self._sizes |= {f"space.{name}": round(value * scale) for name, value in tokens()["space"].items()}
        self._sizes |= {f"radius.{name}": value for name, value in tokens()["radius"].items()}

    def follow(self, restyle: Callable[[], object]) -> None:
        """Calls it now, and whenever the theme changes."""
        self.changed.connect(restyle)
        restyle()

    # -- asking -------------------------------------------------------------------------------------------------------

    def color(self, name: str) -> QColor:
        """The colour a token has in this theme, such as "text.secondary". Raises KeyError for another name."""
        return QColor(self._colors[name])

    def size(self, name: str) -> int:
        """Pixels of a token, such as "size.control" or "font.title". Raises KeyError for another name."""
        return self._sizes[name]

    def px(self, drawn: int) -> int:
        """A length of the drawing in this theme's pixels."""
        return round(drawn * self._sizes["font.body"] / DRAWN_PIXELS)

    @property
    def pen_width(self) -> float:
        return float(tokens()["stroke"]["curve_projector" if self.projector else "curve_main"])

    def font(self, role: str = "body", *, weight: int = 400, mono: bool = False) -> QFont:
        """The font of a role among [font.normal]; digits have one width."""
        key = (role, weight, mono)
        if key not in self._fonts:
            self._fonts[key] = self._made_font(role, weight, mono=mono)
        return QFont(self._fonts[key])

    def _made_font(self, role: str, weight: int, *, mono: bool) -> QFont:
        known = _families()
        if mono:
            wanted = next((name for name in tokens()["font"]["mono"] if name in known), None)
            font = QFont(wanted) if wanted else QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        else:
            wanted = next((name for name in tokens()["font"]["family"] if name in known), None)
            font = QFont(wanted) if wanted else QFont(self._system_font)
        font.setPixelSize(self.size(f"font.{role}"))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag.fromString("tnum"), 1)
        return font

    def icon(self, name: str, color: str = "text.secondary") -> QIcon:
        """A Phosphor icon by its name, in one colour."""
        shade, disabled = self._colors[color], self._colors["text.disabled"]
        key = (name, shade.rgba(), disabled.rgba())
        if key not in self._icons:
            self._icons[key] = phosphor_icon(name, shade, disabled)
        return QIcon(self._icons[key])

    def icon_size(self, role: str = "icon") -> QSize:
        return QSize(self.size(f"size.{role}"), self.size(f"size.{role}"))

    # -- the application ----------------------------------------------------------------------------------------------

    def _palette(self) -> QPalette:
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, name in (
            (roles.Window, "surface.page"),
            (roles.WindowText, "text.primary"),
            (roles.Base, "surface.field"),
            (roles.AlternateBase, "surface.inset"),
            (roles.Text, "text.primary"),
            (roles.Button, "surface.card"),
            (roles.ButtonText, "text.primary"),
            (roles.BrightText, "status.danger"),
            (roles.ToolTipBase, "surface.tooltip"),
            (roles.ToolTipText, "text.on_tooltip"),
            (roles.PlaceholderText, "text.tertiary"),
            (roles.Highlight, "accent.base"),
            (roles.HighlightedText, "text.on_accent"),
            (roles.Link, "text.link"),
            (roles.Light, "surface.card"),
            (roles.Midlight, "border.subtle"),
            (roles.Mid, "border.card"),
            (roles.Dark, "border.control"),
            (roles.Accent, "accent.base"),
        ):
            palette.setColor(role, self.color(name))
        for role in (roles.Text, roles.WindowText, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text.disabled"))
        return palette

    def _style_sheet(self) -> str:
        template = (places.resources() / "themes" / "window.qss").read_text("utf-8")

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            if name.startswith("px."):
                return f"{self.px(int(name[3:]))}px"
            return f"{self._sizes[name]}px" if name in self._sizes else self._colors[name].name()

        return _PLACEHOLDER.sub(value, _COMMENT.sub("", template))


@cache
def _families() -> frozenset[str]:
    return frozenset(QFontDatabase.families())


def polish(widget: QWidget, **properties: object) -> None:
    """Sets dynamic properties, if any, and lets the style sheet see them; one that is unset counts as false, as empty.

    To be asked for a style PySide6 makes the 566 names of QStyle, 6 ms of the window's first paint.
    """
    changed = {name: value for name, value in properties.items() if (widget.property(name) or "") != (value or "")}
    if properties and not changed:
        return
    for name, value in changed.items():
        widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else it sees them when it is first shown
        widget.style().unpolish(widget)
        widget.style().polish(widget)
