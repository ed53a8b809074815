"""The Train page: every kept run at its end, and one that is alive."""

from typing import TYPE_CHECKING

from camera import spin_until
from kept_runs import JOURNALS, alive, kept_run

if TYPE_CHECKING:
    from camera import Camera

    from workbench.core.job.run_folder import RunFolder

RIGHT_TO_LEFT = "שלום-עולם-" * 10


def take_train(camera: "Camera") -> None:
    """The Train page with every run there is, and with one that is alive."""
    from workbench.core.memory import corrections

    window = camera.window
    names = {"right-to-left": RIGHT_TO_LEFT, "long-names": "a-very-long-name-without-any-end-" * 6}
    for number, folder in enumerate(sorted(path for path in JOURNALS.iterdir() if path.is_dir())):
        run = kept_run(folder.name, f"2026-11-{number + 1:02}-1412-{names.get(folder.name, 'starter-shopping')}")
        corrections.add(run.name, run.history())  # as the engine does at a run's end
        if camera.is_wanted("train", folder.name):
            follow(camera, run)
            camera.take("train", folder.name)
    for state, steps in (("running", 34), ("on-hold", 34), ("first-steps", 2)):
        if camera.is_wanted("train", state):
            with alive(f"2026-11-23-1412-starter-shopping-{state}", steps, is_paused=state == "on-hold") as run:
                follow(camera, run)
                camera.take("train", state)
                window.control.detach()


def follow(camera: "Camera", run: "RunFolder") -> None:
    """Shows a run, and returns once all of it is there."""
    wanted = len(run.history().steps)
    control = camera.window.control
    control.follow(run)
    camera.window.show_page("train")
    spin_until(lambda: len(control.history.steps) >= wanted and (run.is_held() or control.state == "ended"))
