"""Tokens and Strength with a run and the real engine: asked, looked at, measured, the best used in Talk."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.core.job.chat_kinds import QuestionRefused, SideFacts
from workbench.core.job.run_folder import RunFolder
from workbench.panes.try_.page import TryPage
from workbench.panes.try_.strength.view import StrengthView
from workbench.panes.try_.talk.view import TalkView
from workbench.panes.try_.tokens.form import TYPED
from workbench.panes.try_.tokens.view import TokensView


def test_that_an_answer_is_looked_at_and_strengths_are_measured(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        page.show_view("tokens")
        view = page.view
        assert isinstance(view, TokensView)
        view.on_page.runs.refresh()
        wait_until(lambda: view.choices.held_out)
        assert view.prompt.field.text() == "What is 0 and 0?"
        assert view.prompt.fact.text() == "from the held-out rows"
        view.choices.set(max_tokens=6, temperature=0.0)
        view.ask.click()
        assert view.is_busy
        assert view.stop.isVisible()
        wait_until(lambda: not view.is_busy)
        assert not view.notice.isVisible(), view.notice.what.text()
        base, tuned = view.picture.cards
        assert (base.title.text(), tuned.title.text()) == ("The base model", run.name)
        assert base.flow.tokens is not None
        assert tuned.flow.tokens is not None
        assert [token.id for token in base.flow.tokens.scored.tokens] == [
            token.likeliest[0].id for token in tuned.flow.tokens.scored.tokens
        ], "the tuned side has given the answer greedily"
        view.fields.whose.button_of(TYPED).click()
        view.fields.typed.show_text("It is 0.")
        QTest.keyClick(view.fields.typed, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        view.start()
        wait_until(lambda: not view.is_busy)
        assert [len(event.tokens) for event in view.scored] == [10, 10], "with the end and what the template adds"

        page.show_view("talk")
        talk = page.view
        assert isinstance(talk, TalkView)
        talk.foot.set_text("Hello")
        talk.ask()
        wait_until(lambda: not talk.conversation.is_busy)
        said = talk.conversation.exchanges[-1].said["base"]
        talk.card.shown[-1][1].blocks["base"].look.click()
        assert page.choice.value() == "tokens"
        wait_until(lambda: not view.is_busy)
        assert [token.id for token in view.scored[0].tokens] == said.ids
        assert view.prompt.field.text() == "Hello"
        view.chat.sides = [SideFacts(side="tuned", title="another"), SideFacts(side="base", title="base")]
        view.refresh()
        assert view.picture.cards[1].title.text() == run.name, "what one has said is never told as another's"

        page.show_view("strength")
        strength = page.view
        assert isinstance(strength, StrengthView)
        strength.fields.points.setValue(2)
        strength.fields.field.show_text("0, 0.5, 1")
        strength.refresh()
        assert strength.ask.text() == "Answer at 3 strengths"
        assert strength.act()
        wait_until(lambda: not strength.is_busy)
        assert [entry.stage for entry in strength.answers] == ["done"] * 3
        assert [entry.answered.strength for entry in strength.answers if entry.answered] == [0.0, 0.5, 1.0]
        assert sorted(event.strength for event in strength.found) == [0.0, 0.5, 1.0]
        assert all(entry.figure()[1] == "perplexity" for entry in strength.answers)
        strength.fields.field.show_text("0, 1")
        strength.start()
        wait_until(lambda: not strength.is_busy)
        assert len(strength.asked) == 2, "the curve is there already"
        assert "| 0.5 |" in strength.markdown()
        assert strength.answers_card.scope.whole.startswith("marked")
        checkpoint = strength.choices.known.checkpoints[1].name if strength.choices.known is not None else ""
        strength.choices.choose(checkpoint, ("base",))
        wait_until(lambda: strength.choices.known is not None)
        assert strength.answers_card.scope.whole.startswith(f"of {run.name}, marked")
        assert not strength.use_best.isVisible()
        strength.choices.choose(str(run.path), ("base",))
        wait_until(lambda: strength.choices.known is not None)
        best = min(strength.found, key=lambda event: event.loss or 0).strength
        strength.use_best.click()
        assert page.choice.value() == "talk"
        assert strength.choices.settings.strength == best


@pytest.mark.parametrize("view", ["tokens", "strength"])
def test_that_what_is_missing_is_said(page: TryPage, view: str) -> None:
    with shown(page):
        page.show_view(view)
        shown_view = page.view
        assert isinstance(shown_view, TokensView | StrengthView)
        shown_view.on_page.runs.refresh()
        wait_until(lambda: shown_view.choices.held_out)
        shown_view.prompt.field.setFocus()
        shown_view.prompt.field.show_text("")
        shown_view.start()
        assert shown_view.notice.what.text() == "Write a prompt."
        assert not shown_view.is_busy
        shown_view.prompt.another.click()
        assert shown_view.prompt.asking() in shown_view.choices.held_out
        if isinstance(shown_view, StrengthView):
            shown_view.fields.field.show_text("0, 3")
            shown_view.fields.refresh()
            shown_view.refresh()
            assert "from 0 to 1.5" in shown_view.fields.problem.text()
            assert not shown_view.ask.isEnabled()
            shown_view.fields.field.show_text(shown_view.fields.strengths)
            shown_view.fields.beyond.setChecked(True)
            assert shown_view.fields.field.text() == "0, 0.375, 0.75, 1.125, 1.5"
            refused = QuestionRefused(number=5, side="tuned", prompt="", what="Run mine held no rows out.")
            shown_view.asked = [5]
            shown_view.notice.hide()
            shown_view.chat.advanced.emit([refused])
            assert shown_view.curve.notice == "Run mine held no rows out."
            assert not shown_view.notice.isVisible()
