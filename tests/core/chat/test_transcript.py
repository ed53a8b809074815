"""A conversation as a page of Markdown."""

from workbench.core.chat.transcript import Column, Exchanged, as_markdown, proof_in_words, took_in_words
from workbench.core.job.chat_kinds import Answered
from workbench.core.job.question import AnswerSettings

ANSWER = Answered(
    number=1, side="tuned", prompt="Hi", text="Yes", ids=[5, 6, 2], finish="end", seconds=1.25, first_token_seconds=0.1,
    peak_bytes=1, base_hash="b" * 64, adapter_sha256="a" * 64, strength=0.5,
)  # fmt: skip


def test_that_settings_and_both_answers_stand_in_it_whatever_is_in_them() -> None:
    columns = (Column("Base", "base 1234"), Column("Tuned"))
    settings = AnswerSettings(temperature=0.7, seed=3, stop=("END",))
    turns = (Exchanged("One | two?", ("First\nsecond", None)), Exchanged("Three", ("x", "y")))
    written = as_markdown("my run", columns, settings, "Be brief.", turns)
    assert written.startswith("# my run\n\n- Base: base 1234\n- Strength 1\n- Temperature 0.7\n- Top-p 1\n- Seed 3\n")
    assert "- Stop at `END`\n- System prompt: Be brief.\n" in written
    assert written.endswith(
        "| Question | Base | Tuned |\n| --- | --- | --- |\n| One \\| two? | First<br>second |  |\n| Three | x | y |\n"
    )


def test_that_an_answer_says_what_it_took_and_whose_it_is() -> None:
    assert took_in_words(ANSWER, 3, 1.25) == "3 tokens in 1.2 s, ended by itself"
    cut = ANSWER.model_copy(update={"finish": "length"})
    assert took_in_words(cut, 3, 1.25) == "3 tokens in 1.2 s"
    assert proof_in_words(ANSWER) == f"base {'b' * 16}, adapter {'a' * 16}, strength 0.5"
    silent = ANSWER.model_copy(update={"adapter_sha256": "", "strength": 0.0})
    assert proof_in_words(silent) == f"base {'b' * 16}, no adapter at work"
