"""What a form folds: it is made when it is first looked at, and stays open once a hand opened it."""

import pytest

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.page import FormColumn, FormGroup

pytestmark = pytest.mark.usefixtures("qapp")


def test_that_folded_rows_are_filled_once_and_shown_where_there_is_room(theme: Theme) -> None:
    column, rows = FormColumn(theme), FormGroup(theme, "")
    filled: list[str] = []
    folded = Folded(theme, "More", column, rows, lambda: filled.append("filled"))
    column.show()
    wait_until(column.isVisible)
    assert rows.isHidden()
    assert filled == []
    folded.show_wide(True)
    assert rows.isVisible()
    folded.show_wide(False)
    assert rows.isHidden()
    folded.opener.click()
    folded.show_wide(True)
    folded.show_wide(False)
    assert rows.isVisible()
    assert filled == ["filled"]
    forget(column)


def test_that_the_line_says_how_many_settings_differ(theme: Theme) -> None:
    column = FormColumn(theme)
    folded = Folded(theme, "More", column, FormGroup(theme, ""))
    folded.show_differing(0, 12)
    assert folded.fact.text() == "12 settings at their defaults"
    folded.show_differing(1, 12)
    assert folded.opener.accessibleName() == "More: 1 of 12 settings differ"
    forget(column)


def test_that_a_group_without_a_title_has_no_head(theme: Theme) -> None:
    group = FormGroup(theme, "")
    group.add_row(label("Seed"), label("1"))
    assert group.title.isHidden()
    assert group.fact.isHidden()
    assert not FormGroup(theme, "Training").title.isHidden()
