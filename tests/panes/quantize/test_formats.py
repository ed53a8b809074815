"""Every quantized format stands in every view, by its own names and in one order."""

import pytest

from workbench.core.quantized.layer_grid import grid_of
from workbench.core.quantized.steps import FORMATS
from workbench.numerics.quantization_scheme import SCHEMES, Grouping, Scheme
from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import FormColumn
from workbench.panes.quantize.hand.form import HandForm
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.layer.form import FormatGroup
from workbench.panes.quantize.layer.words import axis_in_words, comparable
from workbench.panes.quantize.whole.form import WholeForm
from workbench.panes.quantize.whole.words import OTHER_COLOR, format_color, format_title, scheme_in_words


def test_that_the_layer_view_offers_every_format_in_the_order_of_the_table(theme: Theme) -> None:
    group = FormatGroup(theme)
    box = group.format
    assert [box.itemData(row) for row in range(box.count())] == list(SCHEMES)
    assert [box.itemText(row) for row in range(box.count())] == [scheme.label for scheme in SCHEMES.values()]
    assert list(dict.fromkeys(scheme.name for scheme in comparable())) == list(SCHEMES)


def test_that_the_whole_model_offers_every_format_blocks_first(theme: Theme) -> None:
    column = FormColumn(theme)
    chips = WholeForm(theme, column).chips
    assert set(chips) == set(SCHEMES)
    groupings = [SCHEMES[name].grouping for name in chips]
    in_blocks = groupings.count(Grouping.BLOCK)
    assert groupings[:in_blocks] == [Grouping.BLOCK] * in_blocks
    assert [chip.text() for chip in chips.values()] == [SCHEMES[name].label for name in chips]


def test_that_by_hand_every_quantizer_is_offered_once_integers_first(theme: Theme) -> None:
    column = FormColumn(theme)
    box = HandForm(theme, HandModel(), column).format
    assert [box.itemData(row) for row in range(box.count())] == list(FORMATS)
    offered = [SCHEMES[name].quantizer for name in FORMATS]
    assert set(offered) == {scheme.quantizer for scheme in SCHEMES.values()}
    assert len(offered) == len(set(offered))
    assert [box.itemText(row) for row in range(box.count())] == [quantizer.title for quantizer in offered]
    are_integers = [quantizer.is_integer for quantizer in offered]
    assert are_integers == sorted(are_integers, reverse=True)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)
def test_that_words_and_levels_of_every_format_are_known(scheme: Scheme) -> None:
    assert axis_in_words(scheme).startswith("each weight ")
    assert format_title(scheme.name) == scheme.short_title
    assert scheme_in_words(scheme).startswith(scheme.title)
    grid = grid_of(scheme)
    assert len(grid.labels) == len(grid.levels) > 2
    assert grid.low < grid.levels[0] < grid.levels[-1] < grid.high


def test_that_a_colour_goes_to_the_first_format_that_has_it() -> None:
    taken = [format_color(name) for name in SCHEMES if format_color(name) != OTHER_COLOR]
    assert len(taken) == len(set(taken))
    assert set(taken) == {scheme.quantizer.color for scheme in SCHEMES.values()}
    assert format_color("int8") == "formats.INT8"
    assert format_color("int4") == OTHER_COLOR
    assert format_color("of another version") == OTHER_COLOR
