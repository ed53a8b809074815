"""Answers side by side: by prompt, by moment, with a verdict, whatever text they are."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.panes.train.lives import BASE, PROMPTS, run_events, scored
from tests.qt_waits import wait_until
from workbench.core.job.events import Event, Sample, Scored
from workbench.core.job.history import History
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.sample_book import SampleBook, Stage, scores_in_words, verdict
from workbench.panes.train.live.samples import SamplesCard


@pytest.fixture
def card(qapp: QApplication) -> Iterator[SamplesCard]:
    theme = Theme("light")
    theme.apply()
    made = SamplesCard(theme)
    made.resize(854, 124)
    made.show()
    QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def shown_chips(card: SamplesCard) -> list[str]:
    return [chip.text() for chip in card.chips if not chip.isHidden()]


def test_that_before_any_answer_a_sentence_says_when_there_will_be_some(card: SamplesCard) -> None:
    card.refresh(History())
    assert not card.quiet.isHidden()
    assert shown_chips(card) == []
    assert card.before.isHidden()


def test_that_the_newest_answers_stand_beside_those_of_the_base_model(card: SamplesCard) -> None:
    card.refresh(History(run_events(84)))
    card.turn(2)
    block = card.blocks[0]
    assert card.title.text() == "Sample 3 of 5"
    assert block.prompt.text.toPlainText() == PROMPTS[2][0]
    assert block.base.text.toPlainText() == BASE
    assert (block.base.tag.text, block.tuned.tag.text) == ("not JSON", "matches")
    assert block.tuned.text.toPlainText() == PROMPTS[2][1]
    assert shown_chips(card) == ["0  0/5", "20  1/5", "40  3/5", "60  3/5", "step 80  4/5"]


def test_that_an_answer_is_not_written_in_the_colour_of_the_quiet_word_before_it(card: SamplesCard) -> None:
    text = card.blocks[0].tuned.text
    card.refresh(History(run_events(4)))
    assert text.toPlainText() == "Not trained yet."
    card.refresh(History(run_events(24)))
    assert text.toPlainText() != "Not trained yet."
    shade = text.document().begin().begin().fragment().charFormat().foreground()
    assert shade.style() == Qt.BrushStyle.NoBrush


def test_that_a_wrong_answer_is_shown_with_the_right_one(card: SamplesCard) -> None:
    card.refresh(History(run_events(84)))
    card.turn(4)
    block = card.blocks[0]
    assert block.tuned.tag.text == "differs"
    assert f"Expected: {PROMPTS[4][1]}" in block.prompt.text.toPlainText()


def test_that_a_chosen_moment_stays_while_newer_answers_come(card: SamplesCard) -> None:
    history = History(run_events(44))
    card.refresh(history)
    card.chips[1].click()
    assert card.chips[1].text().startswith("step 20")
    history.add([Sample(step=60, when="during", prompt=PROMPTS[0][0], answer="x", expected=PROMPTS[0][1])])
    card.refresh(history)
    assert card.chips[1].text().startswith("step 20")
    card.choose(Stage(60, False))
    history.add([Sample(step=80, when="during", prompt=PROMPTS[0][0], answer="y", expected=PROMPTS[0][1])])
    card.refresh(history)
    assert shown_chips(card)[-1].startswith("step 80")


def test_that_before_training_the_tuned_column_says_so(card: SamplesCard) -> None:
    card.refresh(History(run_events(84)))
    card.choose(Stage(0, False))
    assert card.blocks[0].tuned.text.toPlainText() == "Not trained yet."
    assert card.blocks[0].tuned.tag.isHidden()


def test_that_arrows_stop_at_both_ends_and_reach_the_rows_that_were_counted(card: SamplesCard) -> None:
    card.refresh(History([*run_events(84), *scored()]))
    assert not card.before.isEnabled()
    for _ in range(5):
        card.after.click()
    wait_until(lambda: card.title.text() == "Held-out row 1 of 100")  # laid out, and not shortened
    assert shown_chips(card) == ["0  3/100", "after  97/100"]
    card.turn(1000)
    wait_until(lambda: card.title.text() == "Held-out row 100 of 100")  # laid out, and not shortened
    assert not card.after.isEnabled()
    assert card.scores.whole.startswith("Exact match 3 of 100 before, 97 of 100 after.")
    assert "bakery 1 of 50, then 48 of 50" in card.scores.whole


def test_that_html_right_to_left_and_long_texts_are_shown_as_they_are(card: SamplesCard) -> None:
    texts = ["<b>bold</b><img src=x>", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "x" * 200, "", "a\nb\tc"]
    events: list[Event] = [Sample(step=0, when="before", prompt=text or "?", answer=text) for text in texts]
    events += [Sample(step=9, when="after", prompt=text or "?", answer=text[::-1]) for text in texts]
    card.refresh(History(events))
    for place, text in enumerate(texts):
        assert card.place == place
        assert card.blocks[0].base.text.toPlainText() == (text or "An empty answer.")
        assert card.blocks[0].base.tag.isHidden()
        card.turn(1)
    card.resize(300, 124)
    QApplication.processEvents()
    assert card.minimumSizeHint().width() <= 420


def test_that_a_very_long_answer_is_told_as_cut(card: SamplesCard) -> None:
    card.refresh(History([Sample(step=0, when="before", prompt="p", answer="y" * 90_000)]))
    text = card.blocks[0].base.text.toPlainText()
    assert len(text) < 30_000
    assert text.endswith("(90000 characters)")


def test_that_many_moments_leave_room_and_stay_reachable(card: SamplesCard) -> None:
    events = [Sample(step=0, when="before", prompt="p", answer="a", expected="b")]
    events += [Sample(step=n, when="during", prompt="p", answer="a", expected="b") for n in range(10, 1000, 10)]
    card.refresh(History(list(events)))
    texts = shown_chips(card)
    assert texts[0] == "…"
    assert texts[-1] == "step 990  0/1"
    assert sum(chip.width() for chip in card.chips if not chip.isHidden()) < card.width()
    card.choose(Stage(10, False))
    assert any(text.startswith("step 10") for text in shown_chips(card))


def test_that_a_narrow_column_stacks_the_texts(card: SamplesCard) -> None:
    card.refresh(History(run_events(84)))
    card.set_stacked(True)
    card.resize(392, 500)
    QApplication.processEvents()
    first, second = card.blocks
    assert not second.isHidden()
    assert first.base.geometry().top() > first.prompt.geometry().top()
    assert first.tuned.geometry().left() == first.base.geometry().left()


def test_that_the_same_prompt_asked_twice_stays_two_samples() -> None:
    samples = [Sample(step=0, when="before", prompt="p", answer=answer) for answer in ("a", "b")]
    samples += [Sample(step=5, when="after", prompt="p", answer=answer) for answer in ("c", "d")]
    book = SampleBook(samples)
    assert [list(asked.answers.values()) for asked in book.asked] == [["a", "c"], ["b", "d"]]
    assert book.stages == [Stage(0, False), Stage(5, True)]


def test_that_verdicts_compare_exactly() -> None:
    assert verdict("anything", None)[0] == ""
    assert verdict(" yes\n", "yes")[0] == "matches"
    assert verdict("no", "yes")[0] == "differs"
    assert verdict("{", '{"a": 1}')[0] == "not JSON"
    assert verdict('{"a": 2}', '{"a": 1}')[0] == "differs"
    assert verdict("[" * 100_000, '{"a": 1}')[0] == "not JSON"


def test_that_scores_are_told_as_far_as_they_are_known() -> None:
    assert scores_in_words([]) == ("", "")
    before = Scored(step=0, when="before", rows=100, right=3)
    assert scores_in_words([before]) == ("Exact match 3 of 100 before", "")
