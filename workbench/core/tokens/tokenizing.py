"""Rows made into exactly the tokens that are learned, with all that is to be told of them."""

import time
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from tokenizers import Encoding

from workbench.core.data.row import DataRow, Turn
from workbench.core.data.system import in_first_question, with_system
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import showing
from workbench.core.tokens.located import Located, Locator
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure, TemplateLimit
from workbench.core.tokens.templates.named import PLAIN, chosen_template, named_template
from workbench.core.tokens.token_kinds import Fault, Finding
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer

# A template that never ends takes ten seconds of every row before it is stopped.
MOST_WASTED_SECONDS = 25.0
_PROBE = "\ue000probe\ue001"  # of Unicode's private use


class Asked(NamedTuple):
    """What a model is given to answer."""

    text: str
    ids: list[int]


class RowTokenizer:
    """Makes rows into tokens as a recipe asks for it.

    Attributes:
        tokenizer: The model's.
        template: What wraps turns; None where a prompt and its completion stand one behind the other.
    """

    def __init__(self, tokenizer: TextTokenizer, recipe: Recipe, *, embedding_rows: int = 0) -> None:
        """`embedding_rows` are the model's, where they are known better than by its config.json. Raises UserError."""
        self.tokenizer = tokenizer
        self.template = chosen_template(tokenizer, recipe.data)
        self._recipe = recipe
        self._train_on: str = recipe.data.train_on
        self._rows = embedding_rows or tokenizer.facts.embedding_rows
        self._ends = tuple(tokenizer.token(end) for end in sorted(tokenizer.ends))
        self._is_end = np.zeros(tokenizer.vocabulary_size + 1, np.bool_)
        self._is_end[[end for end in tokenizer.ends if end <= tokenizer.vocabulary_size]] = True
        # What a prompt and its completion are followed by where no template is.
        self._after = tokenizer.adds_after if tokenizer.eos_id is None else (tokenizer.eos_id,)
        self._special = showing.SpecialTexts(tokenizer.special_texts)
        self._locators: dict[str, Locator] = {}
        self._wasted_seconds = 0.0
        with_tools = chosen_template(tokenizer, recipe.data, with_tools=True)
        self._with_tools = with_tools or self.plain_template
        self._without_tools = self.template or self.plain_template

    @property
    def form(self) -> str:
        """How a prompt and its completion become text where no template wraps them."""
        return f"prompt + completion + {self.tokenizer.eos}" if self.tokenizer.eos else "prompt + completion"

    @cached_property
    def plain_template(self) -> ChatTemplate:
        """What conversations are wrapped in where the tokenizer has no template, or the recipe takes none."""
        return named_template(self.tokenizer, PLAIN)

    @cached_property
    def template_refuses_system(self) -> bool:
        """Whether the template takes no system turn, or leaves its text out without a word."""
        if self.template is None:
            return False
        turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        try:
            self.template.render(turns)
        except TemplateFailure:
            return False  # it refuses more than that
        try:
            told = self.template.render([{"role": "system", "content": _PROBE}, *turns]).text
        except TemplateFailure:
            return True
        return _PROBE not in told

    # -- what is asked -------------------------------------------------------------------------------------------------

    def ask(self, turns: Sequence[Turn], tools: Sequence[dict[str, object]] = ()) -> Asked:
        """What the model is given to answer the last of these turns: as it was learned. Raises TemplateFailure."""
        if self.template is None and [turn["role"] for turn in turns] == ["user"] and not tools:
            text = str(turns[0]["content"])
            return Asked(text, [*self.tokenizer.adds_before, *self.tokenizer.ids_of(text)])
        template = self._with_tools if tools else self._without_tools
        text = template.render(turns, tools, for_answer=True).text
        return Asked(text, self.tokenizer.ids_of(text))

    # -- what is learned -----------------------------------------------------------------------------------------------

    def rows(self, rows: Sequence[DataRow]) -> list[list[TokenRow] | Fault]:
        """For each row the rows of the training that it becomes, usually one, or why it is not learned.

        Rows are given as their file has them: the recipe's system prompt is put in here.
        """
        rows = [with_system(row, self._recipe.data) for row in rows]
        located = [self._located(row) for row in rows]
        texts = [one.text for found in located if isinstance(found, list) for one in found]
        encodings = iter(self.tokenizer.encode(texts))
        return [
            found if isinstance(found, Fault) else self._made(row, found, [next(encodings) for _ in found])
            for row, found in zip(rows, located, strict=True)
        ]

    def _located(self, row: DataRow) -> list[Located] | Fault:
        learned = self._learned(row.turns)
        is_all = self._train_on == "all"
        if row.turns and not (any(map(_weighs, row.turns)) if is_all else learned):
            return Fault("context alone")
        plain = self._plain(row)
        if plain is not None:
            given, text = len(plain[0]), plain[0] + plain[1]
            start = 0 if self._train_on == "all" else given
            contents = [(0, given), (given, len(text))] if row.turns else [(0, len(text))]
            return [Located(text, row.turns, [(-1, start, len(text))], [*contents], "plain")]
        template = self._with_tools if row.tools else self._without_tools
        begun = time.monotonic()
        try:
            found = self._locator(template).locate(row, learned, all_of_it=is_all)
            for one in found:
                showing.add_findings(one, row, template, self._special, learned)
        except TemplateLimit as failure:
            self._wasted_seconds += time.monotonic() - begun
            if self._wasted_seconds > MOST_WASTED_SECONDS:
                raise UserError(
                    f"The chat template goes beyond its limits in one row after another: {failure}.",
                    remedy=f'Choose another one, such as data.template = "{PLAIN}".',
                ) from None
            return Fault("template failure", str(failure))
        except TemplateFailure as failure:
            return self._refused(row, template, str(failure))
        return found

    def _plain(self, row: DataRow) -> tuple[str, str] | None:
        """What is given and what is learned of a row that no template wraps."""
        if row.turns and (self.template is not None or row.tools or any(map(showing.has_more, row.turns))):
            return None
        return row.plain

    def _learned(self, turns: Sequence[Turn]) -> tuple[int, ...]:
        """The turns that are learned, by the recipe and by their weight."""
        found = [place for place, turn in enumerate(turns) if turn["role"] == "assistant"]
        if self._train_on == "last":
            found = found[-1:]
        return tuple(place for place in found if _weighs(turns[place]))

    def _locator(self, template: ChatTemplate) -> Locator:
        locator = self._locators.get(template.source)
        if locator is None:
            locator = self._locators[template.source] = Locator(template, self._ends)
        return locator

    def _refused(self, row: DataRow, template: ChatTemplate, why: str) -> Fault:
        """What is wrong, and advice that was tried."""
        match row.turns[0]["role"]:
            case "system":
                kind, other = "system refused", in_first_question(row.turns)
            case "assistant":
                kind, other = "assistant first", ({"role": "user", "content": _PROBE}, *row.turns)
            case _:
                return Fault("template failure", why)
        try:
            template.render(other, row.tools)
        except TemplateFailure:
            return Fault("template failure", why)
        return Fault(kind, why)

    # -- tokens --------------------------------------------------------------------------------------------------------

    def _made(self, row: DataRow, found: list[Located], encodings: list[Encoding]) -> list[TokenRow] | Fault:
        made: list[TokenRow] = []
        fault = Fault("nothing to learn")
        for located, encoding in zip(found, encodings, strict=True):
            one = self._token_row(located, encoding)
            if isinstance(one, Fault):
                fault = one
            else:
                made.append(one)
        if not made:
            return fault
        if len(made) < len(found):
            left_out = Finding("turns left out", f"{len(found) - len(made)} of {len(found)} answers")
            made[0].findings = (*made[0].findings, left_out)
        return made

    def _token_row(self, located: Located, encoding: Encoding) -> TokenRow | Fault:
        is_plain = located.way == "plain"
        tokenizer = self.tokenizer
        before, after = (tokenizer.adds_before, self._after) if is_plain else ((), ())
        if after and encoding.ids[-len(after) :] == list(after):
            after = ()  # a text that ends with the end token already
        row = TokenRow(tokenizer, encoding, located.text, located.way, before=before, after=after)
        row.turn = located.turn
        row.contents = tuple(span for span in located.contents if span is not None)
        findings = [*located.findings]
        largest = int(row.ids.max(initial=-1))
        if 0 < self._rows <= largest:
            return Fault("beyond the vocabulary", f"{largest} of {self._rows} embeddings: {tokenizer.token(largest)!r}")
        if self._train_on == "all":
            self._learn_all(row, located, findings)
        else:
            for answer in located.answers:
                self._learn(row, located, answer, findings)
        unknown = tokenizer.unknown_id
        if unknown is not None and (row.ids == unknown).any():
            findings.append(Finding("unknown", self._unknown_text(row, unknown)))
        fault = self._cut(row, findings)
        row.findings = tuple(dict.fromkeys(findings))
        return fault or row

    def _learn(self, row: TokenRow, located: Located, answer: tuple[int, int, int], findings: list[Finding]) -> None:
        """Trains an answer with its end, of which there is exactly one."""
        turn, start, end = answer
        first, last = row.tokens_of(start, end)
        if first < last and row.start_of(first) < start:
            findings.append(Finding("joined", row.text[row.start_of(first) : start + 1]))
        if located.way == "plain":
            row.trained[first:] = True
            if not row.ids.size or not self._is_end[row.ids[-1]]:
                findings.append(Finding("no end"))
            return
        ids = row.ids
        content = located.contents[turn] if turn >= 0 else None
        behind = row.first_from(content[1]) if content and start < content[1] <= end else first
        ends = behind + np.flatnonzero(self._is_end[ids[behind:last]])
        if not len(ends):
            if last < len(ids) and self._is_end[ids[last]]:
                last += 1  # the template's mark leaves the end out
            else:
                findings.append(Finding("no end"))
        elif len(ends) > 1 and turn >= 0:
            last = int(ends[1])
            findings.append(Finding("two ends", self.tokenizer.token(int(ids[ends[1]]))))
        row.trained[first:last] = True
        if first and self._is_end[ids[first - 1]]:
            findings.append(Finding("end before the answer", self.tokenizer.token(int(ids[first - 1]))))

    def _learn_all(self, row: TokenRow, located: Located, findings: list[Finding]) -> None:
        """Trains all of a row but the words of turns of weight 0, and tells of an answer without an end."""
        row.trained[:] = True
        ids = row.ids
        if located.way == "plain":
            has_ends = bool(ids.size and self._is_end[ids[-1]])
        else:
            has_ends = all(self._ends_behind(row, located, turn) for turn in self._learned(located.turns))
        if not has_ends:
            findings.append(Finding("no end"))
        for turn, span in zip(located.turns, located.contents, strict=False):  # plain text has no turns
            if span is not None and not _weighs(turn):
                first, last = row.tokens_of(*span)
                row.trained[first:last] = False

    def _ends_behind(self, row: TokenRow, located: Located, turn: int) -> bool:
        """Whether an end token stands between a turn's words and the next turn's; also where those cannot be found."""
        span = located.contents[turn]
        if span is None:
            return True
        later = [other[0] for other in located.contents if other is not None and other[0] >= span[1]]
        first = row.first_from(span[1])
        last = row.first_from(min(later)) if later else len(row.ids)
        return bool(self._is_end[row.ids[first:last]].any())

    def _unknown_text(self, row: TokenRow, unknown: int) -> str:
        offsets = row.offsets[row.ids == unknown]
        return row.text[offsets[0, 0] : offsets[0, 1]]

    def _cut(self, row: TokenRow, findings: list[Finding]) -> Fault | None:
        """Cuts a row that is too long, as the recipe says, and refuses one with nothing to learn."""
        most, tokens = self._recipe.training.max_length, len(row.ids)
        if tokens > most:
            match self._recipe.data.too_long:
                case "leave_out":
                    return Fault("too long", f"{tokens} tokens, {most} at most")
                case "cut_end":
                    row.last = most
                    findings.append(Finding("cut at the end", f"{tokens - most} of {tokens} tokens"))
                case "cut_start":
                    row.first = tokens - most
                    findings.append(Finding("cut at the start", f"{tokens - most} of {tokens} tokens"))
        if row.learned:
            return None
        return Fault("nothing to learn", f"{tokens} tokens, {most} at most" if tokens > most else "")


def _weighs(turn: Turn) -> bool:
    """Whether a turn counts: OpenAI's files give those a weight of 0 that are only read."""
    return bool(turn.get("weight", 1))
