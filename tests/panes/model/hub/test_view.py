"""The Hub's view as a person uses it, with a Hub of this machine, the real client and real downloads."""

import json
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from tests.fetches import held_fetch, keep_model
from tests.hub_shelf import Shelf, Shelved
from tests.keyrings import LockedKeyring, MemoryKeyring
from tests.panes.model.hub.conftest import SMALL, of_config
from tests.panes.model.hub.desks import HubDesk, hub_desk
from tests.panes.model.pages import CARD
from tests.panes.shown import in_every_look
from tests.qt_waits import wait_until
from tests.window.clipping import clipped
from workbench.bridge.gpu_watch import CardStatus
from workbench.core.hub import cache
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import ledger
from workbench.core.memory.scenarios import FOUR_WAYS
from workbench.core.recipe.recipe import Recipe
from workbench.core.units import bytes_in_digits
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.finder import Query
from workbench.panes.model.hub.kept import DeleteQuestion

TOKEN = "hf_granted"
TINY_CARD = CardStatus("a small card", 0, 0, 1_000, 1, 41, 0)


class Browser(QObject):
    """Takes the addresses that would be opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, address: QUrl) -> None:
        self.opened.append(address.toString())


@pytest.fixture
def browser(qapp: QApplication) -> Iterator[Browser]:
    made = Browser()
    for scheme in ("http", "https"):
        QDesktopServices.setUrlHandler(scheme, made, "open")
    yield made
    for scheme in ("http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)


def focus_in(desk: HubDesk) -> None:
    desk.desk.frame.activateWindow()
    wait_until(desk.desk.frame.isActiveWindow)


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_that_the_view_lies_over_the_precisions_and_esc_goes_back(desk: HubDesk) -> None:
    page, form = desk.page, desk.page.form
    assert page.manage.isChecked()
    assert desk.hub.picture.isVisible()
    assert not page.shown.cards.isVisible()
    assert form is desk.hub.form
    assert form.kind.value() == "hub"
    focus_in(desk)
    QTest.keyClick(form.search, Qt.Key.Key_Escape)
    assert not page.manage.isChecked()
    assert page.shown.cards.isVisible()
    assert page.source.isVisible()


def test_that_the_rows_say_what_the_hub_says(desk: HubDesk, shelf: Shelf) -> None:
    assert desk.ids == ["org/small", "org/large", "other/gated", "org/pickles", "org/unknown"]
    assert [row.access for row in desk.rows] == ["open", "open", "ask first", "open", "open"]
    assert desk.row("org/pickles").verdict == "only pickles: not loaded"
    assert desk.row("org/pickles").licence_words == "unknown"
    assert desk.row("other/gated").licence == "Llama 3.1"
    assert desk.row("other/gated").verdict == "config behind its terms"
    assert desk.row("org/unknown").verdict == "config says too little"
    assert desk.row("org/small").download_bytes == sum(map(len, shelf.models["org/small"].files.values()))
    assert desk.hub.picture.found.scope.whole.startswith("5 found; memory is the peak of a QLoRA step at ")


def test_that_the_memory_is_the_ledgers_for_the_recipes_own_length_and_rank(desk: HubDesk) -> None:
    store = desk.desk.store

    def predicted() -> int:
        shape = desk.hub.finder.details["org/large"].shape
        assert shape is not None
        return ledger.predict(shape, FOUR_WAYS[-1].recipe(store.recipe), device="cuda").peak_bytes

    row = desk.row("org/large")
    assert row.peak is not None
    assert (row.peak.total, row.limit_bytes) == (predicted(), CARD.total_bytes - CARD.used_bytes)
    store.set("lora.rank", 256)
    store.set("training.max_length", 2048)
    desk.settle()
    changed = desk.row("org/large").peak
    assert changed is not None
    assert changed.total == predicted() > row.peak.total
    assert "at 2 048 tokens" in desk.hub.picture.found.scope.whole


def test_that_without_a_card_it_is_held_against_this_machine_and_said_so(theme: Theme, shelf: Shelf) -> None:
    with hub_desk(theme, card=None) as desk:
        assert desk.hub.picture.found.scope.whole.endswith("against this machine\u2019s: there is no card")
        assert desk.hub.form.fits_label.text() == "Fit here"
        assert desk.row("org/small").limit_bytes > 10**8


def test_that_filters_leave_rows_out_and_the_counts_say_so(theme: Theme, shelf: Shelf) -> None:
    with hub_desk(theme) as desk:
        desk.hub.form.is_open.click()
        desk.settle()
        assert "other/gated" not in desk.ids
        assert desk.hub.form.only.fact.text() == "4 of 5"
        desk.hub.form.fits.click()
        desk.settle()
        assert desk.ids == ["org/small", "org/large"]
        assert desk.hub.form.of_fitting.text() == "in NF4: 2 of 2 read"
        desk.desk.gpu.cards = (TINY_CARD,)
        desk.desk.gpu.changed.emit()
        desk.settle()
        assert desk.ids == []
        assert "passes the filters" in desk.hub.picture.table.empty_words


def test_that_licence_and_order_are_asked_of_the_hub(desk: HubDesk) -> None:
    licence, order = desk.hub.form.licence, desk.hub.form.order
    licence.setCurrentIndex(licence.findData("llama3.1"))
    licence.activated.emit(licence.currentIndex())
    order.setCurrentIndex(order.findData("size"))
    order.activated.emit(order.currentIndex())
    desk.settle()
    assert desk.hub.finder.query == Query("", "llama3.1", "size")
    assert desk.ids == ["other/gated"]


def test_that_every_order_that_can_be_chosen_is_one_that_the_hub_is_asked_for(desk: HubDesk) -> None:
    order = desk.hub.form.order
    found = {}
    for row in range(order.count()):
        order.setCurrentIndex(row)
        order.activated.emit(row)
        desk.settle()
        assert desk.hub.finder.error is None
        found[order.itemText(row)] = desk.ids
    assert found["Most downloaded"] == ["org/small", "org/large", "other/gated", "org/pickles", "org/unknown"]
    sizes = [desk.row(name).download_bytes for name in found["Smallest first"]]
    assert found["Smallest first"][-1] == "org/pickles", "whose size is not known"
    assert sizes[:-1] == sorted(sizes[:-1])
    assert len(found["Newest first"]) == 5


def test_that_typing_asks_once_the_keys_rest_and_the_chosen_row_stays_chosen(desk: HubDesk, shelf: Shelf) -> None:
    desk.choose("org/large")
    asked = len([path for _, path, _, _ in shelf.asked if path == "/api/models"])
    QTest.keyClicks(desk.hub.form.search, "large")
    assert desk.hub.form.search.is_waiting
    desk.settle()
    assert len([path for _, path, _, _ in shelf.asked if path == "/api/models"]) == asked + 1
    assert desk.ids == ["org/large"]
    assert desk.hub.picture.table.chosen == desk.row("org/large")


def test_that_more_rows_come_when_the_end_is_in_sight(theme: Theme, shelf: Shelf) -> None:
    shelf.models = {f"org/model-{number:03}": Shelved(dict(SMALL), downloads=number) for number in range(70)}
    with hub_desk(theme) as desk:
        assert len(desk.rows) == 50
        assert desk.hub.form.only.fact.text() == "50 found, more below"
        seen = {row.id for row in desk.hub.picture.table.in_sight}
        assert seen <= set(desk.hub.finder.details) < set(desk.ids)  # the others are not asked about
        bar = desk.hub.picture.table.verticalScrollBar()
        bar.setValue(bar.maximum())
        desk.settle()
        assert len(desk.rows) == 70
        assert bar.value() > 0


# -- downloads ---------------------------------------------------------------------------------------------------------


def test_that_a_model_is_downloaded_used_and_counted(desk: HubDesk) -> None:
    desk.fetch("org/small")
    assert desk.row("org/small").state == "here"
    kept = desk.hub.picture.kept
    assert [row.source for row in kept.rows.rows] == ["org/small"]
    assert kept.scope.whole.startswith("1 model, ")
    assert desk.hub.form.primary.text() == "Use small"
    desk.hub.form.primary.click()
    assert not desk.page.is_on_hub
    assert desk.desk.store.recipe.model.source == "org/small"
    desk.desk.settle()
    assert desk.page.tag.text == "On this machine"


def test_that_what_arrives_is_told_everywhere_paused_and_cancelled(desk: HubDesk, shelf: Shelf) -> None:
    shelf.models["org/large"].files["model.safetensors"] += b"\0" * 200_000
    shelf.bytes_per_second = 20_000
    for name in ("org/large", "org/small"):
        desk.choose(name)
        desk.hub.form.primary.click()
    arriving = desk.hub.picture.arriving
    wait_until(lambda: (now := desk.hub.fetches.current) is not None and now.state == "arriving")
    assert arriving.isVisible()
    assert arriving.scope.whole == "1 now, 1 waiting"
    assert arriving.waiting.names == ["org/small"]
    assert desk.page.tag.text == "2 arriving"
    assert desk.hub.form.primary.text() == "small waits"
    assert not desk.hub.form.primary.isEnabled()
    arriving.pause.click()
    wait_until(lambda: (now := desk.hub.fetches.current) is not None and now.state == "paused")
    assert arriving.pause.text() == "Continue"
    assert arriving.scope.whole == "1 paused, 1 waiting"
    QTest.keyClick(arriving.waiting, Qt.Key.Key_Down)
    QTest.keyClick(arriving.waiting, Qt.Key.Key_Delete)
    arriving.cancel.click()
    wait_until(lambda: not desk.hub.fetches.arrivals)
    assert not arriving.isVisible()
    shelf.bytes_per_second = 0


def test_that_what_cannot_be_downloaded_is_said_above_the_table(desk: HubDesk, shelf: Shelf) -> None:
    del shelf.models["org/large"]
    desk.fetch("org/large")
    message = desk.hub.picture.message
    assert message.isVisible()
    assert message.what.text().startswith("org/large was not downloaded.")


def test_that_a_model_is_deleted_once_that_is_confirmed(desk: HubDesk) -> None:
    desk.fetch("org/small")
    run = RunFolder.create(Recipe.model_validate({"model": {"source": "org/small"}}))
    desk.hub.ask_again()
    desk.settle()
    kept = desk.hub.picture.kept
    row = kept.rows.rows[0]
    assert (row.used_by, row.last_used, row.licence) == ("1 run", "today", "Apache-2.0")
    kept.table.setFocus()
    QTest.keyClick(kept.table, Qt.Key.Key_Delete)
    question = desk.page.window().findChild(DeleteQuestion)
    assert question is not None
    said = " ".join(made.text() for made in question.findChildren(QLabel))
    assert "1 run needs it to be tried or resumed." in said
    assert bytes_in_digits(row.size_bytes) in said
    question.keep.click()
    assert cache.snapshot("org/small") is not None
    with run.hold():
        desk.hub.ask_again()
        desk.settle()
        QTest.keyClick(kept.table, Qt.Key.Key_Delete)
        assert desk.hub.picture.message.why.text() == f"{run.name} is at work with it."
    desk.hub.ask_again()
    desk.settle()
    desk.hub.actions.ask_to_delete(kept.rows.rows[0])
    asked = [made for made in desk.page.window().findChildren(DeleteQuestion) if made.isVisible()]
    asked[-1].delete.click()
    desk.settle()
    assert list(kept.rows.rows) == []
    assert cache.snapshot("org/small") is None
    assert desk.row("org/small").state == ""


# -- access ------------------------------------------------------------------------------------------------------------


def test_that_a_token_goes_to_the_keyring_alone_and_opens_what_it_may(
    desk: HubDesk, own_keyring: MemoryKeyring
) -> None:
    desk.choose("other/gated")
    account = desk.hub.form.account
    assert desk.hub.form.primary.text() == "Enter a token"
    desk.hub.form.primary.click()
    assert account.is_asking
    assert account.field.echoMode() == QLineEdit.EchoMode.Password
    QTest.keyClicks(account.field, TOKEN)
    QTest.keyClick(account.field, Qt.Key.Key_Return)
    desk.settle()
    assert list(own_keyring.kept.values()) == [TOKEN]
    assert not account.is_asking
    assert (account.state.text(), account.where.whole) == ("kept", "in the system\u2019s keyring")
    said = [made.text() for kind in (QLabel, QLineEdit, QPushButton) for made in desk.page.findChildren(kind)]
    assert not any(TOKEN in text for text in said)
    assert TOKEN not in desk.desk.settings.path.read_text("utf-8") if desk.desk.settings.path.exists() else True
    assert desk.row("other/gated").access == "granted"
    assert desk.hub.form.primary.text() == "Download gated"
    assert desk.hub.picture.details.terms.text() == "Licence: Llama 3.1"
    account.forget.click()
    desk.settle()
    assert own_keyring.kept == {}
    assert desk.row("other/gated").access == "ask first"


def test_that_where_the_form_is_folded_it_opens_for_a_token(desk: HubDesk) -> None:
    desk.narrow(1100)
    assert not desk.hub.form.isVisible()
    desk.choose("other/gated")
    desk.hub.form.primary.click()
    assert desk.hub.form.account.field.isVisible()


@pytest.mark.parametrize(
    ("backend", "trouble"),
    [
        (fail.Keyring(), "This system has no keyring that a token could be kept in."),
        (LockedKeyring(), "The keyring cannot be read: the wallet is locked."),
    ],
    ids=["none", "locked"],
)
def test_that_a_system_without_a_keyring_says_so_and_what_to_do(
    backend: KeyringBackend, trouble: str, theme: Theme, shelf: Shelf
) -> None:
    keyring.set_keyring(backend)
    with hub_desk(theme) as desk:
        account = desk.hub.form.account
        assert account.state.text() == "none"
        assert account.problem.text().startswith(trouble)
        assert "HF_TOKEN" in account.problem.text()
        assert not account.enter.isEnabled()
        desk.choose("other/gated")
        assert desk.hub.form.primary.text() == "Ask on the Hub\u2019s page"


def test_that_looking_again_keeps_what_is_known_until_it_is_known_anew(desk: HubDesk, shelf: Shelf) -> None:
    before = desk.rows
    shelf.models["org/small"].files = of_config(num_hidden_layers=3)
    desk.hub.ask_again()
    wait_until(lambda: not desk.hub.finder.is_asking)
    assert set(desk.hub.finder.details) == {row.id for row in before} - {"org/pickles"}
    desk.settle()
    peak, earlier = desk.row("org/small").peak, next(row.peak for row in before if row.id == "org/small")
    assert peak is not None
    assert earlier is not None
    assert peak.total > earlier.total


def test_that_the_hubs_page_is_opened_to_ask_and_access_is_looked_at_again(
    desk: HubDesk, shelf: Shelf, browser: Browser
) -> None:
    desk.hub.form.account.token_given.emit("hf_other")
    desk.settle()
    desk.choose("other/gated")
    assert desk.hub.form.primary.text() == "Ask on the Hub\u2019s page"
    desk.hub.form.primary.click()
    assert [address.rpartition("/other/")[2] for address in browser.opened] == ["gated"]
    shelf.models["other/gated"].given_to.add("hf_other")
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    desk.settle()
    assert desk.row("other/gated").access == "granted"


# -- offline -----------------------------------------------------------------------------------------------------------


def test_that_offline_nobody_is_asked_and_what_is_here_is_listed(desk: HubDesk, shelf: Shelf) -> None:
    desk.fetch("org/large")
    desk.hub.form.offline.click()
    desk.settle()
    assert json.loads(desk.desk.settings.path.read_text("utf-8"))["offline"] is True
    asked = len(shelf.asked)
    desk.hub.form.search.show_words("small")
    desk.settle()
    assert len(shelf.asked) == asked
    assert desk.ids == ["org/large"]
    assert desk.rows[0].peak is not None
    said = desk.hub.picture.found.scope.whole
    assert said == "The Hub cannot be reached. Offline mode is on in the settings. What is on this machine:"
    desk.choose("org/large")
    assert desk.hub.form.primary.text() == "Use large"
    desk.hub.form.offline.click()
    desk.settle()
    assert desk.ids == ["org/small"]


def test_that_a_hub_that_stops_answering_leaves_what_is_here_with_its_memory(
    desk: HubDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.fetch("org/large")
    keep_model("org/broken", {"config.json": b"{}"})
    desk.hub.machine.refresh()
    desk.settle()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    desk.find("small")
    assert sorted(desk.ids) == ["org/broken", "org/large"]
    assert desk.row("org/large").peak is not None
    broken = desk.row("org/broken")
    assert (broken.state_words, broken.verdict) == ("", "cannot be loaded")
    desk.choose("org/broken")
    assert not desk.hub.form.primary.isEnabled()


# -- keys and looks ----------------------------------------------------------------------------------------------------


def test_that_all_of_it_can_be_done_by_keys(desk: HubDesk, shelf: Shelf) -> None:
    focus_in(desk)
    hub = desk.hub
    QTest.keyClick(desk.page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is hub.form.search
    QTest.keyClick(hub.form.search, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is hub.picture.table
    QTest.keyClick(hub.picture.table, Qt.Key.Key_Down)
    assert hub.picture.table.chosen == desk.row("org/large")
    QTest.keyClick(hub.picture.table, Qt.Key.Key_Up)
    QTest.keyClick(hub.picture.table, Qt.Key.Key_Return)
    wait_until(lambda: hub.fetches.arrivals)
    wait_until(lambda: not hub.fetches.arrivals)
    desk.settle()
    asked = len([path for _, path, _, _ in shelf.asked if path == "/api/models"])
    QTest.keyClick(hub.picture.table, Qt.Key.Key_F5)
    desk.settle()
    assert len([path for _, path, _, _ in shelf.asked if path == "/api/models"]) == asked + 1
    kept = hub.picture.kept.table
    kept.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(kept, Qt.Key.Key_Return)
    assert desk.desk.store.recipe.model.source == "org/small"
    assert not desk.page.is_on_hub


def test_that_starter_and_folder_lead_back(desk: HubDesk) -> None:
    desk.hub.form.kind.button_of("folder").click()
    assert not desk.page.is_on_hub
    assert desk.page.source.kind.value() == "folder"
    desk.page.manage.click()
    assert desk.hub.form.kind.value() == "hub"


def test_that_the_view_has_room_in_every_look(desk: HubDesk, theme: Theme) -> None:
    in_every_look(theme, desk.page)


def test_that_no_words_are_clipped_while_one_arrives_and_one_waits(desk: HubDesk, theme: Theme) -> None:
    queue = desk.hub.fetches
    with held_fetch("org/a-model-with-a-name-that-does-not-end", why_paused=f"{'It broke off. ' * 12}"):
        queue.find()
        wait_until(lambda: queue.current is not None and queue.current.state == "paused")
        queue.add("org/next", total_bytes=16_000_000_000)
        for width, projector in ((1366, False), (1000, False), (1920, False), (1366, True)):
            theme.set_projector(projector)
            desk.narrow(width)
            assert clipped(desk.page) == [], (width, projector)
        theme.set_projector(False)
        assert desk.hub.picture.arriving.why.text().startswith("It broke off.")
        queue.cancel("org/next")
    wait_until(lambda: queue.current is None)


def test_that_before_a_class_there_are_the_search_and_the_list_alone(desk: HubDesk, theme: Theme) -> None:
    theme.set_projector(True)
    QApplication.processEvents()
    picture = desk.hub.picture
    assert picture.table.isVisible()
    assert picture.found.isAncestorOf(desk.hub.form.search)
    assert desk.hub.form.search.isVisible()
    assert not any(part.isVisible() for part in (picture.kept, picture.details, picture.arriving))
    theme.set_projector(False)
    QApplication.processEvents()
    assert desk.hub.form.isAncestorOf(desk.hub.form.search)
    assert picture.kept.isVisible()


@pytest.mark.parametrize(("width", "gone"), [(1366, []), (900, ["downloads"]), (780, ["downloads", "licence"])])
def test_that_in_a_narrow_window_downloads_go_and_then_the_licence(
    width: int, gone: list[str], theme: Theme, shelf: Shelf
) -> None:
    with hub_desk(theme) as desk:
        desk.narrow(width)
        table = desk.hub.picture.table
        hidden = [column for column in range(7) if table.isColumnHidden(column)]
        titles = [str(table.model().headerData(column, Qt.Orientation.Horizontal)) for column in hidden]
        assert sorted(titles) == gone
