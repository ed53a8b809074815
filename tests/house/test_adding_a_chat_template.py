"""A chat template by name is a file: its name is chosen in the recipe, and rows are learned by it."""

from tests.house.scratch import Scratch

FILE = "resources/templates/whisper.jinja"
TEXT = """{% for m in messages %}({{ m.role }}) {{ m.content }}{{ eos_token if m.role == 'assistant' }}
{% endfor %}{% if add_generation_prompt %}(assistant) {% endif %}"""
LEARNED = """
import sys
from tokenizers import Tokenizer, models
from workbench.core.data.row import DataRow
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts
from workbench.core.tokens.tokenizing import RowTokenizer

letters = {letter: place for place, letter in enumerate(["</s>", *map(chr, range(10, 127))])}
backend = Tokenizer(models.BPE(letters, []))
backend.add_special_tokens(["</s>"])
rows = RowTokenizer(
    TextTokenizer(backend, TokenizerFacts({"eos_token": "</s>"})), with_overrides(Recipe(), ["data.template=whisper"])
)
((made,),) = rows.rows([DataRow(({"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}))])
print("".join(list(letters)[number] for number in made.ids[made.trained]))
"""


def test_that_a_chat_template_is_a_file(scratch: Scratch) -> None:
    scratch.create(FILE, TEXT)
    assert scratch.evaluate(LEARNED).strip() == "Yes</s>"
    assert scratch.touched == {FILE}
