"""Names the shared libraries of the operating system that the window needs on Linux, and how to install them."""

import ctypes
import os
from collections.abc import Mapping
from platform import freedesktop_os_release
from typing import Literal, NamedTuple


class Library(NamedTuple):
    """A shared library and the Debian package that holds it."""

    soname: str
    package: str


# What PySide6-Essentials 6.11 and 6.12 lacked on a bare Debian 12 and 13; their other libraries come as dependencies.
OFFSCREEN = (
    Library("libEGL.so.1", "libegl1"),
    Library("libGL.so.1", "libgl1"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
    Library("libfontconfig.so.1", "libfontconfig1"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libglib-2.0.so.0", "libglib2.0-0"),
)
XCB = (
    *OFFSCREEN,
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
)

# The first releases whose libraries count time in 64 bits, and say so in the package's name.
FIRST_WITH_T64 = {"debian": (13,), "ubuntu": (24, 4)}
RENAMED_WITH_T64 = {"libglib2.0-0": "libglib2.0-0t64"}


def missing(platform: Literal["offscreen", "xcb"]) -> list[Library]:
    """The libraries that this machine lacks for a Qt platform: "offscreen" to import and test, "xcb" for a window."""
    return [library for library in (OFFSCREEN if platform == "offscreen" else XCB) if not _loads(library.soname)]


def apt_command(libraries: list[Library], release: Mapping[str, str] | None = None) -> str:
    """The one command that installs these libraries on Debian and Ubuntu, for the user who runs this program.

    `release` is what the os-release of that system says, by default of this one.
    """
    renamed = RENAMED_WITH_T64 if _has_t64_names(_release() if release is None else release) else {}
    packages = [renamed.get(library.package, library.package) for library in libraries]
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    return " ".join([*sudo, "apt-get", "install", "-y", "--no-install-recommends", *packages])


def is_debian(release: Mapping[str, str] | None = None) -> bool:
    """Whether a system, by its os-release, is Debian, Ubuntu, or made from one of them; by default this one."""
    release = _release() if release is None else release
    return not {"debian", "ubuntu"}.isdisjoint([release.get("ID", ""), *release.get("ID_LIKE", "").split()])


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _release() -> dict[str, str]:
    try:
        return freedesktop_os_release()
    except OSError:
        return {}


def _has_t64_names(release: Mapping[str, str]) -> bool:
    first = FIRST_WITH_T64.get(release.get("ID", ""))
    version = release.get("VERSION_ID", "")
    return first is not None and version != "" and tuple(int(part) for part in version.split(".")) >= first
