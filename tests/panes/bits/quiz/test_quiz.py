"""The quiz: asked, answered, and worked out."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.shown import forget
from workbench.core.bits.digits import number_words
from workbench.core.bits.quiz import question
from workbench.core.bits.quiz_question import Kind
from workbench.panes.bits.quiz.quiz import QuizView
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.look.theme import Theme


@pytest.fixture
def view(theme: Theme) -> Iterator[QuizView]:
    made = QuizView(theme, BitsModel())
    made.resize(1186, 620)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    yield made
    made.close()
    forget(made)


def go_to(view: QuizView, kind: Kind) -> None:
    while view.asked.kind is not kind:
        view.next()


def answer_in_words(view: QuizView) -> str:
    return number_words(view.asked.format.decode(view.asked.answer).number)


def test_that_a_number_is_typed_and_checked_with_enter(view: QuizView) -> None:
    go_to(view, Kind.DECIMAL)
    assert view.shown.isVisible()
    assert not view.strip.isVisible()
    QTest.keyClicks(view.field, answer_in_words(view).replace("\u2212", "-"))
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert view.verdict is not None
    assert view.verdict.is_right
    assert view.score.score.text() == "1 of 1 right"
    assert view.working.tag.text == "Right"
    assert view.working.steps[0].isVisible()
    before = view.asked
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    assert view.asked != before
    assert view.verdict is None


def test_that_a_wrong_number_is_answered_with_the_right_one(view: QuizView) -> None:
    go_to(view, Kind.NEXT)
    right = answer_in_words(view)
    view.field.setText("12345")
    view.go.click()
    assert view.verdict is not None
    assert not view.verdict.is_right
    assert right in view.working.verdict.text()
    assert view.score.score.text() == "0 of 1 right"
    assert view.field.isReadOnly()


@pytest.mark.parametrize("text", ["", "1e", "0x", "1" * 10_000, "nan(7)", "\N{GRINNING FACE}"])
def test_that_what_is_no_number_is_a_sentence_and_costs_no_point(view: QuizView, text: str) -> None:
    go_to(view, Kind.DECIMAL)
    view.field.setText(text)
    view.go.click()
    assert view.verdict is None
    assert view.problem.isVisible()
    assert view.problem.text()
    assert view.score.score.text() == "0 of 0 right"
    view.field.setText("1")
    view.go.click()
    assert view.verdict is not None
    assert not view.problem.isVisible()


def test_that_bits_are_flipped_to_the_answer(view: QuizView) -> None:
    go_to(view, Kind.FLIP)
    assert view.strip.isVisible()
    assert view.model.rows[0].code == 0
    for bit in range(view.asked.format.bits):
        if view.asked.answer >> bit & 1:
            at = view.strip.cells.boxes[bit].center().toPoint()
            QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=at)
    assert view.model.rows[0].code == view.asked.answer
    view.go.click()
    assert view.verdict is not None
    assert view.verdict.is_right
    assert not view.strip.isEnabled()


def test_that_one_of_two_neighbours_is_chosen_by_a_click(view: QuizView) -> None:
    go_to(view, Kind.NEARER)
    assert not view.go.isVisible()
    right = view.asked.choices.index(view.asked.answer)
    view.choices[1 - right].click()
    assert view.verdict is not None
    assert not view.verdict.is_right
    view.choices[right].click()  # too late
    assert not view.verdict.is_right
    assert view.score.score.text() == "0 of 1 right"
    assert view.go.isVisible()


def test_that_giving_up_shows_the_answer_and_counts(view: QuizView) -> None:
    right = answer_in_words(view)
    view.give_up.click()
    assert view.verdict is not None
    assert right in view.working.verdict.text()
    assert view.score.score.text() == "0 of 1 right"
    assert not view.give_up.isVisible()


def test_that_the_seed_decides_and_starts_again(view: QuizView) -> None:
    view.give_up.click()
    view.score.seed.setValue(42)
    assert view.asked == question(42, 0)
    assert view.score.score.text() == "0 of 0 right"
    view.next()
    assert view.asked == question(42, 1)
    view.score.again.click()
    assert view.asked == question(42, 0)


def test_that_the_value_of_the_page_stays_as_it_is(theme: Theme) -> None:
    model = BitsModel()
    before = model.state()
    made = QuizView(theme, model)
    made.show()
    go_to(made, Kind.FLIP)
    made.model.flip(0, 0)
    made.go.click()
    assert model.state() == before
    made.close()
    forget(made)


def test_that_every_question_is_drawn_in_every_look(view: QuizView, theme: Theme) -> None:
    closed: list[bool] = []
    view.closed.connect(lambda: closed.append(True))
    for choice, projector in (("dark", False), ("light", True), ("light", False)):
        theme.projector = projector
        theme.choose(choice)  # type: ignore[arg-type]
        view.resize(1130, 606)
        for _ in range(4):
            view.next()
            view.give_up.click()
            QApplication.processEvents()
            assert not view.grab().isNull()
            assert view.minimumSizeHint().height() <= 606
    view.score.back.click()
    assert closed
