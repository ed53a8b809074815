"""What a file of one's own is evaluated on: its rows, with what had to be left out of it."""

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.core import sources
from workbench.core.chat.prompts import TEXT
from workbench.core.chat.speakers import Speaker
from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError, in_a_row, shown
from workbench.core.recipe.recipe import DataSettings
from workbench.core.tokens.prepared.of_run import held_out_of

# In place of a file: the rows that the run has kept from its training.
HELD_OUT = "held-out"
_ASKED = ("question", "prompt", "query", "input", "instruction", "context", "ctx")
_CHOICES = ("choices", "options", "endings", "answers")
_RIGHT = ("answer", "answerKey", "answer_key", "label", "correct", "right", "target", "gold")
# A choice's letter or number in a column's name, such as "A", "choice_b" or "option 3".
_SPELLED = ("{}", "choice {}", "option {}", "answer {}", "choice{}", "option{}", "ending{}", "ending {}")
MOST_CHOICES = 26


@dataclass(frozen=True)
class Choice:
    """A question with several answers; `right` is the place of the right one, from 0."""

    question: str
    choices: tuple[str, ...]
    right: int


@dataclass
class LeftOut:
    """Rows that are not measured: how many, and why the first was not."""

    count: int = 0
    first: str = ""

    def add(self, where: str, why: str) -> None:
        self.count += 1
        self.first = self.first or f"{where}: {why}"


@dataclass
class EvaluationRows:
    """Rows with an answer, or plain text; `source` says in words where they are from."""

    source: str
    rows: list[DataRow] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)


def read_rows(name: str, speaker: Speaker, settings: DataSettings, *, needs_answer: bool) -> EvaluationRows:
    """The rows of a file, or those that the speaker's run held out. Raises UserError where none can be measured."""
    if name == HELD_OUT:
        if speaker.run is None:
            raise UserError(
                f"{speaker.title} is not a run, so it held no rows out.",
                remedy="Name a file of rows that it has not learned.",
            )
        held_out = held_out_of(speaker.run)
        found = EvaluationRows(held_out.source, held_out.rows)
        for problem in held_out.problems:
            found.left_out.add(f"{problem.file}, row {problem.line}", problem.text)
    else:
        opened = _opened(name, settings)
        found = EvaluationRows(opened.source.name)
        for place, row in opened.each():
            if isinstance(row, RowProblem):
                found.left_out.add(opened.source.place_in_words(place), row.text)
            else:
                found.rows.append(row)
    if needs_answer:
        plain = sum(not row.answer for row in found.rows)
        found.rows = [row for row in found.rows if row.answer]
        for _ in range(plain):
            found.left_out.add(found.source, "a row of plain text has no answer")
    if not found.rows:
        raise UserError(
            f"There is no row in {shown(found.source, 300)} that could be measured.",
            why=found.left_out.first,
            remedy="Give rows with a prompt and its answer." if needs_answer else "Give rows with text.",
        )
    return found


def read_choices(name: str, settings: DataSettings) -> tuple[list[Choice], LeftOut, str]:
    """The questions of a file with several answers each, what was left out, and what the file is called.

    A row has the question, `choices` as a list (or a column each, such as A, B, C, or as ARC has them), and `answer`:
    the right one's letter, its text, or its number from 0. Raises UserError where none can be measured.
    """
    opened = _opened(name, settings)
    found: list[Choice] = []
    left_out = LeftOut()
    for place, value in opened.source.values():
        where = opened.source.place_in_words(place)
        if isinstance(value, Wrong):
            left_out.add(where, value.text)
            continue
        try:
            found.append(_choice(value))
        except Wrong as wrong:
            left_out.add(where, in_a_row(wrong.text, wrong.remedy))
    if not found:
        raise UserError(
            f"There is no question with several answers in {shown(opened.source.name, 300)}.",
            why=left_out.first,
            remedy="A row needs a question, a list of choices, and the right one's letter, number or text as answer.",
        )
    return found, left_out, opened.source.name


def _opened(name: str, settings: DataSettings) -> OpenRows:
    if sources.data_path(name).suffix.lower() == TEXT:
        settings = settings.model_copy(update={"shape": "text"})
    return OpenRows(settings_at(settings, name))


# -- choices -----------------------------------------------------------------------------------------------------------


def _choice(value: Mapping[str, Any]) -> Choice:
    by_name = {str(key).strip().lower().replace("_", " "): entry for key, entry in value.items()}
    question = _first(by_name, _ASKED)
    if not isinstance(question, str) or not question.strip():
        raise Wrong("there is no question.", f"Call its column {_ASKED[0]}.")
    choices, labels = _choices(by_name)
    texts = tuple(str(choice) for choice in choices)
    if len(texts) < 2:
        raise Wrong("there are not several answers.", f"Give a list called {_CHOICES[0]}, or columns A, B, C.")
    if len(texts) > MOST_CHOICES:
        raise Wrong(f"there are more than {MOST_CHOICES} answers.", "Give fewer.")
    return Choice(question, texts, _right(_first(by_name, _RIGHT), texts, labels))


def _first(by_name: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((by_name[key] for name in names if (key := name.lower().replace("_", " ")) in by_name), None)


def _choices(by_name: Mapping[str, Any]) -> tuple[Sequence[Any], Sequence[str]]:
    """The choices with their labels: as a list, as ARC has them (texts beside labels), or a column each."""
    given = _first(by_name, _CHOICES)
    if isinstance(given, Mapping) and isinstance(given.get("text"), Sequence):
        return list(given["text"]), [str(label) for label in given.get("label") or ()]
    if isinstance(given, Sequence) and not isinstance(given, str):
        return list(given), []
    for signs in (string.ascii_lowercase, [str(number) for number in range(1, MOST_CHOICES + 1)], string.digits):
        for spelled in _SPELLED:
            columns = list(_columns(by_name, spelled, signs))
            if len(columns) > 1:
                return [entry for _, entry in columns], [sign for sign, _ in columns]
    return [], []


def _columns(by_name: Mapping[str, Any], spelled: str, signs: Sequence[str]) -> Iterator[tuple[str, Any]]:
    for sign in signs:
        name = spelled.format(sign)
        if name not in by_name:
            return
        if by_name[name] not in (None, ""):
            yield sign, by_name[name]


def _right(given: Any, choices: Sequence[str], labels: Sequence[str]) -> int:
    remedy = "Give its letter, its text, or its number from 0 as answer."
    if isinstance(given, bool) or given is None:
        raise Wrong("it does not say which answer is right.", remedy)
    text = str(given).strip()
    by_label = [label.strip().casefold() for label in labels]
    if by_label.count(text.casefold()) == 1:
        return by_label.index(text.casefold())
    if [choice.strip() for choice in choices].count(text) == 1:
        return [choice.strip() for choice in choices].index(text)
    if (
        len(text) == 1
        and text.isalpha()
        and (place := string.ascii_lowercase.find(text.lower())) in range(len(choices))
    ):
        return place
    number = int(text) if text.isascii() and text.isdigit() else -1
    if number in range(len(choices)):
        return number
    raise Wrong(f'"{shown(text)}" is none of its answers.', remedy)
