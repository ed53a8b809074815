"""The report of the Data page tells what is not learned as it was meant, and settles by a click what one can settle."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from tests.core.tokens.tokenizers_made import byte_backend
from tests.core.tokens.wild_templates import source
from tests.panes.data.conftest import settle
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.recipe_store import RecipeStore
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.tokenizer import TokenizerFacts
from workbench.panes.data.page import DataPage

QUESTION, ANSWER = {"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue."}
REFUSED = {
    "a system turn": (
        [{"role": "system", "content": "Be brief."}, QUESTION, ANSWER],
        "have a system turn, which the template takes none of: left out",
        "Put it into the question",
        "data.system_in_user",
        True,
    ),
    "an assistant who speaks first": (
        [ANSWER, QUESTION, ANSWER],
        "begin with the assistant, which the template takes only after a question: left out",
        "Use the plain template",
        "data.template",
        "plain",
    ),
}


@pytest.fixture
def gemma(tmp_path: Path) -> Path:
    folder = tmp_path / "gemma"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    special = ("<pad>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")
    named = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    facts = TokenizerFacts(named, end_ids=(2, 4), templates={"default": source("gemma")})
    kept_tokenizer.keep(folder, byte_backend(special).to_str(), facts)
    return folder


@pytest.mark.parametrize("name", REFUSED)
def test_that_what_the_template_refuses_is_settled_by_one_click(
    page: DataPage, store: RecipeStore, gemma: Path, written: Callable[..., Path], name: str
) -> None:
    turns, words, title, setting, value = REFUSED[name]
    path = written({"messages": turns}, {"messages": [*turns, QUESTION, {**ANSWER, "content": "Red."}]})
    with shown(page):
        store.set("model.source", str(gemma))
        page.open_file(path)
        settle(page)
        assert page.report.lines == ["0 rows are whole", f"2 {words}"]
        assert page.seen.sentence.words.startswith(("System role not supported. Set ", "Conversation roles must "))
        buttons = {made.text(): made for made in page.report.findChildren(QPushButton)}
        assert buttons[title].accessibleName() == f"{title}, for the rows told as: {words[:80]}"
        buttons[title].click()
        assert store.recipe.value(setting) == value
        wait_until(lambda: page.numbers is not None and page.numbers.used == 2)
        assert page.fields.length.fact.text().startswith("a step: 2 rows, ")
        assert title not in {made.text() for made in page.report.findChildren(QPushButton)}
