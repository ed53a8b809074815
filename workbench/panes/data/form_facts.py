"""What is known of the rows, as facts beside the settings that decide it."""

from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.first_look import FirstLook
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.data.form import PACKING, DataForm
from workbench.panes.data.numbers import Numbers
from workbench.panes.data.trouble import in_quotes


def clear_facts(form: DataForm) -> None:
    """Says nothing of rows that there are not."""
    for group in (form.source, form.learned, form.length, form.split):
        group.fact.setText("")
    form.shape.setText("")
    form.say_length("")
    form.rows.rows[PACKING].show_fact("")


def show_facts(form: DataForm, numbers: Numbers, look: FirstLook | None, recipe: Recipe) -> None:
    """Shows how many rows there are and what the settings make of them."""
    if look is not None:
        size = bytes_in_words(look.opened.source.size_bytes)
        form.source.fact.setText(f"{numbers.total_in_words}, {size}" if look.mapping else size)
        form.shape.setText(in_quotes(look.mapping.sentence) if look.mapping else "")
        form.learned.fact.setText(look.form)
    held = numbers.held_out
    form.split.fact.setText(f"{grouped(held)} of {numbers.total_in_words}" if held else "")
    form.say_length(numbers.length_notice(recipe))
    form.length.fact.setText(numbers.step_in_words(recipe))
    form.rows.rows[PACKING].show_fact(numbers.fill_in_words if recipe.training.packing else "")
