"""The window by keyboard alone: Tab comes everywhere once and in the order of reading, and the focus is seen."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.qt_waits import wait_until
from tests.window.states import every_state, kept_run, open_more, settle, stops
from workbench.panes.data.page import DataPage
from workbench.panes.model.page import ModelPage
from workbench.panes.model.precision_cards import PrecisionCard
from workbench.panes.parts.controls import Segment, Segmented, Switch
from workbench.panes.parts.page import Page
from workbench.panes.try_.talk.ask_card import AskField
from workbench.window.main_window import MainWindow
from workbench.window.navigation import RailButton
from workbench.window.pages import PAGES

Open = Callable[[], MainWindow]
MOST_STOPS = 200


def focused() -> QWidget:
    QApplication.processEvents()
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def round_trip(key: Qt.Key) -> list[QWidget]:
    """What the key comes to, from what has the focus until that has it again."""
    first = focused()
    assert first.isVisible(), in_words([first])
    met = [first]
    while len(met) < MOST_STOPS:
        QTest.keyClick(met[-1], key)
        widget = focused()
        if widget is first:
            return met
        met.append(widget)
    raise AssertionError("Tab never comes back")


def in_words(widgets: list[QWidget]) -> list[str]:
    return [f"{type(widget).__name__} {widget.accessibleName() or widget.toolTip()}" for widget in widgets]


def place(widget: QWidget, inside: QWidget) -> QRect:
    return QRect(widget.mapTo(inside, QPoint(0, 0)), widget.size())


def area(widget: QWidget, window: MainWindow) -> int:
    """Rail, header, form, picture and the status bar, as they are read."""
    page = window.stack.currentWidget()
    assert isinstance(page, Page)
    if window.rail.isAncestorOf(widget):
        return 0
    if page.header.isAncestorOf(widget):
        return 1
    if page.form is not None and page.form.isAncestorOf(widget):
        return 2
    return 3 if page.isAncestorOf(widget) else 4


def assert_is_read_in_order(met: list[QWidget], window: MainWindow) -> None:
    """Area by area; in the rail, the header and the form a control is never above or, in its row, before the last."""
    page = window.stack.currentWidget()
    assert isinstance(page, Page)
    areas = [area(widget, window) for widget in met]
    assert areas == sorted(areas), in_words(met)
    for before, after in pairwise(met):
        if area(before, window) != area(after, window) or area(after, window) > 2:
            continue
        one, other = place(before, window), place(after, window)
        is_below = other.center().y() >= one.center().y() - one.height() // 2
        is_right = other.left() > one.left()
        assert is_below or is_right, in_words([before, after])


def check_round(window: MainWindow, state: str) -> None:
    name = next(name for name, page in window.pages.items() if page is window.stack.currentWidget())
    dialog = QApplication.activeModalWidget()
    first = stops(window)[0] if dialog else window.rail.buttons[name]
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert first.window().isActiveWindow(), state
    met = round_trip(Qt.Key.Key_Tab)
    twice = [widget for index, widget in enumerate(met) if widget in met[:index]]
    missed = [widget for widget in stops(window) if widget not in met]
    assert not twice, (state, in_words(twice))
    assert not missed, (state, in_words(missed))
    if not dialog:
        assert_is_read_in_order(met, window)
    back = round_trip(Qt.Key.Key_Backtab)
    assert in_words(back[:1] + back[:0:-1]) == in_words(met), state


@pytest.mark.parametrize("width", [1366, 1000])
def test_that_tab_comes_to_every_control_once_in_every_state_and_back(open_window: Open, width: int) -> None:
    window = open_window()
    window.resize(width, 738)
    for state in every_state(window):
        if "html" not in state and "newer" not in state:
            check_round(window, state)


def test_that_tab_goes_from_more_to_what_it_opened(open_window: Open) -> None:
    window = open_window()
    window.resize(1366, 738)
    window.show_page("train")
    settle(window)
    form = window.train_page.form
    assert form is not None
    before = len(stops(window))
    open_more(window.train_page)
    assert len(stops(window)) > before + 20
    more = next(
        made
        for made in form.findChildren(QAbstractButton)
        if made.property("kind") == "disclosure" and made.isVisible()
    )
    more.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(more, Qt.Key.Key_Tab)
    assert form.isAncestorOf(focused())
    assert place(focused(), form).top() > place(more, form).top()
    met = round_trip(Qt.Key.Key_Tab)
    visible = form.rect()
    for widget in met:
        if form.isAncestorOf(widget):
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            assert visible.intersects(place(widget, form)), in_words([widget])


def test_that_the_table_of_runs_is_one_stop_and_its_arrows_choose(open_window: Open) -> None:
    window = open_window()
    for name in ("finished", "stopped", "crashed"):
        kept_run(name)
    window.run_list.refresh()
    wait_until(lambda: len(window.run_list.rows) == 3)
    window.show_page("runs")
    settle(window)
    check_round(window, "runs")
    from workbench.panes.runs.listed.table import RunsTable

    table = window.pages["runs"].findChild(RunsTable)
    table.setFocus(Qt.FocusReason.TabFocusReason)
    rows = []
    for _ in range(3):
        rows.append(table.currentIndex().row())
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert rows == [0, 1, 2]
    QTest.keyClick(table, Qt.Key.Key_Return)
    wait_until(lambda: window.stack.currentWidget() is window.pages["train"])


def test_that_arrows_move_in_the_rail_the_cards_and_the_choices(open_window: Open) -> None:
    window = open_window()
    window.resize(1366, 738)
    window.rail.buttons["model"].setFocus(Qt.FocusReason.TabFocusReason)
    names = list(PAGES)
    for name in names[1:]:
        QTest.keyClick(focused(), Qt.Key.Key_Down)
        assert window.stack.currentWidget() is window.pages[name]
        assert focused() is window.rail.buttons[name]
    for name in reversed(names[:-1]):
        QTest.keyClick(focused(), Qt.Key.Key_Up)
        assert window.stack.currentWidget() is window.pages[name]
    settle(window)
    cards = window.pages["model"].findChildren(PrecisionCard)
    chosen = next(card for card in cards if card.isChecked())
    chosen.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(chosen, Qt.Key.Key_Left)
    assert focused() is cards[cards.index(chosen) - 1]
    assert window.store.recipe.model.precision == cards[cards.index(chosen) - 1].format.name
    window.show_page("data")
    settle(window)
    choice = next(made for made in window.pages["data"].findChildren(Segmented) if "Loss on" in made.accessibleName())
    first = choice.button_of(choice.value())
    first.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(first, Qt.Key.Key_Right)
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    assert isinstance(focused(), Segment)
    assert window.store.recipe.data.train_on == choice.value() == "last"


def test_that_space_turns_every_switch(open_window: Open) -> None:
    window = open_window()
    window.resize(1366, 738)
    window.show_page("train")
    settle(window)
    open_more(window.train_page)
    turned = 0
    for switch in window.train_page.findChildren(Switch):
        if switch.isVisible() and switch.isEnabled():
            switch.setFocus(Qt.FocusReason.TabFocusReason)
            was = switch.isChecked()
            QTest.keyClick(switch, Qt.Key.Key_Space)
            assert switch.isChecked() != was
            QTest.keyClick(switch, Qt.Key.Key_Space)
            turned += 1
    assert turned >= 6


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_that_control_enter_trains_from_every_page_but_those_that_have_an_order_of_their_own(
    open_window: Open, key: Qt.Key
) -> None:
    window = open_window()
    window.store.set("data.path", "/no/such/rows.jsonl")  # it is asked for, and refused in a sentence
    window.show_page("try")
    settle(window)
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(focused(), AskField)  # nothing stands there that could be asked
    assert window.stack.currentWidget() is window.pages["try"]
    for name in PAGES:
        if name == "try":
            continue
        window.show_page(name)
        settle(window)
        window.train_page.view.show_refusal(False)
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.stack.currentWidget() is window.train_page
        wait_until(lambda: not window.train_page.view.refusal.isHidden())
    assert window.control.run is None


def test_that_the_focus_is_seen_on_every_kind_of_control(open_window: Open) -> None:
    window = open_window()
    window.resize(1366, 738)
    unseen: set[str] = set()
    seen: set[str] = set()
    for state in every_state(window):
        if "torn" in state:
            break
        for control in stops(window):
            kind = f"{type(control).__name__} {control.property('role') or ''} {control.property('kind') or ''}"
            if kind in seen or (isinstance(control, RailButton) and not control.isChecked()):
                continue
            window.setFocus(Qt.FocusReason.OtherFocusReason)
            control.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            with_focus = control.grab().toImage()
            window.setFocus(Qt.FocusReason.OtherFocusReason)
            control.clearFocus()
            QApplication.processEvents()
            if with_focus == control.grab().toImage():
                unseen.add(kind)
            seen.add(kind)
    assert unseen == set()
    assert len(seen) >= 15


def test_that_the_keyboard_stays_in_the_bar_where_a_button_gives_way_to_another(open_window: Open) -> None:
    window = open_window()
    window.show_page("data")
    settle(window)
    page = window.stack.currentWidget()
    assert isinstance(page, DataPage)
    page.orders.prepare.setFocus()
    page.orders.prepare.hide()
    page.orders.train.show()
    wait_until(lambda: focused() is page.orders.train)
    page.orders.train.setEnabled(False)
    page.orders.cancel.show()
    wait_until(lambda: focused() is page.orders.cancel)


def test_that_the_keyboard_is_on_the_rail_where_a_page_leads_to_another(open_window: Open) -> None:
    window = open_window()
    window.show_page("model")
    settle(window)
    page = window.stack.currentWidget()
    assert isinstance(page, ModelPage)
    wait_until(page.use.isEnabled)
    page.use.setFocus()
    QTest.keyClick(page.use, Qt.Key.Key_Space)
    assert window.values.page == "data"
    assert focused() is window.rail.buttons["data"]
