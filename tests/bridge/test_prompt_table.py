"""The table of prompts with the real engine: answered, paused, gone on with, kept, marked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core.chat.test_speakers import prepared
from tests.fakes import save_tiny_adapter, write_rows
from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.bridge.prompt_table import PromptTableControl
from workbench.core.chat.table.lists import ListWanted
from workbench.core.chat.table.table import Judging, PromptTable
from workbench.core.job.marks import Judged, read_marks
from workbench.core.job.question import AnswerSettings
from workbench.core.job.run_folder import RunFolder
from workbench.core.model import fingerprint
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

SHORT = AnswerSettings(max_tokens=4)


@pytest.fixture
def run(tiny_model: Callable[[str], Path], tmp_path: Path) -> RunFolder:
    """A run of a tiny model, with an adapter and six rows that it has not learned."""
    base, rows = tiny_model("llama"), write_rows(tmp_path / "rows.jsonl", 6)
    asked = [f"model.source={base}", f"data.path={rows}", f"evaluation.score_path={rows}", "model.precision=fp32"]
    asked += ["model.compute_dtype=fp32", "model.device=cpu"]
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), asked))
    save_tiny_adapter(base, made.adapter)
    made.journal.write_text(prepared({"the model": fingerprint.of_model(base)}) + "\n")
    return made


@pytest.fixture
def second(run: RunFolder) -> RunFolder:
    """A run of the same base whose adapter is another."""
    other = RunFolder.create(run.recipe())
    save_tiny_adapter(Path(run.recipe().model.source), other.adapter, seed=1)
    other.journal.write_text(run.journal.read_text())
    return other


@pytest.fixture
def opened(qapp: object) -> Iterator[Callable[[], PromptTableControl]]:
    """Makes controls, each with a chat of its own."""
    made: list[tuple[PromptTableControl, ChatControl]] = []

    def make() -> PromptTableControl:
        chat = ChatControl()
        control = PromptTableControl(chat)
        control.set_settings(SHORT)
        made.append((control, chat))
        return control

    yield make
    for control, chat in made:
        control.close()
        if chat.state is not ChatState.NONE:
            chat.let_go()
        wait_until(lambda chat=chat: chat.state is ChatState.NONE)
        chat.close()


def filled(control: PromptTableControl, run: RunFolder, second: RunFolder | None = None, **wanted: str) -> PromptTable:
    control.list_prompts(ListWanted(run=run.path, **wanted))  # type: ignore[arg-type]
    control.ask_of(str(run.path), str(second.path) if second else "")
    wait_until(lambda: not control.is_reading)
    assert control.table is not None, (control.list_trouble, control.column_trouble)
    return control.table


def answered(control: PromptTableControl) -> PromptTable:
    control.start()
    wait_until(lambda: not (control.is_running or control.is_reading or control.is_keeping))
    assert control.trouble is None
    assert control.table is not None
    return control.table


def test_that_held_out_rows_are_answered_by_all_found_again_without_a_model_and_marked(
    run: RunFolder, second: RunFolder, opened: Callable[[], PromptTableControl]
) -> None:
    control = opened()
    table = filled(control, run, second)
    assert [column.role for column in table.columns] == ["base", "tuned", "second"]
    assert len(table.prompts) == 6
    assert all(asking.expected for asking in table.prompts)
    table = answered(control)
    assert (table.open_rows(), table.scores().answered) == ([], 6)
    texts = [[answer.text if (answer := table.answer(row, place)) else None for row in range(6)] for place in range(3)]
    assert texts[0] != texts[1] != texts[2] != texts[0], "each has weights of its own"
    assert control.answered_seconds > 0

    again = opened()
    again.judge_by(Judging("person"))
    assert filled(again, run, second).open_rows() == []
    again.start()
    assert not again.is_running
    assert again.answered_seconds == 0
    mark_and_take_back(again, run, second)

    recipe = recipe_text.with_overrides(run.recipe(), ["model.precision=bf16"])
    third = RunFolder.create(recipe)
    save_tiny_adapter(Path(recipe.model.source), third.adapter, seed=2)
    third.journal.write_text(run.journal.read_text())
    other = filled(again, run, third)
    assert {column.load.model for column in other.columns} == {str(run.path), str(third.path)}
    assert other.open_rows() == [0, 1, 2, 3, 4, 5], "only the third is still to be asked"
    assert answered(again).answer(0, 0) == table.answer(0, 0)
    assert again.chat.model == str(third.path)


def mark_and_take_back(control: PromptTableControl, run: RunFolder, second: RunFolder) -> None:
    table = control.table
    assert table is not None
    for place, verdict in enumerate((False, True, True)):
        control.mark(2, place, verdict)
    wait_until(lambda: not control.is_keeping)
    assert read_marks(run.path).judged == Judged("person", 1, 1, base_right=0)
    assert read_marks(second.path).judged == Judged("person", 1, 1)
    control.mark(2, 2, True)  # it is already
    assert control.take_back() == (2, 2)
    wait_until(lambda: not control.is_keeping)
    assert table.verdict(2, 2) is None
    assert read_marks(second.path).marks == {}
    assert read_marks(second.path).judged is read_marks(run.path).judged is None
    control.judge_by(Judging())
    wait_until(lambda: not control.is_keeping)
    assert read_marks(run.path).judged == Judged("exact match", table.scores().right[1], 6, table.scores().right[0])


def test_that_a_pause_keeps_the_rest_and_another_setting_has_all_answered_again(
    run: RunFolder, opened: Callable[[], PromptTableControl]
) -> None:
    control = opened()
    control.set_settings(AnswerSettings(max_tokens=60))
    lines = "\n".join(f"{'word ' * (n % 7)}{n}" for n in range(39))
    table = filled(control, run, origin="typed", text=f"{lines}\n{'a' * 900}")
    control.start()
    wait_until(lambda: table.scores().answered > 0)
    control.stop()
    done, left = table.scores().answered, len(table.open_rows())
    assert not control.is_running
    assert done + left == 40
    first = table.answer(0, 1)
    assert answered(control) is table
    assert table.open_rows() == []
    assert table.answer(0, 1) is first, "what stands there is not asked again"
    assert "reads 512 with its answer" in table.problem(39, 0)
    assert "reads 512 with its answer" in table.problem(39, 1)
    assert table.scores().answered == 39, "the one that cannot be asked costs itself alone"

    control.set_most(6)
    wait_until(lambda: not control.is_reading)
    before = control.table
    assert before is not None
    assert (len(before.prompts), before.open_rows()) == (6, [])
    control.set_settings(SHORT)
    assert control.differs
    assert control.table is before, "what stands there stays until it is asked anew"
    after = answered(control)
    assert after is not before
    assert all((answer := after.answer(row, 1)) is not None and answer.tokens <= 4 for row in range(6))
    control.set_settings(AnswerSettings(max_tokens=60))
    assert answered(control).answer(3, 1) == before.answer(3, 1)

    save_tiny_adapter(Path(run.recipe().model.source), run.adapter, seed=5)
    control.ask_of("")
    fresh = filled(control, run)
    assert fresh.open_rows() == [0, 1, 2, 3, 4, 5], "nothing is kept of these weights"
    control.start()
    wait_until(lambda: not control.is_running)
    assert control.trouble is not None
    assert "changed since the table was made" in control.trouble.what, "what is loaded are those of before"
    wait_until(lambda: not control.is_reading)
    assert answered(control).open_rows() == []


def test_that_a_model_that_is_let_go_meanwhile_is_told(
    run: RunFolder, opened: Callable[[], PromptTableControl]
) -> None:
    control = opened()
    table = filled(control, run)
    control.start()
    control.chat.let_go()
    assert not control.is_running
    assert control.trouble is not None
    assert "let go before all was answered" in str(control.trouble)
    assert table.open_rows()


def test_that_what_cannot_be_read_or_asked_is_told(run: RunFolder, opened: Callable[[], PromptTableControl]) -> None:
    control = opened()
    control.list_prompts(ListWanted("file", run.path, path=str(run.path / "none.csv")))
    control.ask_of("nobody")
    wait_until(lambda: not control.is_reading)
    assert control.table is None
    assert control.list_trouble is not None
    assert 'There is no run and no model "nobody"' in str(control.column_trouble)
    control.start()
    assert not control.is_running
