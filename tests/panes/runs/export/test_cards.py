"""The cards of the view, each by what it is given."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget

from workbench.core.export.elsewhere import Use
from workbench.panes.look.theme import Theme
from workbench.panes.parts.row_list import ENTRY
from workbench.panes.runs.export.elsewhere_card import ElsewhereCard
from workbench.panes.runs.export.files_card import FileRow, FilesCard
from workbench.panes.runs.export.gguf_card import KL, TYPE, GgufCard, GgufRow
from workbench.panes.runs.export.plan_list import PlanLine, PlanList
from workbench.panes.runs.export.progress_card import ProgressCard, ProgressRow
from workbench.panes.runs.export.ways_card import WayRow, WaysCard
from workbench.panes.runs.export.words import kl_in_words, perplexity_in_words, same_in_words

USES = (
    Use("ollama", missing="export Ollama first"),
    Use("llama.cpp", ("cd /out", 'llama-cli -m x.gguf -p "Hello"'), "It answers."),
    Use("transformers", missing="export the adapter first"),
    Use("workbench", ("workbench chat run",), "The run."),
)
TYPES = (
    GgufRow("f16", "F16", 16.0, 3_090_000_000, perplexity=2.2, kl=0.0, same_share=1.0),
    GgufRow("q8_0", "Q8_0", 8.5, 1_650_000_000, is_ticked=True, is_locked=True, measure="Measure"),
    GgufRow("q4_0", "Q4_0", 4.5, 880_000_000, measure="Measure, 25 s"),
    GgufRow("q4_k", "Q4_K", 4.5, 0, why_not="not of these rows"),
)


def test_that_a_small_divergence_is_not_said_to_be_none_and_nearly_all_not_all() -> None:
    assert [kl_in_words(value) for value in (None, 0.0, 0.00001, 0.0187)] == ["\u2013", "0.0000", "< 0.0001", "0.0187"]
    assert [same_in_words(value).replace("\u2009", " ") for value in (1.0, 0.99999, 0.5)] == [
        "100 %",
        "99.9 %",
        "50.0 %",
    ]
    assert perplexity_in_words(2.2041) == "2.204"


def test_that_a_line_is_ticked_by_its_words_and_locked_once_it_has_begun(theme: Theme) -> None:
    plan = PlanList(theme)
    told: list[tuple[str, bool]] = []
    plan.ticked.connect(lambda key, is_ticked: told.append((key, is_ticked)))
    plan.show_lines([PlanLine("adapter", "Adapter", "37 MB"), PlanLine("gguf", "GGUF", why_not="not of this model")])
    plan.resize(plan.sizeHint())
    QTest.mouseClick(plan.rows["adapter"].box, Qt.MouseButton.LeftButton)
    QTest.mouseClick(plan.rows["gguf"].box, Qt.MouseButton.LeftButton)
    assert told == [("adapter", True)]
    plan.show_lines([PlanLine("adapter", "Adapter", "37 MB", is_ticked=True, is_locked=True, state="done")])
    QTest.mouseClick(plan.rows["adapter"].box, Qt.MouseButton.LeftButton)
    assert len(told) == 1
    box = plan.rows["adapter"].box
    assert (box.accessibleName(), box.accessibleDescription()) == ("Adapter", "37 MB, done and checked")
    assert plan.rows["gguf"].isHidden()


def test_that_a_click_and_the_arrows_choose_a_way_but_never_the_reference(theme: Theme) -> None:
    card = WaysCard(theme)
    rows = [WayRow("", "Adapter on NF4"), WayRow("nf4", "Into NF4", kl=0.1), WayRow("original", "Into", kl=0.2)]
    card.show_rows(rows, "nf4", "", "")
    told: list[str] = []
    card.way_chosen.connect(told.append)
    assert card.table.currentIndex().row() == 1
    QTest.keyClick(card.table, Qt.Key.Key_Down)
    QTest.keyClick(card.table, Qt.Key.Key_Up)
    QTest.keyClick(card.table, Qt.Key.Key_Up)
    assert told == ["original", "nf4"]
    assert card.as_text().splitlines()[0] == "way\tperplexity\tKL, nats a token\tsame token"


def test_that_types_are_ticked_and_measured_by_mouse_and_keys(theme: Theme) -> None:
    card = GgufCard(theme)
    card.resize(426, 246)
    card.show_rows(TYPES)
    card.show()
    table = card.table
    ticked: list[tuple[str, bool]] = []
    measured: list[str] = []
    table.ticked.connect(lambda name, is_ticked: ticked.append((name, is_ticked)))
    table.measure_wanted.connect(measured.append)

    def click(row: int, column: int) -> None:
        place = table.visualRect(table.model().index(row, column)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)

    for row in range(len(TYPES)):
        click(row, TYPE)
    assert ticked == [("f16", True), ("q4_0", True)]  # of the others one has begun, and one cannot be made
    click(2, KL)
    click(3, KL)
    assert measured == ["q4_0"]
    table.setCurrentIndex(table.model().index(2, 0))
    QTest.keyClick(table, Qt.Key.Key_Space)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert ticked[-1] == ("q4_0", True)
    assert measured == ["q4_0", "q4_0"]
    said = table.model().index(3, TYPE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Q4_K, not of these rows"
    card.close()


@pytest.mark.parametrize("width", [220, 420])
def test_that_a_long_sentence_of_a_step_has_room(theme: Theme, width: int) -> None:
    card = ProgressCard(theme)
    card.resize(width, 400)
    short = ProgressRow("adapter", 1, "Adapter", "37 MB", "equal", "done")
    long = ProgressRow(
        "merged", 2, "Merged", "", "logits agree to 0.031, and more is to be said of it " * 4, "works", 0.4
    )
    card.show_rows([short, long], "1:52", "")
    card.show()
    heights = [card.list.sizeHintForRow(row) for row in range(2)]
    assert heights[1] > heights[0] + 30
    assert card.list.item(1).text().startswith("Merged, logits agree")
    card.close()


def test_that_enter_and_a_click_copy_a_command_and_say_so_in_its_place(theme: Theme) -> None:
    card = ElsewhereCard(theme)
    card.resize(540, 190)
    card.show_uses(USES, "")
    card.show()
    assert card.program == "llama.cpp"
    commands = card.commands
    commands.setCurrentRow(1)
    QTest.keyClick(commands, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == 'llama-cli -m x.gguf -p "Hello"'
    assert commands.item(1).text().endswith("copied")
    QTest.mouseClick(
        commands.viewport(), Qt.MouseButton.LeftButton, pos=commands.visualItemRect(commands.item(0)).center()
    )
    assert QGuiApplication.clipboard().text() == "cd /out"
    card.close()


def test_that_a_grey_tab_says_what_is_to_be_exported_first(theme: Theme) -> None:
    card = ElsewhereCard(theme)
    card.show_uses(USES, "The run has answered: yes")
    tab = card.tabs.button_of("ollama")
    assert not tab.isEnabled()
    assert tab.accessibleDescription() == "export Ollama first"
    assert "Ollama: export Ollama first" in card.missing.whole
    tab.click()
    assert card.program == "llama.cpp"
    card.tabs.button_of("workbench").click()
    assert card.commands.lines == ["workbench chat run"]
    card.show_uses(USES, "")
    assert card.program == "workbench"  # what was chosen stays, as long as it can be used
    card.show_uses([Use("ollama", ("ollama run x",)), *USES[1:3], Use("workbench", missing="gone")], "")
    assert card.program == "ollama"


def test_that_a_folder_opens_by_its_row_and_by_the_arrows(theme: Theme) -> None:
    card = FilesCard(theme)
    rows = [
        FileRow(".", "~/models/bicycle", depth=0, is_open=True),
        FileRow("adapter", "adapter", size_bytes=37, is_open=False),
        FileRow("adapter/a.json", "a.json", depth=2, size_bytes=1),
        FileRow("Modelfile", "Modelfile", state="waits"),
    ]
    card.show_files("/models/bicycle", rows)
    tree = card.tree
    assert names(tree) == ["~/models/bicycle", "adapter", "Modelfile"]
    tree.setCurrentRow(1)
    QTest.keyClick(tree, Qt.Key.Key_Right)
    assert names(tree) == ["~/models/bicycle", "adapter", "a.json", "Modelfile"]
    assert tree.item(1).text() == "adapter, folder, open, 37 bytes"
    assert tree.currentRow() == 1
    QTest.keyClick(tree, Qt.Key.Key_Left)
    assert names(tree) == ["~/models/bicycle", "adapter", "Modelfile"]
    QTest.mouseClick(card.copy, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert QGuiApplication.clipboard().text() == "/models/bicycle"


def names(tree: QListWidget) -> list[str]:
    return [tree.item(row).data(ENTRY).name for row in range(tree.count())]


def test_that_a_shortened_command_keeps_the_colours_of_what_is_left_of_it(theme: Theme) -> None:
    card = ElsewhereCard(theme)
    card.resize(320, 190)
    line = 'workbench chat /home/somebody/runs/one --prompt "What is it, in a few words?"'
    card.show_uses([Use("workbench", (line,))], "")
    card.show()
    picture = card.commands.grab().toImage()
    colors = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert theme.color("status.success").name() in colors
    card.close()
