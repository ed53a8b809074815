"""A chat scores texts token by token and measures held-out rows by strength, with the proof of its weights."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from tests.engine.chat.conftest import Train, question
from tests.engine.chat.test_chat import of_kind, told
from tests.fakes import tiny_recipe, write_rows
from workbench.core.job import checkpoints
from workbench.core.job.chat_kinds import (
    ChatLoaded,
    QuestionDone,
    QuestionRefused,
    QuestionSent,
    StrengthMeasured,
    TextScored,
)
from workbench.core.job.events import Evaluated
from workbench.core.job.history import History
from workbench.core.job.question import Asking
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.scoring import Measurement, Scoring
from workbench.core.recipe.text import with_overrides
from workbench.engine.job import devices
from workbench.engine.model import load

Chat = Callable[..., History]
PROMPT = Asking(text="What is 2 and 2?")


def scoring(number: int, text: str = "It is 4.", **more: object) -> Scoring:
    return Scoring.model_validate({"number": number, "prompt": PROMPT, "text": text, **more})


def log_probabilities(model: torch.nn.Module, ids: list[int], answer: int) -> list[float]:
    """Of the last `answer` tokens."""
    with torch.inference_mode():
        known = torch.log_softmax(model(input_ids=torch.tensor([ids])).logits[0, :-1].float(), dim=-1)
    return known.gather(1, torch.tensor(ids[1:]).unsqueeze(1)).squeeze(1).tolist()[-answer:]


def test_that_the_probabilities_of_a_text_are_those_of_plain_transformers_and_peft(
    tuned: RunFolder, llama: Path, chat_here: Chat
) -> None:
    history = chat_here(tuned, scoring(1, strengths=[0, 0.5, 1]), question(2, PROMPT.text), beside=["base"])
    found = {(event.side, event.strength): event for event in of_kind(history, TextScored)}
    assert list(found) == [("tuned", 0.0), ("tuned", 0.5), ("tuned", 1.0), ("base", 0.0)]
    (sent,) = [event for event in of_kind(history, QuestionSent) if event.side == "base"]
    first = found["base", 0.0]
    assert first.sent == sent.text
    ids = [token.id for token in first.tokens]
    assert "".join(token.text for token in first.tokens) == "It is 4.<|im_end|>\n", (
        "as a training learns it, with what ends it"
    )
    base = load.load_model(llama, tuned.recipe(), devices.choose("cpu")).eval()
    plain = log_probabilities(base, [*sent.ids, *ids], len(ids))
    assert [token.log_probability for token in first.tokens] == plain
    silent = found["tuned", 0.0]
    assert silent.tokens == first.tokens, "strength 0 is the base bit for bit"
    assert silent.log_probability == first.log_probability == math.fsum(plain)
    peft = PeftModel.from_pretrained(base, str(tuned.adapter)).eval()
    assert [token.log_probability for token in found["tuned", 1.0].tokens] == log_probabilities(
        peft, [*sent.ids, *ids], len(ids)
    )
    assert found["tuned", 0.5].tokens != found["tuned", 1.0].tokens != silent.tokens
    (loaded,) = of_kind(history, ChatLoaded)
    digest = checkpoints.sha256(tuned.adapter / "adapter_model.safetensors")
    assert {event.base_hash for event in found.values()} == {loaded.base_hash}
    assert [event.adapter_sha256 for event in found.values()] == ["", digest, digest, ""]
    assert next((event.number, event.tokens) for event in of_kind(history, QuestionDone)) == (1, 4 * len(ids))


def test_that_a_greedy_answer_is_the_likeliest_at_each_of_its_tokens(tuned: RunFolder, chat_here: Chat) -> None:
    asked = chat_here(tuned, question(1, PROMPT.text, strength=0.5))
    (sent,) = of_kind(asked, QuestionSent)
    answer = told(asked)["tuned"]
    history = chat_here(tuned, scoring(1, "", sent=sent.ids, ids=answer.ids, strengths=[0.5]))
    (found,) = of_kind(history, TextScored)
    assert [token.id for token in found.tokens] == answer.ids
    assert [token.likeliest[0].id for token in found.tokens] == answer.ids
    assert found.sent == sent.text


def test_that_what_cannot_be_looked_at_is_refused_and_the_chat_goes_on(
    tuned: RunFolder, llama: Path, chat_here: Chat
) -> None:
    history = chat_here(
        tuned, scoring(1, "a" * 600), scoring(2, sides=["who"]), Measurement(number=3, side="tuned", strengths=(1,)),
        scoring(4),
    )  # fmt: skip
    refused = of_kind(history, QuestionRefused)
    assert [event.number for event in refused] == [1, 2, 3]
    assert refused[0].what.startswith("Prompt and answer have 6")
    assert refused[1].what.startswith('Nobody here is called "who".')
    assert refused[2].what == f"Run {tuned.name} held no rows out."
    assert [event.number for event in of_kind(history, TextScored)] == [4]
    assert [event.number for event in of_kind(history, QuestionDone)] == [1, 2, 3, 4]
    history = chat_here(llama, Measurement(number=1, side="base", strengths=(1,)))
    (event,) = of_kind(history, QuestionRefused)
    assert event.what == "llama belongs to no run: no rows were held out of its training."


@pytest.mark.parametrize("packing", ["false", "true"])
def test_that_a_measured_loss_is_that_of_the_runs_evaluation(
    packing: str, llama: Path, rows: Path, train_here: Train, chat_here: Chat
) -> None:
    changes = ("evaluation.rows=7", "evaluation.every_steps=4", "samples.count=0", "training.batch_size=3",
               "training.learning_rate=0.05", f"training.packing={packing}")  # fmt: skip
    run, trained = train_here(tiny_recipe(llama, rows, *changes))
    evaluated = [event for event in trained.evaluations if isinstance(event, Evaluated)][-1]
    strengths = (0.0, 0.5, 1.0)
    history = chat_here(
        run,
        Measurement(number=1, side="tuned", strengths=strengths),
        Measurement(number=2, side="base", strengths=(0.5, 1.0)),
        beside=["base"],
    )
    found = of_kind(history, StrengthMeasured)
    assert [(event.side, event.strength, event.rows) for event in found] == [
        *(("tuned", strength, 7) for strength in strengths),
        ("base", 0.0, 7),
    ]
    assert found[2].loss == pytest.approx(evaluated.loss, abs=2e-4)
    assert found[2].perplexity == math.exp(found[2].loss or 0)
    assert found[0].loss == found[3].loss, "strength 0 is the base"
    assert found[0].loss != found[1].loss != found[2].loss
    digest = checkpoints.sha256(run.adapter / "adapter_model.safetensors")
    assert [event.adapter_sha256 for event in found] == ["", digest, digest, ""]


def test_that_without_an_evaluation_the_rows_of_the_exact_match_file_are_measured(
    llama: Path, rows: Path, tmp_path: Path, train_here: Train, chat_here: Chat
) -> None:
    scored = tmp_path / "scored.jsonl"
    scored.write_text("\n".join(write_rows(tmp_path / "all.jsonl", 29).read_text().splitlines()[24:]))
    held = (f"evaluation.path={scored}", "evaluation.every_steps=4")
    recipe = tiny_recipe(llama, rows, "samples.count=0", "training.batch_size=5")  # whatever their order
    run, _ = train_here(with_overrides(recipe, [f"evaluation.score_path={scored}"]))
    evaluated, _ = train_here(with_overrides(recipe, held))
    measurement = Measurement(number=1, side="tuned", strengths=(0,))
    (found,) = of_kind(chat_here(run, measurement), StrengthMeasured)
    (as_evaluated,) = of_kind(chat_here(evaluated, measurement), StrengthMeasured)
    assert (found.rows, found.loss) == (as_evaluated.rows, as_evaluated.loss)


def test_that_answers_are_counted_that_equal_those_held_out(
    llama: Path, rows: Path, train_here: Train, chat_here: Chat
) -> None:
    run, _ = train_here(tiny_recipe(llama, rows, "evaluation.rows=5", "samples.count=0"))
    measurement = Measurement(number=1, side="tuned", strengths=(0, 1), by="match", max_tokens=4)
    found = of_kind(chat_here(run, measurement), StrengthMeasured)
    assert [(event.right, event.rows, event.loss, event.perplexity) for event in found] == [(0, 5, None, None)] * 2
    write_rows(rows, 30)
    (event,) = of_kind(chat_here(run, measurement), QuestionRefused)
    assert event.what == f"The held-out rows of run {run.name} are not what they were."


def test_that_an_interrupt_ends_what_is_measured_and_the_chat_goes_on(
    llama: Path, rows: Path, train_here: Train, chat_here: Chat
) -> None:
    run, _ = train_here(tiny_recipe(llama, rows, "evaluation.rows=5", "samples.count=0"))
    many = tuple(step / 100 for step in range(100))
    history = chat_here(
        run,
        Measurement(number=1, side="tuned", strengths=many),
        scoring(2, strengths=many),
        Order(order="interrupt"),
        scoring(3),
    )
    assert [event.number for event in of_kind(history, QuestionDone)] == [1, 2, 3]
    assert not of_kind(history, StrengthMeasured)
    assert [event.number for event in of_kind(history, TextScored)] == [3]
