"""Rows typed in by a person without any file, saved and seen as the data: `python -m tests.journeys.written`.

By mouse and keyboard in a real window under Xvfb; no model is needed.
"""

import argparse
import json
import re

from tests.journeys.by_mouse import Mouse
from tests.journeys.desk import Desk, desk_of
from workbench.core import places
from workbench.core.recipe.text import read

ROWS = 10


def play(desk: Desk) -> None:
    """Types ten rows, takes one change back and makes it again, saves, and reads what the page says of them."""
    player = Mouse(desk)
    desk.open_window()
    player.go_to("Data")
    player.choose("Source of the rows: Written")
    desk.see("Save the copy", role="push button")
    desk.picture("an-empty-row")
    for number in range(1, ROWS + 1):
        desk.wait(lambda: (desk.focused() or desk.see("Rows")).name == "Prompt", "the keyboard in the prompt")
        desk.type(f"What does repair {number} cost?")
        desk.keys("Tab")
        desk.type(f"{number} euros.")
        if number < ROWS:
            desk.keys("ctrl+n")
    desk.keys("ctrl+Return")
    desk.picture("ten-rows")
    desk.see(rf"{3 * ROWS - 1} changes, not saved")
    player.press("Undo")
    desk.see(rf"row {ROWS}, completion, undone", role="list item")
    player.press("Redo")
    desk.see(rf"row {ROWS}, completion, now", role="list item")
    player.press("Save the copy")
    desk.see("Saved")
    desk.picture("saved")
    player.press("Done editing")
    desk.see(rf"{ROWS} rows.*")
    desk.see(r".*“prompt” is the prompt, “completion” the completion")
    desk.picture("the-data")
    copy = places.written() / "my rows.jsonl"
    saved = [json.loads(line) for line in copy.read_text("utf-8").splitlines()]
    assert saved == [
        {"prompt": f"What does repair {number} cost?", "completion": f"{number} euros."}
        for number in range(1, ROWS + 1)
    ], saved
    player.close_window()
    desk.wait_for_the_end_of_the_window()
    assert read(desk.home / "window-recipe.toml").data.path == str(copy)
    said = re.sub(r"\s", "", desk.said())
    assert not said, f"the window printed: {desk.said()}"


def main() -> None:
    with desk_of(argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])) as (_given, desk):
        play(desk)
        print(f"{ROWS} rows were typed, saved, and are the data.")


if __name__ == "__main__":
    main()
