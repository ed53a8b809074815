"""Rows become exactly the tokens that are meant, and the loss counts exactly the answers."""

from tests.core.tokens.tokenizers_made import byte_tokenizer
from workbench.core.data.row import DataRow
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizing import RowTokenizer


def learned_text(row: TokenRow) -> str:
    """What the loss counts, as text; what lies between is "|"."""
    pieces, position, inside = list[str](), 0, False
    for (start, end), is_trained in zip(row.offsets, row.trained, strict=True):
        if is_trained and not inside:
            pieces.append("")
        if is_trained:  # several tokens of one character have its place
            pieces[-1] += row.text[max(start, position) : end]
        position, inside = end, bool(is_trained)
    return "|".join(pieces)


def recipe_of(*, max_length: int = 4096, **data: object) -> Recipe:
    """A recipe with these settings of its data."""
    plain = Recipe()
    return plain.model_copy(
        update={
            "data": plain.data.model_copy(update=data),
            "training": plain.training.model_copy(update={"max_length": max_length}),
        }
    )


def test_that_every_answer_of_a_conversation_is_learned_with_its_end() -> None:
    turns = [("user", "Hi"), ("assistant", "Hello"), ("user", "2?"), ("assistant", "Two")]
    row = DataRow(turns=tuple({"role": role, "content": text} for role, text in turns))
    (made,) = RowTokenizer(byte_tokenizer(), Recipe()).rows([row])
    assert isinstance(made, list)
    assert learned_text(made[0]) == "Hello<|im_end|>\n|Two<|im_end|>\n"
