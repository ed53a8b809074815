"""From a trained starter to its answers elsewhere, by mouse: `.venv/bin/python -m tests.journeys.results`.

It is trained as the demo does, talked to beside its base, its held-out rows are answered in the table, a second run is
laid over it, and its F16 GGUF is exported, which llama.cpp then answers with: WORKBENCH_LLAMA_CPP names a folder that
has the npm package node-llama-cpp.
"""

import argparse
import re
from pathlib import Path

from tests.journeys import story
from tests.journeys.by_mouse import Mouse
from tests.journeys.desk import Desk, desk_of
from workbench.core import places
from workbench.core.chat.prompts import asking_of
from workbench.core.chat.table.columns import columns_of
from workbench.core.chat.table.kept_answers import KeptAnswers, prompt_key
from workbench.core.job.question import AnswerSettings
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.llamacpp import runtime
from workbench.core.llamacpp.runtime import Runtime, Sampling
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared.of_run import held_out_of, prepared_of
from workbench.core.tokens.tokenizing import RowTokenizer

LEAST_RIGHT = 95
ANSWER_SECONDS = 900.0
EXPORT_SECONDS = 900.0
ASKED = 10  # of the held-out rows, in llama.cpp
LONGEST = 128  # tokens, as the table has it
BOX_INSET_PIXELS = 20  # of a box in a row, from the row's left edge
RIGHT = re.compile(r"Tuned: (\d+) of (\d+) right")


def play(desk: Desk, player: Mouse) -> None:
    """Goes the whole way; each station is looked at before the next."""
    run = train(desk, player)
    talk(desk, player)
    answer(desk, player)
    compare(desk, player, run)
    path = export(desk, player, run)
    player.close_window()
    desk.wait_for_the_end_of_the_window()
    assert not desk.said(), f"the window printed: {desk.said()}"
    ask_elsewhere(path, run)


def train(desk: Desk, player: Mouse) -> RunFolder:
    """The starter as the demo trains it, from the Model page to its end."""
    desk.open_window()
    player.press("Use this model")
    player.press(story.PREPARE)
    desk.see("Train", role="push button", seconds=story.PREPARE_SECONDS)
    player.press("Train")
    player.press(r"Train \d+ steps")
    desk.wait(lambda: len(desk.runs()) == 1, "a run folder")
    run = desk.runs()[0]
    desk.wait(lambda: run.history().step >= 1, "the first step", story.BEGIN_SECONDS)
    desk.wait(lambda: not run.state().is_alive, "the end of the run", story.RUN_SECONDS)
    assert run.state() is RunState.FINISHED, run.state()
    desk.picture("trained")
    return run


def talk(desk: Desk, player: Mouse) -> None:
    """One held-out question, asked of both."""
    player.go_to("Try")
    desk.click("Ask the held-out row: .*", role="push button")
    desk.see(r"(?s)Base answers", role="text", seconds=ANSWER_SECONDS)

    def have_answered() -> bool:
        return sum("tokens in" in control.name for control in desk.controls()) >= 2

    desk.wait(have_answered, "both answers", ANSWER_SECONDS)
    desk.picture("talked")
    base, tuned = (desk.see(f"{side} answers", role="text").text for side in ("Base", "Tuned"))
    assert base != tuned, f"both say {base!r}"
    print(f"   base: {base!r}\n   tuned: {tuned!r}", flush=True)


def answer(desk: Desk, player: Mouse) -> None:
    """All held-out rows, by both: as many of the tuned answers are right as the demo promises."""
    player.choose("View: Table")
    player.press("Answer 100 prompts")
    desk.picture("table-begins")
    told = desk.see(r"Tuned: \d+ of 100 right", seconds=ANSWER_SECONDS)
    desk.picture("table")
    found = RIGHT.fullmatch(told.name)
    assert found is not None
    print(f"   of the tuned answers {found[1]} of {found[2]} are right", flush=True)
    assert int(found[1]) >= LEAST_RIGHT


def compare(desk: Desk, player: Mouse, run: RunFolder) -> None:
    """A second run, repeated with another learning rate, laid over the first."""
    player.go_to("Runs")
    desk.see("Repeat with changes", role="push button")
    desk.picture("runs")
    player.press("Repeat with changes")
    player.write("Values of setting 1", "3e-4")
    desk.picture("repeat")
    player.press("Queue 1 run")
    desk.wait(lambda: len(desk.runs()) == 2, "a second run", story.BEGIN_SECONDS)
    second = next(found for found in desk.runs() if found.path != run.path)
    desk.wait(lambda: not second.state().is_alive and second.history().step > 0, "its end", story.RUN_SECONDS)
    assert second.state() is RunState.FINISHED, second.state()
    desk.rest(2)
    desk.picture("queue-is-done")
    player.choose("View: All runs")
    for name in (run.name, second.name):
        tick(desk, name)
    desk.see("Only what differs")
    desk.picture("compared")
    assert story.sees(desk, "Learning rate"), "the one setting that differs is not in sight"


def tick(desk: Desk, name: str) -> None:
    """Clicks the box at the beginning of a run's row."""
    row = desk.see(f"name: {re.escape(name)}", role="cell")
    box = min(
        (each for each in desk.controls() if each.role == row.role and abs(each.y - row.y) < 3), key=lambda each: each.x
    )
    desk.click_at(*box.middle)


def export(desk: Desk, player: Mouse, run: RunFolder) -> Path:
    """The first run as a GGUF file in 16 bits."""
    desk.click(f"name: {re.escape(run.name)}", role="cell")
    player.press("Export")
    desk.see("Export 1 thing", role="push button")
    desk.click("Adapter", role="check box")
    cell = desk.see("F16, not chosen")
    desk.click_at(cell.x + BOX_INSET_PIXELS, cell.middle[1])
    desk.picture("export")
    player.press("Export 1 thing")
    target: list[Path] = []

    def is_made() -> bool:
        target.extend(places.exports().glob("*/*-F16.gguf"))
        return bool(target)

    desk.wait(is_made, "the file", EXPORT_SECONDS)
    desk.wait(lambda: story.sees(desk, "llama-cli"), "the lines that use it elsewhere")
    desk.picture("exported")
    return target[0]


def ask_elsewhere(path: Path, run: RunFolder) -> None:
    """llama.cpp answers the held-out rows as the run has answered them in the table."""
    prepared = prepared_of(run)
    assert prepared is not None
    tokenizer = kept_tokenizer.make(Path(prepared.model))
    end = tokenizer.eos_id
    assert end is not None
    rows = RowTokenizer(tokenizer, run.recipe())
    _base, tuned = columns_of(str(run.path))
    said = KeptAnswers(tuned, AnswerSettings(max_tokens=LONGEST)).read()
    asked = held_out_of(run).rows[:ASKED]
    with Runtime(path, context=512) as loaded:
        for row in asked:
            asking = asking_of(row)
            assert asking is not None
            pieces = loaded.ask(rows.ask(row.turns[:-1]).ids, Sampling(most=LONGEST), [end])
            answer = "".join(text for token, text in pieces if token != end)
            assert answer.strip() == said[prompt_key(asking)].text.strip(), f"llama.cpp says {answer!r}"
    print(f"   llama.cpp answers {len(asked)} questions word by word as the window does", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    if reason := runtime.why_not():
        parser.error(reason)
    with desk_of(parser) as (_given, desk):
        play(desk, Mouse(desk))


if __name__ == "__main__":
    main()
