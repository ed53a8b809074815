"""Rows become exactly the tokens that are meant, and the loss counts exactly the answers."""

from tests.core.tokens.tokenizers_made import byte_tokenizer
from workbench.core.data.row import DataRow
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizing import RowTokenizer


def learned_text(row: TokenRow) -> str:
    """What the loss counts, as text; what lies between is "|"."""
    pieces, inside = [], False
    for (start, end), is_trained in zip(row.offsets, row.trained, strict=True):
        if is_trained and not inside:
            pieces.append("")
        if is_trained:
            pieces[-1] += row.text[start:end]
        inside = bool(is_trained)
    return "|".join(pieces)


def test_that_every_answer_of_a_conversation_is_learned_with_its_end() -> None:
    turns = [("user", "Hi"), ("assistant", "Hello"), ("user", "2?"), ("assistant", "Two")]
    row = DataRow(turns=tuple({"role": role, "content": text} for role, text in turns))
    (made,) = RowTokenizer(byte_tokenizer(), Recipe()).rows([row])
    assert isinstance(made, list)
    assert learned_text(made[0]) == "Hello<|im_end|>\n|Two<|im_end|>\n"
