"""A run from the Model page to its samples, by keyboard alone: `.venv/bin/python -m tests.journeys.by_keyboard`."""

from tests.journeys import story
from tests.journeys.desk import FIELD, Desk
from workbench.window.pages import KEYS, PAGES

MOST_CHOICES = 12
KEY_OF_PAGE = {page.title: KEYS[page.name].lower() for page in PAGES.values()}


class Keyboard:
    """Tab to get there, Space to press, Ctrl and a digit for a page; the mouse lies in a corner."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def go_to(self, page: str) -> None:
        self._desk.keys(KEY_OF_PAGE[page])

    def press(self, name: str) -> None:
        self._desk.tab_to(name, role="push button")
        self._desk.keys("space")

    def choose(self, name: str) -> None:
        """One of several side by side, "Name: choice": Tab comes to the chosen one, arrows to the others."""
        self._desk.tab_to(f"{name.partition(':')[0]}: .*", role="radio button")
        for key in ("Left", "Right"):  # to the first one, and from there on
            for _ in range(MOST_CHOICES):
                focused = self._desk.focused()
                if focused and focused.name == name:
                    self._desk.keys("space")
                    return
                self._desk.keys(key)
        raise AssertionError(f"Arrows never come to {name!r}")

    def write(self, field: str, text: str) -> None:
        self._desk.tab_to(field, role=FIELD)
        self._desk.keys("ctrl+a")
        self._desk.type(text)
        self._desk.keys("Tab")

    def pick(self, box: str, choice: str) -> None:
        """One of a list that a box opens: what it begins with is typed."""
        self._desk.tab_to(box, role="combo box")
        self._desk.keys("space")
        self._desk.type(choice)
        self._desk.keys("Return")

    def close_window(self) -> None:
        self._desk.keys("alt+F4")


if __name__ == "__main__":
    story.main(Keyboard, __doc__)
