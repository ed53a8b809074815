"""From a spreadsheet that is dropped to a run, by mouse: `.venv/bin/python -m tests.journeys.spreadsheet`.

One sentence is read, three rows are looked at token by token, Train is clicked; then what was shown is compared with
the batch that the trainer makes. Nothing folded is opened.
"""

import argparse
import re
from pathlib import Path

import openpyxl

from tests.batches import Sequence, in_the_batch
from tests.journeys import story
from tests.journeys.by_mouse import Mouse
from tests.journeys.desk import Desk, desk_of
from workbench.core.memory.fitting import with_changes
from workbench.core.model import kept
from workbench.core.tokens.token_row import IGNORED

SENTENCE = "“Question” is the prompt, “Answer” the completion"
TOKEN = re.compile(r"Token ([\d\s]+) of ([\d\s]+): .*, id ([\d\s]+)\. (.*)", re.DOTALL)
IS_COUNTED = "The loss is counted here"
LOOKED_AT = 3
ROWS = 40
STEPS = 4


def write_questions(path: Path) -> Path:
    """A sheet as a shop keeps it: columns that are of no use, an answer that is missing, a formula's error."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Received", "Topic", "Question", "Answer", "Channel"])
    for number in range(ROWS):
        answer = f"{18 + number} euros, with a new tube."
        sheet.append(["03.03.2026", "repairs", f"What does repair {number} cost?", answer, "mail"])
    sheet["D5"] = None
    sheet["D8"] = "#REF!"
    book.save(path)
    return path


def play(desk: Desk, path: Path) -> list[Sequence]:
    """Goes the whole way; gives the rows that were shown, as ids and labels."""
    player = Mouse(desk)
    desk.open_window()
    desk.see("Use this model")
    desk.drop(path)
    desk.see(SENTENCE)
    desk.picture("dropped")
    player.choose("The row as: Tokens")
    shown = []
    for number in range(LOOKED_AT):
        if number:
            player.press("The next row")
        desk.rest(1)
        desk.picture(f"row-{number + 1}")
        shown.append(read_tokens(desk))
    assert len(set(shown)) == LOOKED_AT, "the same row was shown twice"
    player.press("Use these rows")
    player.press(story.PREPARE)
    desk.see("Train", role="push button", seconds=story.PREPARE_SECONDS)
    desk.picture("prepared")
    player.press("Train")
    desk.see(r"Train \d+ steps")
    player.write("Steps", str(STEPS))
    player.press(f"Train {STEPS} steps")
    desk.wait(lambda: len(desk.runs()) == 1, "a run folder")
    run = desk.runs()[0]
    desk.wait(lambda: run.history().step >= 1, "the first step", story.BEGIN_SECONDS)
    desk.picture("trains")
    return shown


def read_tokens(desk: Desk) -> Sequence:
    """Goes from token to token and reads the sentence that is said of each."""
    desk.click("Tokens of the row")
    desk.keys("Home")
    ids, labels = [], []
    count = 1
    while len(ids) < count:
        said = TOKEN.fullmatch(desk.see(rf"Token {len(ids) + 1} of .*").name)
        assert said is not None
        count, found = int(re.sub(r"\s", "", said[2])), int(re.sub(r"\s", "", said[3]))
        ids.append(found)
        labels.append(found if said[4].startswith(IS_COUNTED) else IGNORED)
        desk.keys("Right")
    return tuple(ids), tuple(labels)


def compare(desk: Desk, shown: list[Sequence], out: Path) -> None:
    """Whether the run's batch holds what was shown."""
    recipe = desk.runs()[0].recipe()
    everything = with_changes(recipe, {"training.batch_size": ROWS})
    folder = kept.tokenizer_folder_of(recipe.model.source, recipe.model.revision)
    assert folder is not None
    batch = in_the_batch(everything, folder, out)
    missing = [row for row in shown if row not in batch]
    assert not missing, f"{len(missing)} of the rows that were shown are not in the batch: {missing}"
    print(f"   the batch holds the {len(shown)} rows that were shown, token by token", flush=True)


def main() -> None:
    with desk_of(argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])) as (_given, desk):
        shown = play(desk, write_questions(desk.home.parent / "questions.xlsx"))
        compare(desk, shown, desk.home.parent / "out")


if __name__ == "__main__":
    main()
