"""A run from the Model page to its samples, by keyboard alone: `.venv/bin/python -m tests.journeys.by_keyboard`."""

from tests.journeys import story
from tests.journeys.desk import FIELD, Desk

PAGES = ("Model", "Data", "Train", "Try", "Runs", "Bits", "Quantize", "Memory")


class Keyboard:
    """Tab to get there, Space to press, Ctrl and a digit for a page; the mouse lies in a corner."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def go_to(self, page: str) -> None:
        self._desk.keys(f"ctrl+{PAGES.index(page) + 1}")

    def press(self, name: str) -> None:
        self._desk.tab_to(name, role="push button")
        self._desk.keys("space")

    def write(self, field: str, text: str) -> None:
        self._desk.tab_to(field, role=FIELD)
        self._desk.keys("ctrl+a")
        self._desk.type(text)
        self._desk.keys("Tab")

    def close_window(self) -> None:
        self._desk.keys("alt+F4")


if __name__ == "__main__":
    story.main(Keyboard, __doc__)
