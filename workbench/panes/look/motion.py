"""Whether the system asks programs to move less."""

import sys
from configparser import ConfigParser, Error
from pathlib import Path

PORTAL = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings")
# Namespace, key, and the answer that asks for less (xdg-desktop-portal 1.20; GNOME and what follows its settings).
WISHES = (
    ("org.freedesktop.appearance", "reduced-motion", 1),
    ("org.gnome.desktop.interface", "enable-animations", False),
)
ANSWER_MILLISECONDS = 300
SPI_GETCLIENTAREAANIMATION = 0x1042


def wants_less_motion() -> bool:
    """Asked when something is about to move: Qt 6.11 does not know."""
    if sys.platform == "win32":
        import ctypes

        shows = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(shows), 0)
        return not shows.value
    return _asked_of_portal() or kde_has_none(Path.home() / ".config" / "kdeglobals")


def _asked_of_portal() -> bool:
    from PySide6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    portal = QDBusInterface(*PORTAL, bus)
    portal.setTimeout(ANSWER_MILLISECONDS)
    for namespace, key, wish in WISHES:
        answer = portal.call("ReadOne", namespace, key)
        if answer.type() == QDBusMessage.MessageType.ReplyMessage and answer.arguments():
            value = answer.arguments()[0]
            value = value.variant() if hasattr(value, "variant") else value
            if isinstance(value, int) and value == wish:
                return True
    return False


def kde_has_none(path: Path) -> bool:
    """Whether a kdeglobals file asks for no animations: KDE keeps a factor of all durations; 0 is none."""
    read = ConfigParser(interpolation=None, strict=False)
    try:
        read.read_string(path.read_text(encoding="utf-8"))
        return float(read.get("KDE", "AnimationDurationFactor", fallback="1")) == 0
    except (OSError, ValueError, Error):
        return False
