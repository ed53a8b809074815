"""Prints what a window tells assistive programs of its controls, one JSON object a line.

Runs in the system's Python, which has `gi`: `/usr/bin/python3 accessible.py PID`, on the session bus of the window.
Reading a control's place there is what a person's eyes do; nothing is done through it.
"""

import json
import sys

from gi.repository import Gio, GLib

ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
SCREEN = 0  # coordinates of the screen, not of the window
# Bits of the state set that are told, from atspi-constants.h.
STATES = {
    "checked": 4, "enabled": 8, "expanded": 10, "focusable": 11, "focused": 12, "selected": 23, "sensitive": 24,
    "showing": 25, "visible": 30,
}  # fmt: skip


def bus():
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    address = session.call_sync(
        "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, 5000
    ).unpack()[0]
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, flags)


def call(connection, node, interface, method, arguments=None):
    name, path = node
    return connection.call_sync(name, path, interface, method, arguments, None, 0, 5000).unpack()


def read(connection, node, name):
    arguments = GLib.Variant("(ss)", (ACCESSIBLE, name))
    return call(connection, node, "org.freedesktop.DBus.Properties", "Get", arguments)[0]


def tell(connection, node, depth):
    low, high = call(connection, node, ACCESSIBLE, "GetState")[0]
    states = {name for name, bit in STATES.items() if (low | high << 32) >> bit & 1}
    role = call(connection, node, ACCESSIBLE, "GetRoleName")[0]
    row = {
        "role": role,
        "name": read(connection, node, "Name"),
        "states": sorted(states),
        "depth": depth,
        "place": [0, 0, 0, 0],
        "text": "",
    }
    interfaces = call(connection, node, ACCESSIBLE, "GetInterfaces")[0]
    if "org.a11y.atspi.Component" in interfaces:
        place = call(connection, node, "org.a11y.atspi.Component", "GetExtents", GLib.Variant("(u)", (SCREEN,)))
        row["place"] = list(place[0])
    if "org.a11y.atspi.Text" in interfaces and role != "label":
        row["text"] = call(connection, node, "org.a11y.atspi.Text", "GetText", GLib.Variant("(ii)", (0, -1)))[0][:2000]
    print(json.dumps(row))
    if depth and "visible" not in states:
        return
    for child in call(connection, node, ACCESSIBLE, "GetChildren")[0]:
        tell(connection, child, depth + 1)


def pid_of(connection, name):
    return connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixProcessID",
        GLib.Variant("(s)", (name,)), None, 0, 5000,
    ).unpack()[0]  # fmt: skip


def main(pid):
    connection = bus()
    for application in call(connection, ("org.a11y.atspi.Registry", ROOT), ACCESSIBLE, "GetChildren")[0]:
        if pid_of(connection, application[0]) == pid:
            tell(connection, application, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
