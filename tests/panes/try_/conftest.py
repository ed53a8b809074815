"""A run that can be tried, and the page on a chat with the real engine."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.fakes import save_tiny_adapter, write_rows
from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.core.job import checkpoints
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.try_.page import TryPage


@pytest.fixture
def run(tiny_model: Callable[[str], Path], tmp_path: Path) -> RunFolder:
    """A run of a tiny model with an adapter, a checkpoint and rows that it has not learned."""
    base = tiny_model("llama")
    rows = write_rows(tmp_path / "rows.jsonl", 8)
    asked = [f"model.source={base}", f"data.path={rows}", f"evaluation.score_path={rows}", "model.precision=fp32"]
    asked += ["model.compute_dtype=fp32", "model.device=cpu", "data.system_prompt=Be brief."]
    made = RunFolder.create(recipe_text.with_overrides(Recipe(), asked))
    save_tiny_adapter(base, made.adapter)
    checkpoints.write(made.checkpoints, 20, partial(save_tiny_adapter, base, seed=1))
    return made


@pytest.fixture
def page(theme: Theme, run: RunFolder) -> Iterator[TryPage]:
    chat = ChatControl()
    made = TryPage(chat, RunList(), JobControl(), GpuWatch(), theme)
    yield made
    if chat.state is not ChatState.NONE:
        chat.let_go()
    wait_until(lambda: chat.state is ChatState.NONE)
    chat.close()
