"""The first rows of a file, column by column: what kind of values stand there, by which a shape is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from workbench.core.data.column_names import has_word, is_aside, is_called, names, normal
from workbench.core.data.conversation import looks_like_turns
from workbench.core.problems import shown

# Of a row's columns, those that are looked at; a setting may still name one beyond.
MOST_COLUMNS = 500
SAMPLE_CHARACTERS = 60
# A column of so few different values, each of them repeated, is one that rows may be grouped by.
MOST_GROUPS = 50
_QUESTION_ENDS = ("?", "\uff1f", "\u061f")  # the second in Chinese and Japanese, the third in Arabic


@dataclass(slots=True)
class ColumnFacts:
    """What the first rows hold in one column; counts are of rows.

    Attributes:
        turns: Values that are conversations.
        turn_key: By which their speakers are named, "role" or "from".
        characters: Of all texts.
        different: The different texts, as far as they are short.
        sample: The first value in a few words.
    """

    name: str
    texts: int = 0
    numbers: int = 0
    turns: int = 0
    others: int = 0
    empties: int = 0
    turn_key: str = ""
    characters: int = 0
    questions: int = 0
    different: set[int] = field(default_factory=set)
    sample: str = ""

    def add(self, value: Any) -> None:
        """Counts one row's value."""
        if value is None or value == "" or value == [] or value != value:  # NaN equals nothing
            self.empties += 1
            return
        self.sample = self.sample or shown(value if isinstance(value, str) else repr(value)[:200], SAMPLE_CHARACTERS)
        if key := looks_like_turns(value):
            self.turns += 1
            self.turn_key = self.turn_key or key
        elif isinstance(value, str):
            self.texts += 1
            self.characters += len(value)
            self.questions += value.rstrip().endswith(_QUESTION_ENDS)
            self.different.add(hash(value))
        elif isinstance(value, list | dict | bytes):
            self.others += 1
        else:
            self.numbers += 1
            self.different.add(hash(value))

    @property
    def filled(self) -> int:
        return self.texts + self.numbers + self.turns + self.others

    @property
    def is_text(self) -> bool:
        """Whether most of what stands there is text."""
        return self.texts > 0 and 2 * self.texts > self.filled

    @property
    def is_cell(self) -> bool:
        """Whether most of what stands there is text or a number; also where nothing does."""
        return 2 * (self.texts + self.numbers) >= self.filled

    @property
    def is_turns(self) -> bool:
        return self.turns > 0 and 2 * self.turns > self.filled

    @property
    def mean_characters(self) -> float:
        return self.characters / max(1, self.texts)

    @property
    def question_share(self) -> float:
        return self.questions / max(1, self.texts)

    @property
    def different_share(self) -> float:
        """Different values for each row that has one; 1 where none repeats."""
        return len(self.different) / max(1, self.texts + self.numbers)

    @property
    def is_group(self) -> bool:
        """Whether short values repeat, few of them different."""
        count = self.texts + self.numbers
        few = len(self.different) <= min(MOST_GROUPS, count // 3)
        return count >= 6 and few and self.mean_characters <= 40


class Sample:
    """The first rows of a file.

    Attributes:
        rows: How many there are.
        columns: The facts of each column, in the order of the file.
    """

    def __init__(self, values: Sequence[dict[str, Any]]) -> None:
        self.rows = len(values)
        self.columns: dict[str, ColumnFacts] = {}
        self._names: dict[str, None] = {}
        for value in values:
            self._names.update(dict.fromkeys(value))
            for name in islice(value, MOST_COLUMNS):
                facts = self.columns.get(name)
                if facts is None:
                    if len(self.columns) >= MOST_COLUMNS:
                        continue
                    facts = self.columns[name] = ColumnFacts(name)
                facts.add(value[name])

    @property
    def names(self) -> list[str]:
        """Every column's name, also of those that are not looked at."""
        return list(self._names)

    def called(self, role: str) -> list[str]:
        """The columns whose whole name is one of a role, the commonest name first."""
        there = [name for name in self.columns if is_called(name, role)]
        return sorted(there, key=lambda name: names(role).index(normal(name)))

    def called_in_part(self, role: str) -> list[str]:
        """The columns of text with one word of their name among those of a role."""
        return [name for name, facts in self.columns.items() if facts.is_text and has_word(name, role)]

    def of_text(self) -> list[ColumnFacts]:
        """The columns of text, without ids and the like unless there is nothing else."""
        found = [facts for facts in self.columns.values() if facts.is_text]
        return [facts for facts in found if not is_aside(facts.name)] or found

    def of_turns(self) -> list[ColumnFacts]:
        return [facts for facts in self.columns.values() if facts.is_turns]
