"""The libraries of the operating system: what is missing, and the command that installs it."""

import os

import pytest

from workbench.core.machine import system_libraries
from workbench.core.machine.system_libraries import Library, apt_command, missing


def test_that_a_library_that_does_not_exist_is_missing_and_one_that_does_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_up = Library("libworkbench-made-up.so.7", "libmadeup7")
    c_library = Library("libc.so.6", "libc6")
    monkeypatch.setattr(system_libraries, "OFFSCREEN", (made_up, c_library))
    assert missing("offscreen") == [made_up]


def test_that_a_window_needs_all_that_the_offscreen_platform_needs() -> None:
    assert set(system_libraries.OFFSCREEN) < set(system_libraries.XCB)
    assert set(missing("offscreen")) <= set(missing("xcb"))


def test_that_one_command_installs_every_missing_package() -> None:
    command = apt_command([Library("a.so.1", "liba1"), Library("b.so.2", "libb2")])
    assert command.endswith("apt-get install -y --no-install-recommends liba1 libb2")
    assert command.startswith("sudo ") == (os.geteuid() != 0)


@pytest.mark.parametrize(
    ("system", "version", "package"),
    [
        ("debian", "12", "libglib2.0-0"),
        ("debian", "13", "libglib2.0-0t64"),
        ("ubuntu", "22.04", "libglib2.0-0"),
        ("ubuntu", "24.04", "libglib2.0-0t64"),
        ("linuxmint", "22", "libglib2.0-0"),
        ("debian", "", "libglib2.0-0"),
    ],
)
def test_that_packages_bear_the_name_of_the_release(system: str, version: str, package: str) -> None:
    release = {"ID": system, "VERSION_ID": version}
    assert apt_command([Library("libglib-2.0.so.0", "libglib2.0-0")], release).split()[-1] == package


@pytest.mark.parametrize(
    ("release", "expected"),
    [({"ID": "debian"}, True), ({"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}, True), ({"ID": "fedora"}, False)],
)
def test_that_systems_made_from_debian_are_told_from_others(release: dict[str, str], expected: bool) -> None:
    assert system_libraries.is_debian(release) is expected
