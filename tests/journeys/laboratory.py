"""The five views of Quantize used as a person would: `python -m tests.journeys.laboratory [--keyboard]`.

In a real window under Xvfb, with the starter, which lies in the folder named by `--models`.
"""

import argparse
from pathlib import Path

from tests.journeys.by_keyboard import Keyboard
from tests.journeys.by_mouse import Mouse
from tests.journeys.desk import Desk, desk_of
from tests.journeys.story import Player, sees
from workbench.core import places
from workbench.core.job.run_folder import RunFolder, RunState, listed

STUDY_SECONDS = 300.0


def play(desk: Desk, player: Player, home: Path) -> None:
    """Every study is started by its button; whether it went well is read in its folder."""
    desk.open_window()
    player.go_to("Quantize")
    desk.see("Numbers")
    desk.picture("hand")
    player.choose("View: A layer")
    desk.see("Filter tensors|Tensors")
    desk.rest(2)
    desk.picture("layer")

    player.choose("View: Whole model")
    player.press(r"Quantize \d+ matrices")
    finished(desk, home, "layers")
    assert sees(desk, "embed_tokens"), "the matrix that loses most is not in sight"
    desk.picture("whole")

    player.choose("View: Outliers")
    player.press("Read the text")
    finished(desk, home, "outliers")
    assert sees(desk, "LLM.int8()"), "the error of the product is not in sight"
    desk.picture("outliers")

    player.choose("View: Race")
    player.press(r"Race \d precisions")
    desk.wait(lambda: any(study_findings(home, "measure")), "the first precision", STUDY_SECONDS)
    desk.picture("race")
    player.press("Cancel")
    desk.wait(lambda: not studies(home, "measure"), "nothing to be left of the race")
    desk.picture("race-cancelled")
    player.close_window()
    desk.wait_for_the_end_of_the_window()
    assert not desk.said(), f"the window printed: {desk.said()}"


def studies(home: Path, kind: str) -> list[RunFolder]:
    return [run for run in listed(home / places.studies().name) if run.kind() == kind]


def study_findings(home: Path, kind: str) -> list[object]:
    return [finding for run in studies(home, kind) for finding in run.history().findings]


def finished(desk: Desk, home: Path, kind: str) -> None:
    desk.wait(lambda: bool(studies(home, kind)), f"a study of {kind}")
    run = studies(home, kind)[0]
    desk.wait(lambda: not run.state().is_alive, f"the end of {kind}", STUDY_SECONDS)
    assert run.state() is RunState.FINISHED, run.console.read_text()
    desk.rest(2)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keyboard", action="store_true", help="without the mouse")
    with desk_of(parser) as (given, desk):
        play(desk, Keyboard(desk) if given.keyboard else Mouse(desk), desk.home)
        print("All five views were used.")


if __name__ == "__main__":
    main()
