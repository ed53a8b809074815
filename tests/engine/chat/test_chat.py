"""A model stays loaded and answers: streamed, each side its own conversation, by seed, and with what proves it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.engine.chat.conftest import Train, question
from tests.fakes import tiny_recipe
from workbench.core.job import checkpoints
from workbench.core.job.chat_kinds import (
    Answered,
    AnswerPiece,
    ChatLoaded,
    QuestionDone,
    QuestionRefused,
    QuestionSent,
    SideLoaded,
    SideRefused,
)
from workbench.core.job.history import History
from workbench.core.job.question import AnswerSettings, Asking, Question
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import MODEL_PART, DataPrepared

T = TypeVar("T")
Chat = Callable[..., History]


def of_kind(history: History, kind: type[T]) -> list[T]:
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return [event for event in history.findings if isinstance(event, kind)]


def told(history: History, number: int = 1) -> dict[str, Answered]:
    return {event.side: event for event in of_kind(history, Answered) if event.number == number}


def test_that_each_side_answers_with_the_proof_of_its_weights(tuned: RunFolder, chat_here: Chat) -> None:
    halved = question(2, "What is 2 and 2?", sides=["tuned"], strength=0.5)
    silent = question(3, "What is 2 and 2?", sides=["tuned"], strength=0)
    history = chat_here(tuned, question(1, "What is 2 and 2?"), halved, silent, beside=["base"])
    (loaded,) = of_kind(history, ChatLoaded)
    prepared = [event for event in tuned.history().findings if isinstance(event, DataPrepared)]
    assert loaded.base_hash == prepared[-1].parts[MODEL_PART]
    digest = checkpoints.sha256(tuned.adapter / "adapter_model.safetensors")
    assert [(entry.side, entry.adapter_sha256) for entry in loaded.sides] == [("tuned", digest), ("base", "")]
    assert loaded.stored_as.startswith("NF4 with double quantization")
    first = told(history)
    assert (first["tuned"].adapter_sha256, first["tuned"].strength) == (digest, 1.0)
    assert (first["base"].adapter_sha256, first["base"].strength) == ("", 0.0)
    assert {event.base_hash for event in first.values()} == {loaded.base_hash}
    assert first["tuned"].ids != first["base"].ids
    assert told(history, 2)["tuned"].strength == 0.5
    assert (told(history, 3)["tuned"].adapter_sha256, told(history, 3)["tuned"].strength) == ("", 0.0)
    assert told(history, 3)["tuned"].ids == first["base"].ids


def test_that_an_answer_is_streamed_and_asked_as_it_was_trained(tuned: RunFolder, chat_here: Chat) -> None:
    asked = question(1, "What is 2 and 2?"), question(2, "Hello", system="Shout."), question(3, "One", "Two")
    history = chat_here(tuned, *asked, beside=["base"])
    (sent,) = [event for event in of_kind(history, QuestionSent) if (event.number, event.side) == (1, "base")]
    assert sent.text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is 2 and 2?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert len(sent.ids) == len(sent.text) - 3 * len("<|im_start|>") - 2 * len("<|im_end|>") + 5
    shouted = [event for event in of_kind(history, QuestionSent) if event.number == 2]
    assert {event.text.partition("<|im_end|>")[0] for event in shouted} == {"<|im_start|>system\nShout."}
    assert not [event for event in of_kind(history, AnswerPiece) if event.number == 3], "those of a list are told whole"
    assert len([event for event in of_kind(history, Answered) if event.number == 3]) == 4
    for answer in [event for event in of_kind(history, Answered) if event.number < 3]:
        pieces = [
            event
            for event in of_kind(history, AnswerPiece)
            if (event.number, event.side) == (answer.number, answer.side)
        ]
        assert "".join(piece.text for piece in pieces) == answer.text
        assert [token for piece in pieces for token in piece.ids] == answer.ids
        assert len(pieces) == len(answer.ids), "token by token"
        assert answer.first_token_seconds == pieces[0].seconds <= pieces[-1].seconds == answer.seconds
        assert answer.peak_bytes > 0
        assert answer.finish == ("end" if answer.ids[-1] == 2 else "length")
    done = of_kind(history, QuestionDone)
    assert [event.tokens for event in done] == [
        sum(len(answer.ids) for answer in of_kind(history, Answered) if answer.number == number) for number in (1, 2, 3)
    ]


def test_that_the_answers_after_a_training_are_given_again(
    llama: Path, rows: Path, train_here: Train, chat_here: Chat
) -> None:
    run, trained = train_here(tiny_recipe(llama, rows, "samples.count=3", "training.learning_rate=0.05"))
    after = {sample.prompt: sample.answer for sample in trained.samples if sample.when == "after"}
    before = {sample.prompt: sample.answer for sample in trained.samples if sample.when == "before"}
    history = chat_here(run, question(1, *after, max_tokens=4), beside=["base"])
    answers = of_kind(history, Answered)
    assert {event.prompt: event.text for event in answers if event.side == "tuned"} == after
    assert {event.prompt: event.text for event in answers if event.side == "base"} == before


def test_that_each_side_keeps_its_own_conversation(tuned: RunFolder, chat_here: Chat) -> None:
    history = chat_here(
        tuned, question(1, "One"), question(2, "Two", after=1), question(3, "Other", after=1), beside=["base"]
    )
    sent = {(event.number, event.side): event.text for event in of_kind(history, QuestionSent)}
    first = told(history)
    assert first["tuned"].text != first["base"].text
    for side in ("tuned", "base"):
        turns = f"user\nOne<|im_end|>\n<|im_start|>assistant\n{first[side].text}<|im_end|>\n<|im_start|>user\n"
        assert f"{turns}Two<|im_end|>" in sent[2, side]
        assert f"{turns}Other<|im_end|>" in sent[3, side], "an edited question stands where the first one stood"
        assert "Two" not in sent[3, side]


def test_that_the_same_seed_gives_the_same_answer(tuned: RunFolder, chat_here: Chat) -> None:
    drawn = {"temperature": 2.0, "sides": ["tuned"], "max_tokens": 12}
    history = chat_here(
        tuned,
        question(1, "Hello", seed=7, **drawn),
        question(2, "Other", "Hello", seed=7, **drawn),
        question(3, "Hello", seed=8, **drawn),
        question(4, "Hello", seed=7, **drawn | {"temperature": 0.0}),
        question(5, "Hello", seed=7, top_k=1, **drawn),
        question(6, "Hello", seed=7, top_p=1e-6, **drawn),
        question(7, "Hello", repetition_penalty=5.0, **drawn | {"temperature": 0.0}),
    )
    ids = {
        number: next(e.ids for e in of_kind(history, Answered) if (e.number, e.prompt) == (number, "Hello"))
        for number in range(1, 8)
    }
    assert ids[1] == ids[2]
    assert ids[1] != ids[3]
    assert ids[4] == ids[5] == ids[6], "the likeliest token alone is left"
    assert ids[7] != ids[4]


def test_that_sides_that_answer_together_say_what_each_says_alone(tuned: RunFolder, chat_here: Chat) -> None:
    drawn = {"temperature": 1.2, "seed": 5, "max_tokens": 150}
    alone = [question(number, "Hello", sides=[side], **drawn) for number, side in ((2, "tuned"), (3, "base"))]
    history = chat_here(tuned, question(1, "Hello", **drawn), *alone, beside=["base"])
    together = told(history)
    for number, side in ((2, "tuned"), (3, "base")):
        answer = told(history, number)[side]
        assert (answer.ids, answer.finish) == (together[side].ids, together[side].finish)
        assert answer.adapter_sha256 == together[side].adapter_sha256
    assert together["tuned"].adapter_sha256 != together["base"].adapter_sha256


def test_that_each_side_may_be_asked_after_turns_of_its_own_and_with_another_template(
    tuned: RunFolder, chat_here: Chat
) -> None:
    said = ({"role": "user", "content": "One"}, {"role": "assistant", "content": "Ha"})
    prompts = (Asking(text="Two", side="tuned", before=said), Asking(text="Two", side="base"))
    settings = AnswerSettings(max_tokens=3, template="zephyr")
    history = chat_here(tuned, Question(number=1, prompts=prompts, settings=settings), beside=["base"])
    sent = {event.side: event.text for event in of_kind(history, QuestionSent)}
    assert sent["base"].startswith("<|system|>")
    assert "Ha" in sent["tuned"]
    assert "Ha" not in sent["base"]
    assert set(told(history)) == {"tuned", "base"}


def test_that_a_template_that_does_not_take_a_turn_names_it(tuned: RunFolder, chat_here: Chat, tmp_path: Path) -> None:
    template = tmp_path / "once.jinja"
    template.write_text(
        "{% for message in messages %}{% if message['role'] == 'assistant' %}{{ raise_exception('no answers here') }}"
        "{% endif %}{{ message['content'] }}{{ eos_token }}{% endfor %}"
    )
    said = ({"role": "user", "content": "One"}, {"role": "assistant", "content": "Ha"})
    settings = AnswerSettings(max_tokens=3, template=str(template), system="")
    history = chat_here(
        tuned, Question(number=1, prompts=(Asking(text="Two", before=said),), sides=("tuned",), settings=settings)
    )
    (refused,) = of_kind(history, QuestionRefused)
    assert "no answers here" in refused.what
    assert refused.why == "It is turn 2 of 3, of the assistant: \u201cHa\u201d."


def test_that_an_answer_that_was_cut_goes_on_where_it_ended(tuned: RunFolder, chat_here: Chat) -> None:
    whole = told(chat_here(tuned, question(1, "Hello", max_tokens=12)))["tuned"]
    begun = tuple(whole.ids[:5])
    rest = Question(number=1, prompts=(Asking(text="Hello", begun=begun),), settings=AnswerSettings(max_tokens=7))
    history = chat_here(tuned, rest)
    answer = told(history)["tuned"]
    assert answer.ids == whole.ids[5:]
    assert whole.text.endswith(answer.text)
    (sent,) = of_kind(history, QuestionSent)
    assert tuple(sent.ids[-5:]) == begun
    assert sent.text.endswith(whole.text.removesuffix(answer.text))


def test_that_a_stop_word_ends_an_answer(tuned: RunFolder, chat_here: Chat) -> None:
    whole = told(chat_here(tuned, question(1, "Hello", max_tokens=12)))["tuned"]
    word = whole.text[4:6]
    assert word
    stopped = told(chat_here(tuned, question(1, "Hello", max_tokens=12, stop=(word,))))["tuned"]
    assert stopped.finish == "stop word"
    assert stopped.text == whole.text.partition(word)[0]


def test_that_a_row_of_several_turns_is_asked_with_what_stands_before_and_compared(
    tuned: RunFolder, chat_here: Chat
) -> None:
    before = ({"role": "user", "content": "One"}, {"role": "assistant", "content": "Two"})
    asked = Asking(text="Three", before=before, expected="no such answer")
    history = chat_here(tuned, Question(number=1, prompts=(asked,), settings=question(1, "x").settings))
    (sent,) = of_kind(history, QuestionSent)
    assert "One<|im_end|>\n<|im_start|>assistant\nTwo<|im_end|>\n<|im_start|>user\nThree" in sent.text
    assert told(history)["tuned"].is_exact is False


def test_that_what_cannot_be_asked_is_refused_and_the_chat_goes_on(tuned: RunFolder, chat_here: Chat) -> None:
    history = chat_here(
        tuned, question(1, "a" * 600, "Hello"), question(2, "x", after=9), question(3, "x", sides=["who"])
    )
    refused = of_kind(history, QuestionRefused)
    assert [(event.number, event.place) for event in refused] == [(1, 0), (2, 0), (3, 0)]
    assert "tokens, and llama reads 512 with its answer" in refused[0].what
    assert refused[1].what == "There is no answer of tuned to question 9 to follow."
    assert refused[2].in_words() == 'Nobody here is called "who". The sides are tuned.'
    assert [event.prompt for event in of_kind(history, Answered)] == ["Hello"]
    assert [event.number for event in of_kind(history, QuestionDone)] == [1, 2, 3]


def test_that_an_answer_ends_where_the_model_reads_no_further(tuned: RunFolder, chat_here: Chat) -> None:
    (sent,) = of_kind(chat_here(tuned, question(1, "a")), QuestionSent)
    long = "a" * (513 - len(sent.ids) - 3)  # three positions are left
    (answer,) = of_kind(chat_here(tuned, question(1, long, max_tokens=50)), Answered)
    assert len(answer.ids) <= 3


def test_that_a_checkpoint_and_an_adapter_without_a_run_can_be_asked(
    tuned: RunFolder, chat_here: Chat, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(tuned.adapter, tmp_path / "mine"))
    step = tuned.checkpoints / "step-00000002"
    history = chat_here(tuned, question(1, "Hello"), beside=[str(step), str(copied)])
    (loaded,) = of_kind(history, ChatLoaded)
    assert [entry.side for entry in loaded.sides] == ["tuned", f"{tuned.name}, step-00000002", str(copied)]
    found = told(history)
    assert found["tuned"].adapter_sha256 == found[str(copied)].adapter_sha256
    assert found[f"{tuned.name}, step-00000002"].adapter_sha256 not in ("", found["tuned"].adapter_sha256)


def test_that_a_model_is_asked_without_a_run(llama: Path, chat_here: Chat) -> None:
    history = chat_here(llama, question(1, "Hello"))
    (loaded,) = of_kind(history, ChatLoaded)
    assert loaded.stored_as.startswith("BF16")
    assert told(history).keys() == {"base"}


def test_that_an_adapter_of_another_base_is_refused(
    tuned: RunFolder, rows: Path, tiny_model: Callable[[str], Path], train_here: Train, chat_here: Chat, tmp_path: Path
) -> None:
    other, _ = train_here(tiny_recipe(tiny_model("qwen3"), rows, "samples.count=0"))
    history = chat_here(tuned, question(1, "Hello"), beside=[str(other.path)])
    assert history.ended is not None
    assert history.ended.is_mendable
    assert history.ended.what.startswith(f"The adapter of {other.name} was made for another base:")
    stray = Path(shutil.copytree(tuned.adapter, tmp_path / "stray"))
    config = json.loads((stray / "adapter_config.json").read_text())
    (stray / "adapter_config.json").write_text(json.dumps(config | {"base_model_name_or_path": "org/unknown"}))
    history = chat_here(tuned, question(1, "Hello"), beside=[str(stray)])
    assert history.ended is not None
    assert history.ended.what == f"The adapter of {stray} was made for another base: org/unknown."


def test_that_a_base_that_has_changed_or_gone_is_refused(tuned: RunFolder, llama: Path, chat_here: Chat) -> None:
    config = json.loads((llama / "config.json").read_text())
    (llama / "config.json").write_text(json.dumps(config | {"rms_norm_eps": 0.5}))
    history = chat_here(tuned, question(1, "Hello"))
    assert history.ended is not None
    assert history.ended.what == f"The base of {tuned.name} has changed since it was trained: {llama}."
    shutil.rmtree(llama)
    history = chat_here(tuned, question(1, "Hello"))
    assert history.ended is not None
    assert history.ended.what == f"The base of {tuned.name} is gone: {llama}."


def test_that_a_full_training_answers_by_its_own_weights(
    llama: Path, rows: Path, train_here: Train, chat_here: Chat
) -> None:
    run, _ = train_here(tiny_recipe(llama, rows, "lora.enabled=false", "model.precision=fp32", "samples.count=0"))
    history = chat_here(run, question(1, "Hello"))
    assert told(history)["tuned"].adapter_sha256 == ""
    history = chat_here(run, question(1, "Hello"), beside=["base"])
    assert history.ended is not None
    assert "no adapter that could be turned off: its training has changed the weights" in history.ended.what


def test_that_a_side_is_put_beside_those_that_are_loaded(
    tuned: RunFolder, llama: Path, rows: Path, tiny_model: Callable[[str], Path], train_here: Train, chat_here: Chat
) -> None:
    other, _ = train_here(tiny_recipe(llama, rows, "training.learning_rate=0.02", "samples.count=0"))
    foreign, _ = train_here(tiny_recipe(tiny_model("qwen3"), rows, "samples.count=0"))
    history = chat_here(
        llama,
        question(1, "Hello"),
        "base",
        str(tuned.path),
        str(foreign.path),
        str(other.path),
        str(other.path),
        question(2, "Hello"),
    )
    loaded = of_kind(history, SideLoaded)
    assert [event.facts.side for event in loaded] == ["tuned", other.name]
    refused = [event.what for event in of_kind(history, SideRefused)]
    assert refused[0] == "llama has no adapter that could be turned off."
    assert refused[1].startswith(f"The adapter of {foreign.name} was made for another base:")
    assert refused[2] == f"{other.name} would stand beside itself."
    assert told(history, 1).keys() == {"base"}
    found = told(history, 2)
    assert [event.adapter_sha256 for event in found.values()] == ["", *(e.facts.adapter_sha256 for e in loaded)]
    assert found["base"].ids == told(history, 1)["base"].ids
    assert len({tuple(event.ids) for event in found.values()}) > 1
    alone = told(chat_here(other, question(1, "Hello")))["tuned"]
    assert alone.adapter_sha256 == found[other.name].adapter_sha256
