"""The question of the Memory page asked as a person would: `python -m tests.journeys.memory [--keyboard]`.

In a real window under Xvfb: will Llama-3-8B fit in 12 GB at 2048 tokens, what changes it, the way to QLoRA, and on to
Train. No model is needed.
"""

import argparse
import re

from tests.journeys.by_keyboard import Keyboard
from tests.journeys.by_mouse import Mouse
from tests.journeys.desk import FIELD, Desk, desk_of
from tests.journeys.story import Player
from workbench.core import places
from workbench.core.memory import ledger
from workbench.core.memory.fitting import with_changes
from workbench.core.model.catalogue import find
from workbench.core.recipe.text import read

MODEL = "Llama-3-8B"


def play(desk: Desk, player: Player) -> None:
    """What the page says is held beside what the account book says of the same question."""
    desk.open_window()
    player.go_to("Memory")
    player.pick("Model", MODEL)
    player.write("Sequence length", "2048")
    assert told(desk) == computed(2048), "the page and the account book differ"
    desk.picture("will-it-fit")

    player.write("Sequence length", "16384")
    desk.wait(lambda: told(desk) == computed(16384), "the peak of a longer sequence")
    desk.see("QLoRA does not fit: .* of 12.0 GB")
    desk.picture("too-long")
    player.write("Sequence length", "2048")

    player.pick("Card", "24 GB")
    desk.see(r"QLoRA fits: .* of 24\.0 GB")
    player.pick("Card", "6 GB")
    desk.see(r"QLoRA does not fit: .* of 6\.0 GB")
    desk.picture("too-small-a-card")
    player.pick("Card", "12 GB")
    player.choose("Units: GiB")
    desk.see(r"QLoRA fits: .* GiB")
    player.choose("Units: GB")

    player.press("Step by step")
    desk.wait(lambda: "enabled" not in desk.see("Next").states, "the end of the story")
    desk.picture("story")
    player.press("Back")
    player.press("The article")
    desk.rest()
    desk.picture("article")
    player.press("Back")

    before = told(desk)
    player.press(r"Rank 16 to 8: .*")
    desk.wait(lambda: told(desk) < before, "a lower peak")
    desk.picture("changed")
    player.press("Use in Train")
    desk.see("Train .*", role="push button")
    desk.see("8", role=FIELD)
    desk.picture("train")
    player.close_window()
    desk.wait_for_the_end_of_the_window()
    assert not desk.said(), f"the window printed: {desk.said()}"


def told(desk: Desk) -> float:
    """The peak in the head of the page, in GB."""
    words = desk.see("QLoRA (fits|is tight|does not fit): .*").name
    found = re.search(r": ([\d.]+) of", words)
    assert found, words
    return float(found[1])


def computed(sequence: int) -> float:
    """The same by the account book, for the starter's recipe with QLoRA's settings."""
    recipe = read(places.built_in_recipes()["starter"])
    changes = {"training.max_length": sequence, "training.gradient_checkpointing": True}
    asked = with_changes(recipe, changes)
    return round(ledger.predict(find(MODEL).shape(), asked, device="cuda").peak_bytes / 1e9, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keyboard", action="store_true", help="without the mouse")
    with desk_of(parser) as (given, desk):
        play(desk, Keyboard(desk) if given.keyboard else Mouse(desk))
        print("The question was answered.")


if __name__ == "__main__":
    main()
