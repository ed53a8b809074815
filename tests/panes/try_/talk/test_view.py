"""Talk, with a run and the real engine: asked by keys, side by side, stopped, gone on with, asked anew, let go."""

from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatState
from workbench.core.job.run_folder import RunFolder
from workbench.panes.try_.page import TryPage
from workbench.panes.try_.talk.conversation import Said
from workbench.panes.try_.talk.view import TalkView


def opened(page: TryPage) -> TalkView:
    """The view once it knows what there is to talk to."""
    runs = page.view_of("talk").on_page.runs
    page.show_view("talk")
    view = page.view
    assert isinstance(view, TalkView)
    runs.refresh()
    wait_until(lambda: view.choices.held_out)
    view.choices.set(max_tokens=12, temperature=1.0, seed=7)
    return view


def typed(view: TalkView, text: str) -> None:
    view.foot.field.setFocus()
    QTest.keyClicks(view.foot.field, text)
    QTest.keyClick(view.foot.field, Qt.Key.Key_Return)


def answered(view: TalkView) -> dict[str, Said]:
    wait_until(lambda: not view.conversation.is_busy)
    return view.conversation.exchanges[-1].said


def test_that_a_question_is_answered_side_by_side_and_followed_by_another(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page)
        assert view.who.run.currentText() == run.name
        assert [chip.isVisible() for chip in view.foot.chips] == [True] * 3
        assert [block.name.text() for block in view.card.quiet] == ["Base", "Tuned"]
        typed(view, "Hello")
        assert view.conversation.is_busy
        assert view.actions_bar.stop.isVisible()
        typed(view, "And then?")  # which waits for both to end
        wait_until(lambda: len(view.conversation.exchanges) == 2 and not view.conversation.is_busy)
        assert view.foot.text == ""
        first, second = (exchange.said for exchange in view.conversation.exchanges)
        assert list(first) == [str(run.path), "base"]
        for name in first:
            own = first[name]
            assert own.sent is not None
            assert "Be brief." in own.sent.text
            following = second[name].sent
            assert following is not None
            assert f"assistant\n{own.text}<|im_end|>\n<|im_start|>user\nAnd then?" in following.text
        (_, shown_view), _ = view.card.shown
        assert list(shown_view.blocks) == ["base", str(run.path)]
        proof = first[str(run.path)].last
        assert proof is not None
        assert proof.adapter_sha256[:16] in shown_view.blocks[str(run.path)].toolTip()
        assert "no adapter at work" in shown_view.blocks["base"].toolTip()
        assert view.tiles.speakers[0].name == f"Base: {Path(run.recipe().model.source).name}, FP32"
        assert "tokens/s, first after" in view.tiles.speakers[1].text
        assert view.tiles.length.text.endswith("of 512 tokens")
        wait_until(lambda: view.sent.tokenizer is not None)
        view.card.show_as("sent")
        told = shown_view.blocks["base"].text.toPlainText()
        assert told.startswith("<|im_start|>system\nBe brief.<|im_end|>")
        assert told.endswith(first["base"].text + "<|im_end|>") or told.endswith(first["base"].text)
        view.card.show_as("chat")
        written = view.markdown()
        assert written.count("\n| ") == 4
        assert "Hello" in written


def test_that_answers_are_stopped_gone_on_with_and_asked_anew(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page)
        view.choices.set(max_tokens=400)
        typed(view, "Hello")
        wait_until(lambda: any(said.ids for said in view.conversation.exchanges[-1].said.values()))
        QTest.keyClick(view.foot.field, Qt.Key.Key_Escape)
        said = answered(view)
        cut = next((name for name, entry in said.items() if entry.is_cut), None)
        if cut is not None:  # both may have ended by themselves before
            before = len(said[cut].ids)
            view.choices.set(max_tokens=5)
            exchange = view.conversation.exchanges[-1]
            exchange.settings = exchange.settings.model_copy(update={"max_tokens": 5})
            view.conversation.go_on(exchange, cut)
            after = answered(view)[cut]
            assert before < len(after.ids) <= before + 5
            assert len(after.answers) == 2
        seed = view.choices.settings.seed
        view.card.shown[-1][1].edit.click()
        assert view.foot.text == "Hello"
        view.foot.set_text("Good evening")
        view.choices.set(max_tokens=6, strength=0.0)
        assert view.act()
        said = answered(view)
        assert [exchange.asked.text for exchange in view.conversation.exchanges] == ["Good evening"]
        assert view.choices.settings.seed == seed + 1
        assert said[str(run.path)].ids == said["base"].ids
        assert "the same as the base model" in view.card.shown[-1][1].blocks[str(run.path)].took.whole
        view.card.shown[-1][1].again.click()
        answered(view)
        assert view.choices.settings.seed == seed + 2
        QTest.keyClick(view.foot.field, Qt.Key.Key_Up)
        assert view.foot.text == "Good evening"


def test_that_a_checkpoint_stands_beside_and_the_memory_is_given_back(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page)
        known = view.choices.known
        assert known is not None
        checkpoint = known.checkpoints[-1]
        assert checkpoint.step == 20
        view.foot.chips[0].click()
        answered(view)
        view.choices.choose_beside(checkpoint.name)
        view.foot.chips[1].click()
        said = answered(view)
        assert list(said) == [str(run.path), checkpoint.name]
        assert [entry.part for entry in said.values()] == ["tuned", "second"]
        proofs = {entry.last.adapter_sha256 for entry in said.values() if entry.last is not None}
        assert len(proofs) == 2
        view.who.give_back.click()
        wait_until(lambda: view.chat.state is ChatState.NONE)
        assert view.who.fact.text() == "not loaded"
        assert len(view.conversation.exchanges) == 2


def test_that_the_oldest_pair_is_read_no_longer_where_the_model_reads_no_more(page: TryPage) -> None:
    with shown(page):
        view = opened(page)
        for number in range(4):
            typed(view, f"{number} {'x' * 120}")
            answered(view)
        dropped = [exchange.is_dropped for exchange in view.conversation.exchanges]
        assert dropped == [True, *dropped[1:]]
        assert not dropped[-1]
        assert view.card.shown[0][1].dropped.isVisible()
        newest = view.conversation.exchanges[-1].said["base"]
        assert newest.sent is not None
        assert "0 xxx" not in newest.sent.text
        assert "3 xxx" in newest.sent.text


def test_that_a_model_answers_alone_and_a_process_that_dies_is_told(
    page: TryPage, tiny_model: Callable[[str], Path]
) -> None:
    with shown(page):
        view = opened(page)
        view.choices.choose(str(tiny_model("gpt2")))
        wait_until(lambda: view.choices.known is not None)
        assert not view.who.beside.isVisible()
        assert not view.who.strength.isVisible()
        typed(view, "Hello")
        (said,) = answered(view).values()
        assert (said.title, said.part) == ("Base", "base")
        assert view.actions_bar.ask.text() == "Ask"
        left = psutil.Process().children()
        for process in left:
            process.kill()
        wait_until(lambda: view.trouble.isVisible())
        assert view.chat.state is ChatState.NONE
        typed(view, "Again")
        answered(view)
        assert len(view.conversation.exchanges) == 2


def test_that_what_cannot_be_loaded_is_said_and_the_question_comes_back(page: TryPage, run: RunFolder) -> None:
    with shown(page):
        view = opened(page)
        (run.adapter / "adapter_model.safetensors").write_bytes(b"nothing")
        typed(view, "Hello")
        wait_until(lambda: view.trouble.isVisible())
        assert view.conversation.exchanges == []
        assert view.foot.text == "Hello"
        assert view.trouble.again.isVisible()
