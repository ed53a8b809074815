"""A GGUF file that is talked to by llama.cpp, where it is installed: as the model that it was made of."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.chat.conftest import question
from workbench.core.chat.speakers import speaker
from workbench.core.job.chat_kinds import Answered, AnswerPiece, ChatLoaded, QuestionDone, QuestionSent, SideRefused
from workbench.core.job.history import History
from workbench.core.llamacpp import gguf_export, packing, runtime
from workbench.core.problems import UserError


@pytest.fixture
def model(llama: Path, tmp_path: Path) -> Path:
    """The tiny Llama with a tokenizer that merges: without one, transformers does not read it from a file."""
    folder = tmp_path / "model"
    shutil.copytree(llama, folder)
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    tokenizer["model"]["vocab"]["He"] = len(tokenizer["model"]["vocab"])
    tokenizer["model"]["merges"] = [["H", "e"]]
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    return folder


@pytest.fixture
def packed(model: Path, tmp_path: Path) -> Path:
    """The model as a file."""
    target = tmp_path / "packed" / "tiny-f32.gguf"
    target.parent.mkdir()
    packing.write(gguf_export.plan(model, "f32"), target, lambda _done: None)
    return target


def test_that_what_would_run_it_is_named_where_it_is_not_installed(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="nothing that could run it is installed") as refused:
        speaker(str(packed.parent))
    assert runtime.PACKAGE in refused.value.why
    assert "workbench convert" in refused.value.remedy


@pytest.mark.skipif(runtime.find() is None, reason=runtime.why_not())
def test_that_it_is_asked_and_answers_as_its_model(
    packed: Path, model: Path, chat_here: Callable[..., History]
) -> None:
    asked = (question(1, "Hello", max_tokens=12), question(2, "And?", after=1, temperature=1.0, seed=3))
    found = chat_here(packed, *asked, "base").findings
    own = chat_here(model, *asked).findings
    loaded = next(event for event in found if isinstance(event, ChatLoaded))
    assert (Path(loaded.folder), loaded.stored_as, loaded.positions) == (packed, "F32", 512)
    answers = {event.number: event for event in found if isinstance(event, Answered)}
    grown = "".join(event.text for event in found if isinstance(event, AnswerPiece) and event.number == 1)
    assert answers[1].text == grown
    assert (answers[1].adapter_sha256, answers[1].strength) == ("", 0.0)
    # The model's own folder is loaded in 16 bits, in which answers part sooner or later.
    given = [event.ids for event in own if isinstance(event, QuestionSent) and event.number == 1]
    assert given == [event.ids for event in found if isinstance(event, QuestionSent) and event.number == 1]
    wanted = next(event for event in own if isinstance(event, Answered) and event.number == 1)
    assert answers[1].ids[0] == wanted.ids[0]
    sent = {event.number: event.text for event in found if isinstance(event, QuestionSent)}
    assert f"assistant\n{answers[1].text}<|im_end|>" in sent[2]
    assert sum(isinstance(event, QuestionDone) for event in found) == 2
    assert any(isinstance(event, SideRefused) for event in found)
