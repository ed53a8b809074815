"""One answer of several strengths: what is known of it, and all of them as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.core.chat.strengths import at_strength
from workbench.core.chat.words import Marks, marks
from workbench.core.job.chat_kinds import Answered, StrengthMeasured
from workbench.core.units import counted, three_digits

Stage = Literal["waits", "answering", "done", "stopped", "refused"]
NO_MARKS = Marks((), is_wholly_different=False)
STAGE_WORDS: dict[Stage, str] = {
    "waits": "waits",
    "answering": "answering",
    "done": "",
    "stopped": "stopped",
    "refused": "could not answer",
}


@dataclass
class AtStrength:
    """The answer at one strength.

    Attributes:
        text: What was said so far.
        answered: The whole answer, with the proof of its weights; None before it is there.
        measured: How the held-out rows were there; None where they were not measured.
        marks: Words that strength 0 has not said.
    """

    strength: float
    text: str = ""
    tokens: int = 0
    stage: Stage = "waits"
    answered: Answered | None = None
    measured: StrengthMeasured | None = None
    marks: Marks = NO_MARKS

    def figure(self) -> tuple[str, str]:
        """What was measured, and of what: "8.4", "perplexity", or "31", "of 40 right"; nothing where nothing was."""
        found = self.measured
        if found is None:
            return "", ""
        if found.perplexity is not None:
            return three_digits(found.perplexity), "perplexity"
        return f"{found.right}", f"of {found.rows} right"

    def counted_tokens(self) -> str:
        return counted(self.tokens, "token") if self.tokens else STAGE_WORDS[self.stage]

    def sentence(self) -> str:
        """What a screen reader says of it."""
        figure = " ".join(self.figure())
        parts = [f"Strength {self.strength:.2f}", *filter(None, (figure, self.counted_tokens()))]
        if self.marks.is_wholly_different:
            parts.append("wholly different from strength 0")
        elif self.marks.runs:
            new = "; ".join(self.text[start:end] for start, end in self.marks.runs)
            parts.append(f"words that strength 0 did not say: {new}")
        return f"{', '.join(parts)}. {self.text}"


def mark_all(answers: Sequence[AtStrength]) -> None:
    """Marks in each whole answer what that of strength 0 has not said."""
    base = next((entry for entry in answers if entry.strength == 0 and entry.stage == "done"), None)
    for entry in answers:
        is_compared = base is not None and entry is not base and entry.stage == "done"
        entry.marks = marks(entry.text, base.text) if base is not None and is_compared else NO_MARKS


def take_measured(answers: Iterable[AtStrength], found: Sequence[StrengthMeasured]) -> None:
    """Gives each answer what was measured at its strength."""
    for entry in answers:
        entry.measured = at_strength(found, entry.strength)


def as_markdown(prompt: str, title: str, answers: Sequence[AtStrength], found: Sequence[StrengthMeasured]) -> str:
    """The prompt, a table of the answers, and one of what was measured on the held-out rows."""
    quoted = "\n".join(f"> {line}" for line in prompt.splitlines())
    lines = [f"# {title} at {counted(len(answers), 'strength')}", "", quoted, "", "| Strength | Answer | Tokens |"]
    lines.append("|---:|---|---:|")
    lines += [f"| {entry.strength:g} | {_in_cell(entry.text)} | {entry.tokens} |" for entry in answers]
    if found:
        head = "Perplexity" if found[0].loss is not None else "Answers right"
        lines += ["", f"| Strength | {head} | Held-out rows |", "|---:|---:|---:|"]
        lines += [
            f"| {event.strength:g} | {event.right if event.perplexity is None else f'{event.perplexity:.4f}'} "
            f"| {event.rows} |"
            for event in sorted(found, key=lambda event: event.strength)
        ]
    proof = next((entry.answered for entry in answers if entry.answered is not None), None)
    adapter = next((entry.answered.adapter_sha256 for entry in reversed(answers) if entry.answered is not None), "")
    if proof is not None:
        lines += ["", f"Base {proof.base_hash}, adapter {adapter or 'none'}."]
    return "\n".join(lines) + "\n"


def _in_cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r\n", "\n").replace("\n", "<br>")
