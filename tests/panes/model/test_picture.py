"""The picture of the Model page: what fits, and that it holds in every look and at every width."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from tests.panes.model.pages import CARD, LLAMA_8B, Desk, desk
from tests.panes.shown import PAGE_HEIGHT, in_every_look
from workbench.bridge.gpu_watch import CardStatus
from workbench.panes.look.theme import Theme


@pytest.fixture
def page(cache: Path, theme: Theme) -> Iterator[Desk]:
    with desk(theme) as made:
        yield made


# -- sizes and verdicts ------------------------------------------------------------------------------------------------


def verdicts(page: Desk) -> dict[str, str]:
    return {name: card.facts.verdict for name, card in page.page.shown.cards.cards.items()}


def test_that_a_card_fits_some_precisions_and_not_others(llama_hub: None, page: Desk) -> None:
    page.store.set("model.source", LLAMA_8B)
    page.settle()
    assert set(verdicts(page).values()) == {""}
    page.look_up(LLAMA_8B)
    assert verdicts(page) == {
        "fp32": "too large", "fp16": "too large", "bf16": "too large", "int8": "fits", "nf4": "fits", "fp4": "fits",
    }  # fmt: skip
    assert page.page.shown.cards.cards["nf4"].facts.size_bytes == pytest.approx(5.70e9, rel=0.01)
    assert page.page.form is not None
    assert page.page.form.action_bar.facts.text() == "Llama-3.1-8B in NF4, 5.70 GB on the card"
    assert "12.0 GB free on this card" in page.page.shown.chart.accessibleDescription()


def test_that_the_card_s_free_memory_is_followed_and_ours_counts_as_free(llama_hub: None, page: Desk) -> None:
    page.look_up(LLAMA_8B)
    for used_gb, ours_gb, expected in ((5, 0, "too large"), (2.5, 0, "tight"), (9.5, 9, "fits")):
        used, ours = int(used_gb * 1e9), int(ours_gb * 1e9)
        page.gpu.cards = (CardStatus(CARD.name, 0, used, CARD.total_bytes, 1, 41, ours),)
        page.gpu.changed.emit()
        assert verdicts(page)["int8"] == expected


def test_that_without_a_card_or_on_a_cpu_by_choice_it_is_this_machine_s_memory(llama_hub: None, page: Desk) -> None:
    page.look_up(LLAMA_8B)
    page.store.set("model.device", "cpu")
    assert "free in this machine" in page.page.shown.chart.accessibleDescription()
    assert page.page.shown.place == "in memory"
    page.store.undo()
    assert "free on this card" in page.page.shown.chart.accessibleDescription()
    page.gpu.cards = ()
    page.gpu.changed.emit()
    assert "free in this machine" in page.page.shown.chart.accessibleDescription()


def test_that_the_rest_of_a_quantized_model_is_as_large_as_its_compute_type(page: Desk) -> None:
    small = page.page.shown.chosen_size()
    page.store.set("model.compute_dtype", "fp32")
    assert page.page.shown.chosen_size() > small


def test_that_a_page_out_of_sight_waits_and_is_right_when_it_comes_back(page: Desk) -> None:
    page.page.hide()
    page.store.set("model.precision", "fp4")
    assert page.page.shown.chart.value == "nf4"
    page.page.show()
    assert page.page.shown.chart.value == "fp4"
    assert page.page.shown.cards.cards["fp4"].isChecked()


# -- the look ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_it_can_be_drawn_in_every_look_with_the_rule_and_a_problem(page: Desk) -> None:
    in_every_look(page.theme, page.page)
    page.store.set("lora.enabled", False)
    in_every_look(page.theme, page.page)
    page.store.set_many({"lora.enabled": True, "model.precision": "bf16", "model.compute_dtype": "fp32"})
    in_every_look(page.theme, page.page)


@pytest.mark.slow
def test_that_the_window_keeps_its_size_when_the_projector_goes_on_and_the_rule_is_broken(page: Desk) -> None:
    size = page.frame.size()
    page.theme.set_projector(True)
    page.store.set("lora.enabled", False)
    QApplication.processEvents()
    page.theme.set_projector(False)
    QApplication.processEvents()
    assert page.frame.size() == size


@pytest.mark.parametrize(
    ("width", "has_code", "is_open"), [(1366, True, False), (1920, True, True), (920, False, False)]
)
def test_that_it_takes_the_width_there_is(cache: Path, theme: Theme, width: int, has_code: bool, is_open: bool) -> None:
    with desk(theme) as page:
        page.frame.setMinimumSize(880, 560)  # as the main window's
        page.frame.resize(width, PAGE_HEIGHT)
        QApplication.processEvents()
        assert page.frame.width() == width
        assert page.page.shown.code.isVisible() == has_code
        assert page.page.more.opener.isChecked() == is_open
        cards = [card.geometry() for card in page.page.shown.cards.cards.values()]
        assert all(not one.intersects(other) for one in cards for other in cards if one is not other)
        assert len({box.width() for box in cards}) <= 2, "a pixel that does not divide goes to one of them"


class _Windows(QObject):
    """Notes what comes up as a window."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def test_that_no_part_comes_up_as_a_window_while_it_is_built(cache: Path, theme: Theme, qapp: QApplication) -> None:
    windows = _Windows()
    qapp.installEventFilter(windows)
    try:
        with desk(theme):
            assert windows.seen == ["Frame"]
    finally:
        qapp.removeEventFilter(windows)
