"""Where the Model page takes a model from: folders, the cache and the Hub, and names that are none."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.core.model.test_hub_models import Hub
from tests.hub_server import serving
from tests.panes.model.pages import Desk, cache_model, desk, hub_with, point_at
from tests.panes.shown import in_every_look
from tests.qt_waits import wait_until
from workbench.core.model import shape as model_shape
from workbench.panes.look.theme import Theme
from workbench.panes.model.config_facts import UNKNOWN

Tiny = Callable[[str], Path]


@pytest.fixture
def hub(cache: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Tiny) -> Iterator[None]:
    """A Hub on this machine that has one model, org/model."""
    with hub_with(monkeypatch, {"org/model": tiny_model("llama")}):
        yield


@pytest.fixture
def page(cache: Path, theme: Theme) -> Iterator[Desk]:
    with desk(theme) as made:
        yield made


def press(page: Desk, kind: str) -> None:
    page.page.source.kind.button_of(kind).click()
    page.settle()


def write_id(page: Desk, text: str) -> None:
    """Writes an id and presses Enter, which asks."""
    field = page.page.source.hub_id
    field.setFocus(Qt.FocusReason.TabFocusReason)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    page.settle()


# -- a folder ----------------------------------------------------------------------------------------------------------


def test_that_a_folder_is_read_and_said_in_all_places(page: Desk, tiny_model: Tiny) -> None:
    folder = tiny_model("llama")
    page.page.open_folder(folder)
    page.settle()
    shown = page.page
    shape = model_shape.from_folder(folder)
    assert page.store.recipe.model.source == str(folder)
    assert shown.shape == shape
    assert shown.source.kind.value() == "folder"
    assert shown.source.list.chosen == str(folder)
    assert shown.tag.text == "On this machine"
    assert shown.badge == "ready"
    for _, strong, rest in model_shape.in_words(shape):
        assert strong in shown.facts.text
        assert rest in shown.facts.text
    assert shown.facts.family.whole == "Llama family"
    assert str(folder) in shown.shown.code.code.toPlainText()
    assert shown.form is not None
    assert "llama in NF4" in shown.form.action_bar.facts.text()


def test_that_a_folder_that_cannot_be_read_is_a_sentence_under_its_field(page: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / ("z" * 200)):
        page.page.open_folder(folder)
        page.settle()
        said = page.page.source.problem_text().replace("\u200b", "")
        assert said.endswith(".")
        assert "model.source" not in said, "the form calls it otherwise"
        assert page.page.source.folder.property("state") == "danger"
        assert page.page.tag.text == "Cannot be read"
        assert page.page.badge == ""
        assert not page.page.use.isEnabled()
        assert page.page.facts.text == UNKNOWN
        assert {card.facts.verdict for card in page.page.shown.cards.cards.values()} == {""}
    press(page, "starter")
    assert page.page.use.isEnabled()
    assert not page.page.source.problem_text()


def test_that_a_path_there_cannot_be_is_refused_and_the_recipe_kept(page: Desk) -> None:
    press(page, "folder")
    field = page.page.source.folder
    for text in ("~nobody-of-this-name/model", "n" * 300, "/" + "n" * 300):
        field.setText(text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        page.settle()
        assert page.page.source.problem_text()
        assert page.store.recipe.model.source == "starter"


def test_that_a_bare_name_in_the_folder_field_is_a_folder_and_no_id(page: Desk) -> None:
    press(page, "folder")
    page.page.source.folder.setText("models")
    QTest.keyClick(page.page.source.folder, Qt.Key.Key_Return)
    page.settle()
    assert Path(page.store.recipe.model.source).is_absolute()
    assert page.page.source.kind.value() == "folder"


def test_that_a_long_name_with_html_and_right_to_left_text_harms_nothing(
    page: Desk, tiny_model: Tiny, tmp_path: Path
) -> None:
    folder = tmp_path / ("<b>bold</b>" + "\u05d0\u05d1\u05d2" * 20 + "x" * 100).replace("/", "\u2215")
    shutil.copytree(tiny_model("llama"), folder)
    page.page.open_folder(folder)
    page.settle()
    assert page.page.tag.text == "On this machine"
    assert page.frame.width() == 1366
    assert page.page.form is not None
    facts = page.page.form.action_bar.facts
    assert facts.fontMetrics().horizontalAdvance(facts.text()) <= page.page.form.width()
    in_every_look(page.theme, page.page)


# -- the Hub -----------------------------------------------------------------------------------------------------------


def test_that_cached_models_are_listed_and_a_click_chooses_one(cache: Path, theme: Theme, tiny_model: Tiny) -> None:
    cache_model(cache, "tiny/llama", tiny_model("llama"))
    cache_model(cache, "tiny/half", tiny_model("qwen2"), weights=False)
    with desk(theme) as page:
        press(page, "hub")
        rows = page.page.source.list
        assert [(entry.name, entry.owner, entry.is_here) for entry in rows.entries] == [
            ("half", "tiny", False),
            ("llama", "tiny", True),
        ]
        assert page.store.recipe.model.source == "starter", "looking at the list chooses nothing"
        assert "SmolLM2-135M-Instruct" in page.page.source.note.text()
        at = rows.visualItemRect(rows.item(1)).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
        page.settle()
        assert page.store.recipe.model.source == "tiny/llama"
        assert page.page.source.hub_id.text() == "tiny/llama"
        assert rows.chosen == "tiny/llama"
        assert page.page.tag.text == "On this machine"
        assert page.page.badge == "ready"


def test_that_the_list_is_worked_by_keyboard(cache: Path, theme: Theme, tiny_model: Tiny) -> None:
    for name in ("a", "b", "c"):
        cache_model(cache, f"tiny/{name}", tiny_model("llama"))
    with desk(theme) as page:
        press(page, "hub")
        rows = page.page.source.list
        page.frame.activateWindow()
        wait_until(page.frame.isActiveWindow)
        rows.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(rows, Qt.Key.Key_Down)
        assert page.store.recipe.model.source == "starter", "moving along the rows chooses nothing"
        QTest.keyClick(rows, Qt.Key.Key_Return)
        page.settle()
        assert page.store.recipe.model.source == "tiny/b"
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Space)
        page.settle()
        assert page.store.recipe.model.source == "tiny/c"


def test_that_half_a_download_is_to_be_downloaded_and_no_error(cache: Path, theme: Theme, tiny_model: Tiny) -> None:
    cache_model(cache, "tiny/half", tiny_model("llama"), weights=False)
    with desk(theme) as page:
        page.store.set("model.source", "tiny/half")
        page.settle()
        assert page.page.tag.text == "Will be downloaded"
        assert not page.page.source.problem_text()
        assert page.page.use.isEnabled()


def test_that_the_hub_s_answer_is_shown_and_kept_while_the_window_is_open(hub: None, page: Desk) -> None:
    press(page, "hub")
    write_id(page, "org/model")
    shown = page.page
    assert not shown.source.problem_text()
    assert shown.shape is not None
    assert not shown.shape.is_local
    assert shown.tag.text == "Will be downloaded"
    assert shown.badge == "ready"
    assert [(entry.name, entry.owner) for entry in shown.source.list.entries] == [("model", "org, apache-2.0")]
    assert shown.shown.cards.cards["nf4"].facts.size_bytes > 0
    press(page, "starter")
    press(page, "hub")
    assert page.store.recipe.model.source == "org/model"
    assert shown.shape is not None
    assert shown.shape.name == "org/model"
    page.page.shown_first()
    page.settle()
    assert shown.facts.text != UNKNOWN


@pytest.mark.parametrize(("model_id", "said"), [("org/gated", "is gated"), ("org/nowhere", "There is no model")])
def test_that_what_the_hub_refuses_is_said_as_it_is(hub: None, page: Desk, model_id: str, said: str) -> None:
    press(page, "hub")
    write_id(page, model_id)
    assert said in page.page.source.problem_text()
    assert page.page.tag.text == "Not known yet"


def test_that_a_hub_that_cannot_be_asked_is_said_under_the_field_and_asked_again(page: Desk) -> None:
    press(page, "hub")
    write_id(page, "org/unknown")
    assert page.store.recipe.model.source == "org/unknown"
    said = page.page.source.problem_text()
    assert "org/unknown" in said
    assert ".." not in said
    assert page.page.source.hub_id.property("state") == "danger"
    assert page.page.tag.text == "Not known yet"
    assert page.page.badge == ""
    assert page.page.source.ask.isEnabled()
    assert page.page.source.ask.text() == "Look it up"
    page.page.source.ask.click()
    assert page.page.tag.text == "Asking the Hub"
    assert not page.page.source.ask.isEnabled()
    page.settle()
    assert page.page.source.problem_text() == said


def test_that_a_model_of_the_cache_is_not_asked_about(cache: Path, theme: Theme, tiny_model: Tiny) -> None:
    cache_model(cache, "tiny/llama", tiny_model("llama"))
    with desk(theme) as page:
        press(page, "hub")
        write_id(page, "https://huggingface.co/tiny/llama/")
        assert page.store.recipe.model.source == "tiny/llama"
        assert page.page.tag.text == "On this machine"


def test_that_what_is_no_id_is_said_and_the_recipe_kept(page: Desk) -> None:
    press(page, "hub")
    for text in ("", "two words", "a/b/c", "org/na me", "n" * 300, "~nobody-of-this-name/x"):
        write_id(page, text)
        assert page.page.source.problem_text()
        assert page.store.recipe.model.source == "starter"
        assert page.page.source.kind.value() == "hub"


def test_that_an_answer_to_an_earlier_question_changes_nothing(
    page: Desk, tiny_model: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_asked, may_answer = Event(), Event()

    class Slow(Hub):
        def do_GET(self) -> None:
            has_asked.set()
            may_answer.wait(60)
            super().do_GET()

    with serving(type("Slow", (Slow,), {"folders": {"org/model": tiny_model("qwen2")}})) as address:
        point_at(monkeypatch, address)
        page.store.set("model.source", "org/model")
        page.settle()
        page.page.source.ask.click()
        wait_until(has_asked.is_set)
        page.page.open_folder(tiny_model("llama"))
        wait_until(lambda: page.page.tag.text == "On this machine")
        may_answer.set()
        page.settle()
    assert page.page.shape is not None
    assert page.page.shape.name == "llama"
    assert page.page.tag.text == "On this machine"


def test_that_what_was_chosen_of_a_kind_comes_back_with_it(page: Desk, tiny_model: Tiny) -> None:
    folder = tiny_model("llama")
    page.page.open_folder(folder)
    page.settle()
    press(page, "starter")
    assert page.store.recipe.model.source == "starter"
    press(page, "folder")
    assert page.store.recipe.model.source == str(folder)


def test_that_models_that_were_read_are_offered_the_next_time(cache: Path, theme: Theme, tiny_model: Tiny) -> None:
    folders = [tiny_model("llama"), tiny_model("qwen2")]
    with desk(theme) as page:
        for folder in folders:
            page.page.open_folder(folder)
            page.settle()
        assert page.settings.load()[0].recent_models == [str(folder) for folder in reversed(folders)]
    with desk(theme) as page:
        press(page, "folder")
        assert [entry.name for entry in page.page.source.list.entries] == ["qwen2", "llama"]
