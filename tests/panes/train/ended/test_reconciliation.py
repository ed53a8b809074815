"""The account at the end of a run: by moment, by line, and what it has taught."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tests.panes.train.pages import Shown, steps, train_page, written
from workbench.core.job.events import Attributed, Ended, Event, Healed, Memory, Milestone, MilestoneName, Predicted
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import corrections
from workbench.core.memory.line_names import LINES
from workbench.core.recipe.recipe import Recipe
from workbench.panes.train.ended.reconciliation import ReconciliationCard

pytestmark = pytest.mark.usefixtures("qapp")
MB = 1_000_000
PREDICTED = Predicted(
    formula=corrections.FORMULA,
    device="cpu",
    card="cpu",
    family="Llama",
    lines=dict(zip(LINES, (50 * MB, 60 * MB, 20 * MB, 20 * MB, 40 * MB, 700 * MB, 150 * MB, 0, 960 * MB), strict=True)),
    after_load_bytes=900 * MB,
    peak_bytes=2000 * MB,
    moment="end of the forward pass",
    sequence_tokens=512,
    micro_batch=1,
    free_bytes=9000 * MB,
)
FOUND = Attributed(
    step=1,
    method="tensors",
    lines=dict(zip(LINES[:5], (50 * MB, 60 * MB, 20 * MB, 20 * MB, 42 * MB), strict=True)),
    rest_bytes=1000 * MB,
    peak_bytes=1192 * MB,
)


def milestone(name: MilestoneName, megabytes: int) -> Milestone:
    return Milestone(name=name, memory=Memory(resident_bytes=megabytes * MB, resident_peak_bytes=megabytes * MB))


def run(*last: Event) -> RunFolder:
    planned, train, *each = steps(3)
    return written(
        Recipe(), milestone("after load", 810), planned, PREDICTED, train, milestone("first optimizer step", 1900),
        FOUND, *each, *(last or (milestone("peak", 2100), Ended(state="finished", step=3))),
    )  # fmt: skip


def account(shown: Shown) -> ReconciliationCard:
    QApplication.processEvents()
    made = shown.page.view.account
    assert made is not None
    return made


@pytest.mark.slow
def test_that_a_finished_run_ends_with_its_account() -> None:
    with train_page(Recipe(), cards=()) as shown:
        shown.follow(run())
        card = account(shown)
        assert card.isVisible()
        assert card.moments.texts() == [
            ("After loading", "900 MB", "810 MB", "\u221290 MB", "\u221210.0\u2009%"),
            ("First full step", "2.00 GB", "1.90 GB", "\u2212100 MB", "\u22125.0\u2009%"),
            ("In training", "2.00 GB", "2.10 GB", "+100 MB", "+5.0\u2009%"),
        ]
        assert card.lines.texts() == [
            ("Weights", "50 MB", "50 MB", "0 bytes", "0.0\u2009%"),
            ("Unquantized", "60 MB", "60 MB", "0 bytes", "0.0\u2009%"),
            ("Adapters", "20 MB", "20 MB", "0 bytes", "0.0\u2009%"),
            ("Gradients", "20 MB", "20 MB", "0 bytes", "0.0\u2009%"),
            ("Optimizer", "40 MB", "42 MB", "+2 MB", "+5.0\u2009%"),
            ("Activations, logits, workspace, overhead", "1.81 GB", "1.91 GB", "+98 MB", "+5.4\u2009%"),
            ("In training", "2.00 GB", "2.10 GB", "+100 MB", "+5.0\u2009%"),
        ]
        message = shown.page.view.ended
        assert message is not None
        assert message.message.why.text().endswith("Memory 2.10 GB, 5\u2009% above the prediction.")


def test_that_it_says_what_was_learned_or_why_nothing_was() -> None:
    with train_page(Recipe(), cards=()) as shown:
        finished = run()
        corrections.add(finished.name, finished.history())
        shown.follow(finished)
        words = "The next prediction for Llama models on this computer counts it in: learned from 1 run: 5 % more."
        assert account(shown).lesson.text() == words
        shown.follow(run(milestone("peak", 2100), Ended(state="stopped", step=3)))
        assert account(shown).lesson.text() == "The next prediction stays as it is. It did not finish."
        corrections.reset()
        shown.follow(finished)
        assert account(shown).lesson.text().endswith("was reset since.")


def test_that_both_tables_can_be_copied_in_bytes() -> None:
    with train_page(Recipe(), cards=()) as shown:
        shown.follow(run())
        account(shown).copy.click()
        rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
        assert rows[0][1:] == ["predicted_bytes", "measured_bytes", "difference_bytes", "difference_percent"]
        assert ["Optimizer", "40000000", "42000000", "2000000", "5.00"] in rows
        assert len(rows) == 1 + 3 + 7


@pytest.mark.slow
def test_that_there_is_none_while_the_run_goes_on_nor_without_a_prediction() -> None:
    with train_page(Recipe(), cards=()) as shown:
        alive = run(milestone("peak", 2000))
        with alive.hold():
            shown.follow(alive)
            QApplication.processEvents()
            assert shown.page.view.account is None
    with train_page(Recipe(), cards=()) as shown:
        shown.follow(written(Recipe(), *steps(3), milestone("peak", 2000), Ended(state="finished", step=3)))
        QApplication.processEvents()
        assert shown.page.view.account is None


@pytest.mark.slow
@pytest.mark.parametrize(("width", "is_wide"), [(1920, True), (1366, True), (720, False)])
def test_that_its_tables_stand_side_by_side_where_there_is_room(width: int, is_wide: bool) -> None:
    with train_page(Recipe(), cards=(), width=width) as shown:
        shown.follow(run())
        card = account(shown)
        assert (card.lines.y() < card.moments.geometry().bottom()) == is_wide
        live = shown.page.view.live
        assert live is not None
        assert not live.geometry().intersects(card.geometry())
        parts = [part for part in (live.milestones, live.samples, live.memory_card) if part.isVisible()]
        for part in parts:
            assert part.height() >= part.minimumSizeHint().height(), part.accessibleName()
        # In a wide window the moments stand in the account alone.
        assert live.milestones.isVisible() == (width < 1900)


def test_that_smaller_batches_are_said_beside_the_memory_and_at_the_end() -> None:
    healed = Healed(step=2, micro_batch=1, accumulation=4, why="out of memory")
    with train_page(Recipe(), cards=()) as shown:
        shown.follow(run(healed, milestone("peak", 2100), Ended(state="finished", step=3)))
        QApplication.processEvents()
        live, ended = shown.page.view.live, shown.page.view.ended
        assert live is not None
        assert ended is not None
        assert live.memory_card.tag.text == "1 at once since step 2"
        assert "4 batches a step" in live.memory_card.tag.toolTip()
        assert "Memory ran out after step 2; it went on with 1 sequence at once" in ended.message.why.text()
        assert account(shown).lesson.text().endswith("it went on with other settings.")
