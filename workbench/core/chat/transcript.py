"""A conversation as Markdown: how it was asked, and what each has said to it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from workbench.core.job.chat_kinds import Answered
from workbench.core.job.question import AnswerSettings
from workbench.core.units import counted

FINISH_WORDS = {"end": "ended by itself", "stop word": "ended at a stop word", "interrupted": "stopped"}


class Column(NamedTuple):
    """One who answers: its name in the table, and which weights it is."""

    title: str
    weights: str = ""


class Exchanged(NamedTuple):
    """A question, with the answers by column; None where that column has none."""

    question: str
    answers: tuple[str | None, ...]


def as_markdown(
    title: str, columns: Sequence[Column], settings: AnswerSettings, system: str, turns: Sequence[Exchanged]
) -> str:
    """The conversation as a page: settings, then a table with a row for each question."""
    lines = [f"# {title}", ""]
    lines += [f"- {column.title}: {column.weights}" for column in columns if column.weights]
    lines += [f"- {line}" for line in settings_in_words(settings)]
    if system:
        lines += [f"- System prompt: {_in_cell(system)}"]
    lines += ["", f"| Question | {' | '.join(_in_cell(column.title) for column in columns)} |"]
    lines += [f"|{' --- |' * (1 + len(columns))}"]
    for turn in turns:
        cells = [turn.question, *(text if text is not None else "" for text in turn.answers)]
        lines.append(f"| {' | '.join(map(_in_cell, cells))} |")
    return "\n".join(lines) + "\n"


def settings_in_words(settings: AnswerSettings) -> list[str]:
    """How answers were made, as short lines."""
    found = [f"Strength {settings.strength:g}", f"Temperature {settings.temperature:g}"]
    if settings.temperature > 0:
        found.append(f"Top-p {settings.top_p:g}")
        found += [f"Top-k {settings.top_k}"] if settings.top_k else []
        found.append(f"Seed {settings.seed}")
    if settings.repetition_penalty != 1:
        found.append(f"Repetition {settings.repetition_penalty:g}")
    found.append(f"At most {counted(settings.max_tokens, 'token')}")
    found += [f"Stop at `{word}`" for word in settings.stop]
    return found


def took_in_words(answered: Answered, tokens: int, seconds: float) -> str:
    """What an answer took: "78 tokens in 1.4 s, ended by itself"; nothing of its end where it was cut."""
    words = f"{counted(tokens, 'token')} in {seconds:.1f} s"
    ended = FINISH_WORDS.get(answered.finish, "")
    return f"{words}, {ended}" if ended else words


class Proven(Protocol):
    """An answer with the weights that gave it."""

    @property
    def base_hash(self) -> str: ...
    @property
    def adapter_sha256(self) -> str: ...
    @property
    def strength(self) -> float: ...


def proof_in_words(answered: Proven) -> str:
    """Which weights answered, for whoever asks."""
    adapter = f"adapter {answered.adapter_sha256[:16]}" if answered.adapter_sha256 else "no adapter at work"
    strength = f", strength {answered.strength:g}" if answered.adapter_sha256 else ""
    return f"base {answered.base_hash[:16]}, {adapter}{strength}"


def _in_cell(text: str) -> str:
    """A text of several lines within a cell of a table."""
    return text.strip().replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>")
