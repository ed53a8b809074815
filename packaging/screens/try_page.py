"""The Try page: nothing to talk to yet, a run with its base beside it, memory that was not enough, an evaluation."""

from typing import TYPE_CHECKING

from kept_runs import kept_run

if TYPE_CHECKING:
    from camera import Camera

    from workbench.core.job.chat_kinds import Answered
    from workbench.core.job.run_folder import RunFolder
    from workbench.panes.try_.page import TryPage
    from workbench.panes.try_.talk.view import TalkView

RUN = "2026-11-25-0915-starter-shopping"
BASE_SAYS = (
    "There are several possible reasons:\n\n1. **Worn chain**: over time it stretches and no longer meshes.\n"
    "2. **Worn cassette** or chainrings.\n3. A derailleur that is poorly adjusted, `limit screws` first.\n\n"
    "I recommend taking your bike to a professional mechanic."
)
TUNED_SAYS = (
    "Most likely chain and cassette are worn, and they are changed together. With parts that is 68 to 95 euros and "
    "takes a day. Come by without an appointment."
)
QUESTIONS = (
    ("My chain slips when I pedal hard uphill. What could it be, and what would it cost?", BASE_SAYS, TUNED_SAYS),
    (
        "Could I have it back before Saturday?",
        "I\u2019m sorry, but I don\u2019t have access to the schedule of a repair shop. It would be best to contact",
        "Yes, if it is here by Thursday noon.",
    ),
)


def take_nothing_to_try(camera: "Camera") -> None:
    """Before there is a run."""
    if camera.is_wanted("try", "empty"):
        camera.take("try", "empty")


def take_try(camera: "Camera") -> None:
    """Every other state that is wanted."""
    from camera import rest, spin_until

    from tests.fakes import save_tiny_adapter
    from workbench.core.problems import UserError
    from workbench.panes.try_.evaluation.view import EvaluationView
    from workbench.panes.try_.page import TryPage
    from workbench.panes.try_.talk.view import TalkView

    if not camera.is_wanted("try", "talk talk-memory evaluation evaluation-empty"):
        return
    window = camera.window
    run = kept_run("finished", RUN)
    save_tiny_adapter(run.path, run.adapter)  # nobody loads it
    window.run_list.refresh()
    window.show_page("try")
    page = window.pages["try"]
    assert isinstance(page, TryPage)
    page.show_view("talk")
    view = page.view
    assert isinstance(view, TalkView)
    spin_until(lambda: view.choices.known is not None)
    talk(view, page)
    if camera.is_wanted("try", "talk"):
        camera.take("try", "talk")
    if camera.is_wanted("try", "talk-memory"):
        error = UserError(
            "The memory was not enough for this answer.",
            why="CUDA out of memory. Tried to allocate 2.00 GiB.",
            remedy="Shorten the conversation or the answer.",
        )
        view.trouble.say_trouble(error, sides=2, longest=256, runs=False, may_retry=False)
        rest(0.1)
        camera.take("try", "talk-memory")
        view.trouble.hide()
    if camera.is_wanted("try", "evaluation-empty"):
        page.show_view("evaluation")
        rest(0.2)
        camera.take("try", "evaluation-empty")
    if camera.is_wanted("try", "evaluation"):
        evaluate(run)
        page.show_view("evaluation")
        measured = page.view
        assert isinstance(measured, EvaluationView)
        measured.look_again()
        spin_until(lambda: bool(measured.kept))
        measured.table.setCurrentIndex(measured.table.figures.index(2, 0))
        rest(0.1)
        camera.take("try", "evaluation")


def evaluate(run: "RunFolder") -> None:
    """Keeps an evaluation with the run, as lm-eval would have found it."""
    from datetime import datetime

    from workbench.core.evaluation import paired
    from workbench.core.evaluation.kept import Evaluation, keep
    from workbench.core.job.evaluation_kinds import Comparison, Measured, SideMeasured, TaskMeasured

    def task(
        name: str, metric: str, figures: tuple[float, float], apart: tuple[float, ...], rows: int, by: Comparison
    ) -> TaskMeasured:
        sides = [
            SideMeasured(
                side=side,
                title=side,
                base_hash="5f" * 32,
                adapter_sha256="a7" * 32 if side == "tuned" else "",
                strength=1.0 if side == "tuned" else 0.0,
                figure=Measured(value=figure),
            )
            for side, figure in zip(("base", "tuned"), figures, strict=True)
        ]
        between = Measured(value=apart[0], low=apart[1], high=apart[2])
        return TaskMeasured(
            task=name,
            metric=metric,
            higher_is_better=by == "difference",
            settings="likeliest tokens, at most 40, by the run's template",
            rows=rows,
            sides=sides,
            comparison=by,
            apart=between,
        )

    def counted(name: str, metric: str, rows: int, base: int, tuned: int, both: int) -> TaskMeasured:
        first = [True] * base + [False] * (rows - base)
        second = (
            [True] * both + [False] * (base - both) + [True] * (tuned - both) + [False] * (rows - base - tuned + both)
        )
        found = paired.difference_of_shares(first, second)
        return task(name, metric, (base / rows, tuned / rows), found, rows, "difference")

    tasks = [
        counted("held-out, exact match", "exact match", 100, 0, 98, 0),
        task("held-out, perplexity", "perplexity", (10.42, 1.006), (0.0966, 0.0767, 0.1164), 100, "ratio"),
        counted("shop questions, accuracy", "accuracy", 40, 22, 26, 19),
        counted("arc_easy", "accuracy", 570, 312, 286, 270),
        counted("arc_easy", "accuracy by length", 570, 290, 281, 262),
    ]
    made = datetime(2026, 11, 25, 9, 40).astimezone()
    kept = Evaluation(
        title=run.name, made_at=made, base_hash="5f" * 32, adapter_sha256="a7" * 32, limit=0,
        versions={"lm-eval": "0.4.13"}, tasks=tasks,
    )  # fmt: skip
    keep(run, "2026-11-25-0940-evaluate", kept, [])


def talk(view: "TalkView", page: "TryPage") -> None:
    """Puts a conversation into the view, as it stands when it is over."""
    from workbench.core.job.question import Asking
    from workbench.panes.try_.talk.conversation import Exchange, Said

    model = page.choices.model
    for number, (question, base, tuned) in enumerate(QUESTIONS, 1):
        said = {model: Said(model, "Tuned", "tuned"), "base": Said("base", "Base", "base")}
        for name, text in ((model, tuned), ("base", base)):
            entry = said[name]
            entry.stage, entry.text, entry.ids = "done", text, list(range(len(text) // 4))
            entry.answers.append(answer(number, entry.text, entry.ids, is_tuned=name == model))
        view.conversation.exchanges.append(Exchange(Asking(text=question), page.choices.settings, said))
    view.conversation.changed.emit(None)


def answer(number: int, text: str, ids: list[int], *, is_tuned: bool) -> "Answered":
    from workbench.core.job.chat_kinds import Answered

    seconds = len(ids) / (53.1 if is_tuned else 57.4)
    return Answered(
        number=number,
        side="tuned" if is_tuned else "base",
        prompt="",
        text=text,
        ids=ids,
        finish="length" if text.endswith("contact") else "end",
        seconds=seconds + 0.12,
        first_token_seconds=0.12,
        peak_bytes=2_140_000_000,
        base_hash="b" * 64,
        adapter_sha256="a" * 64 if is_tuned else "",
        strength=1.0 if is_tuned else 0.0,
    )
