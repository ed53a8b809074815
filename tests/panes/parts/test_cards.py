"""Cards, tags and messages: what they keep when the theme or their width changes."""

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card, Message, ScopedCard, Tag
from workbench.panes.parts.rule_notice import RuleNotice

pytestmark = pytest.mark.usefixtures("qapp")


def window_of(widget: QWidget, width: int) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.addWidget(widget)
    layout.addStretch(1)
    window.resize(width, 400)
    window.show()
    wait_until(window.isVisible)
    return window


def test_that_a_title_said_again_is_never_shortened_where_there_is_room(theme: Theme) -> None:
    card = Card(theme, "Row")
    window = window_of(card, 600)
    for number in range(1, 60):
        card.title.setText("Row")
        QApplication.processEvents()
        for _ in range(2):
            card.title.setText(f"Row {number}")
            QApplication.processEvents()
            assert card.title.text() == f"Row {number}"
        card.title.resize(card.title.sizeHint().width() - 1, card.title.height())
        assert card.title.text() == f"Row {number}"
    forget(window)


def test_that_a_tag_is_as_wide_as_before_once_the_projector_is_off_again(theme: Theme) -> None:
    tag = Tag(theme, "500 rows, no problems found", "success")
    window = window_of(tag, 800)
    before = tag.width()
    theme.set_projector(True)
    QApplication.processEvents()
    assert tag.width() > before
    theme.set_projector(False)
    QApplication.processEvents()
    assert tag.width() == before
    forget(window)


def test_that_a_card_made_for_the_projector_has_the_margins_of_the_desk_afterwards(theme: Theme) -> None:
    before = Card(theme, "Loss")
    drawn = before.body.contentsMargins()
    theme.set_projector(True)
    made = Card(theme, "Loss")
    assert made.body.contentsMargins() == before.body.contentsMargins() != drawn
    theme.set_projector(False)
    assert made.body.contentsMargins() == before.body.contentsMargins() == drawn


def test_that_a_theme_made_after_the_projector_takes_the_systems_font(qapp: QApplication) -> None:
    first = Theme("light")
    first.apply()
    drawn = first.size("font.body")
    first.set_projector(True)
    assert qapp.font().pixelSize() > drawn
    assert Theme("light").size("font.body") == drawn


@pytest.mark.parametrize("is_apart", [False, True])
def test_that_a_scope_is_shortened_where_the_head_has_no_room_for_it(theme: Theme, is_apart: bool) -> None:
    card = ScopedCard(theme, "Loss", is_apart=is_apart)
    window = window_of(card, 800)
    words = "by step of a short training, with what each of the precisions answers at its end"
    card.scope.set_text(words)
    assert card.scope.text() == words
    window.resize(260, 400)
    wait_until(lambda: card.width() <= 260)
    assert card.scope.text().endswith("…")
    assert card.scope.toolTip() == words
    forget(window)


def test_that_a_message_without_a_body_is_its_head_alone(theme: Theme) -> None:
    message = Message(theme)
    message.say("danger", "It cannot be read.", "It is no file.")
    window = window_of(message, 800)
    assert message.height() <= message.what.height() + message.why.height() + theme.px(26)
    forget(window)


def test_that_the_buttons_of_a_message_go_below_its_words_where_it_is_narrow(theme: Theme) -> None:
    message = Message(theme)
    buttons = [QPushButton(words) for words in ("Try it", "50 more steps", "Open folder")]
    for made in buttons:
        message.add_button(made)
    message.say("success", "Finished after 60 steps.", "Loss 1.91 to 0.01, exact matches 0 to 93 of 100.")
    window = window_of(message, 900)

    def is_below() -> bool:
        words, first = message.why, buttons[0]
        return first.mapTo(window, first.rect().topLeft()).y() >= words.mapTo(window, words.rect().bottomLeft()).y()

    assert not is_below()
    for width, below in ((460, True), (900, False)):
        window.resize(width, 400)
        wait_until(lambda below=below: is_below() is below)  # type: ignore[misc]
    forget(window)


def test_that_a_notice_of_a_broken_rule_is_never_a_window_of_its_own(theme: Theme) -> None:
    store = RecipeStore()
    store.set("lora.enabled", False)
    assert any(problem.path == "lora.enabled" for problem in store.problems)
    notice = RuleNotice(store, theme)
    assert not notice.isVisible()
    window = window_of(notice, 400)
    assert notice.isVisible()
    store.set("lora.enabled", True)
    assert not notice.isVisible()
    forget(window)


def test_that_a_message_can_be_closed(theme: Theme) -> None:
    message = Message(theme)
    message.say("info", "Something happened.")
    message.add_close()
    window = window_of(message, 600)
    message.findChild(QPushButton).click()
    assert message.isHidden()
    forget(window)


def test_that_a_long_title_gives_way_before_the_card_does(theme: Theme) -> None:
    card = Card(theme, "A name without any end " * 6, "its scope")
    card.resize(card.sizeHint())
    card.show()
    assert card.title.text() == card.title.whole
    assert card.minimumSizeHint().width() < card.sizeHint().width() / 2
    card.resize(card.minimumSizeHint().width() + 20, 80)
    QApplication.processEvents()
    assert card.title.text().endswith("…")
    assert card.title.toolTip()
    card.title.setText("Short")
    QApplication.processEvents()
    assert card.title.text() == "Short"
    assert not card.title.toolTip()
