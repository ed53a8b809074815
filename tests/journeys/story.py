"""What a journey is: a model chosen, rows looked at, a run started, left, found again, and read to its end."""

import argparse
from typing import Protocol

from tests.journeys.desk import Desk, desk_of
from workbench.core.job.run_folder import RunFolder, RunState

PREPARE = r"Prepare [\d\s]+ rows"
PREPARE_SECONDS = 120.0
# Fetching and loading the starter, and scoring it, on two slow cores.
BEGIN_SECONDS = 600.0
RUN_SECONDS = 1800.0


class Player(Protocol):
    """One way to use the window: by mouse, by keyboard."""

    def go_to(self, page: str) -> None: ...
    def press(self, name: str) -> None: ...
    def choose(self, name: str) -> None: ...
    def write(self, field: str, text: str) -> None: ...
    def pick(self, box: str, choice: str) -> None: ...
    def close_window(self) -> None: ...


def play(desk: Desk, player: Player, *, steps: int) -> RunFolder:
    """Plays it to its end; whether it went well is read in the run's folder."""
    desk.open_window()
    desk.see("Use this model")
    desk.picture("model")
    player.press("Use this model")
    desk.see(PREPARE, role="push button")
    desk.picture("data")
    player.press(PREPARE)
    desk.see("Train", role="push button", seconds=PREPARE_SECONDS)
    desk.picture("data-prepared")
    player.press("Train")
    desk.see(r"Train \d+ steps")
    if steps:
        player.write("Steps", str(steps))
    desk.picture("train-forecast")
    player.press(rf"Train {steps or 60} steps")

    desk.wait(lambda: len(desk.runs()) == 1, "a run folder")
    run = desk.runs()[0]
    desk.see("Pause")
    desk.picture("train-begins")
    desk.wait(lambda: run.history().step >= 1, "the first step", BEGIN_SECONDS)
    planned = run.history().total_steps
    assert not steps or planned == steps, f"{planned} steps were planned, {steps} asked for"
    desk.picture("train-first-steps")
    desk.wait(lambda: run.history().step >= planned // 2, "half of the run", RUN_SECONDS)
    desk.picture("train-half-way")

    player.close_window()
    desk.see("Keep it running|Keep running")
    desk.picture("close-question")
    player.press("Keep it running|Keep running")
    desk.wait_for_the_end_of_the_window()
    left_at = run.history().step
    assert run.state().is_alive, f"closing the window ended the run: {run.state()}"
    print(f"   the window is closed at step {left_at}, the run goes on", flush=True)

    desk.open_window()
    player.go_to("Train")
    desk.rest(2)
    desk.picture("train-found-again")
    assert [found.path for found in desk.runs()] == [run.path], "a second run was made"
    desk.wait(lambda: not run.state().is_alive, "the end of the run", RUN_SECONDS)
    desk.rest(2)
    desk.picture("train-finished")
    history = run.history()
    answer = next(sample.answer for sample in history.samples if sample.when == "after" and not sample.is_scored)
    assert sees(desk, answer.strip().splitlines()[0][:24]), f"no sample in sight begins with {answer[:24]!r}"
    assert sees(desk, "the prediction"), "nothing in sight lays the memory beside its prediction"
    player.go_to("Runs")
    desk.rest(2)
    desk.picture("runs")
    assert sees(desk, run.name) or sees(desk, "finished"), "the run is not in the list"

    assert run.state() == RunState.FINISHED, run.state()
    assert [step.step for step in history.steps] == list(range(1, planned + 1)), "steps are missing"
    assert history.started is not None
    assert history.started.attempt == 1, "the engine was started twice"
    assert (run.adapter / "adapter_model.safetensors").is_file(), "there is no adapter"
    player.close_window()
    desk.wait_for_the_end_of_the_window()
    assert not desk.said(), f"the window printed: {desk.said()}"
    return run


def sees(desk: Desk, text: str) -> bool:
    """Whether anything in sight has this text in it."""
    return any(text in control.name or text in control.text for control in desk.controls())


def main(player: type, words: str | None) -> None:
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--steps", type=int, default=0, help="set in the form; 0 leaves what the starter has")
    with desk_of(parser) as (given, desk):
        run = play(desk, player(desk), steps=given.steps)
        ended = run.history().ended
        assert ended is not None
        print(f"{run.name}: {ended.state} after {ended.step} steps.")
