"""Rows made into exactly the tokens that are learned."""

from collections.abc import Sequence

from workbench.core.data.row import DataRow
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure
from workbench.core.tokens.token_kinds import Fault
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer


class RowTokenizer:
    """Makes rows into tokens as a recipe asks for it.

    Attributes:
        tokenizer: The model's.
        template: What wraps turns; None where rows are learned as prompt and completion, one behind the other.
    """

    def __init__(self, tokenizer: TextTokenizer, recipe: Recipe) -> None:
        """Raises UserError where the recipe's template cannot be had."""
        self.tokenizer = tokenizer
        self.template: ChatTemplate | None = None
        source = tokenizer.facts.templates.get("default")
        if recipe.data.chat_template and source:
            self.template = ChatTemplate(source, tokenizer.facts.special_tokens)
        self._recipe = recipe

    def rows(self, rows: Sequence[DataRow]) -> list[list[TokenRow] | Fault]:
        """For each row the rows of the training that it becomes, usually one, or why it is not learned."""
        return [self._row(row) for row in rows]

    def _row(self, row: DataRow) -> list[TokenRow] | Fault:
        plain = row.plain
        if plain is not None and (self.template is None or not row.turns):
            given, learned = plain
            end = () if self.tokenizer.eos_id is None else (self.tokenizer.eos_id,)
            text = given + learned
            made = TokenRow(
                self.tokenizer,
                self.tokenizer.encode([text])[0],
                text,
                "plain",
                before=self.tokenizer.adds_before,
                after=end,
            )
            made.learn(len(given), len(text))
            made.trained[len(made.ids) - len(end) :] = True
            return [made]
        assert self.template is not None
        try:
            text = self.template.render(row.turns, row.tools).text
            spans = []
            for place, turn in enumerate(row.turns):
                if turn["role"] == "assistant":
                    start = len(self.template.render(row.turns[:place], row.tools, for_answer=True).text)
                    spans.append((start, len(self.template.render(row.turns[: place + 1], row.tools).text)))
        except TemplateFailure as failure:
            return Fault("template failure", str(failure))
        made = TokenRow(self.tokenizer, self.tokenizer.encode([text])[0], text, "prefixes")
        for start, stop in spans:
            made.learn(start, stop)
        made.last = min(len(made.ids), self._recipe.training.max_length)
        return [made] if made.learned else Fault("nothing to learn")
