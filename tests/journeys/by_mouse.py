"""A run from the Model page to its samples, by mouse: `.venv/bin/python -m tests.journeys.by_mouse`."""

from tests.journeys import story
from tests.journeys.desk import FIELD, Desk


class Mouse:
    """Clicks what is in sight; types only into a field that was clicked."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def go_to(self, page: str) -> None:
        self._desk.click(rf"{page}\b.*", role="radio button")

    def press(self, name: str) -> None:
        self._desk.click(name, role="push button")

    def choose(self, name: str) -> None:
        self._desk.click(name, role="radio button")

    def write(self, field: str, text: str) -> None:
        self._desk.click(field, role=FIELD)
        self._desk.keys("ctrl+a")
        self._desk.type(text)
        self._desk.keys("Tab")

    def pick(self, box: str, choice: str) -> None:
        """One of a list that a box opens, by its first letters: Qt tells nothing of where such a list's rows lie."""
        self._desk.click(box, role="combo box")
        self._desk.type(choice)
        self._desk.keys("Return")

    def close_window(self) -> None:
        self._desk.click_the_cross()


if __name__ == "__main__":
    story.main(Mouse, __doc__)
