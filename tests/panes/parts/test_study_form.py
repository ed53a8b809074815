"""What forms of studies share: the two buttons, the progress, and the text that is read."""

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import FormColumn
from workbench.panes.parts.study_form import OURS, StudyForm, TextChoice

pytestmark = pytest.mark.usefixtures("qapp")


class Form(StudyForm):
    def __init__(self, theme: Theme, form: FormColumn) -> None:
        super().__init__(theme, form, "Model", "Measure")
        self._add_groups(form, self.source)


def test_that_a_study_under_way_can_be_cancelled_and_not_started_again(theme: Theme) -> None:
    column = FormColumn(theme)
    form = Form(theme, column)
    told: list[str] = []
    form.start_wanted.connect(lambda: told.append("start"))
    form.cancel_wanted.connect(lambda: told.append("cancel"))
    column.show()
    wait_until(column.isVisible)
    form.start.click()
    form.show_busy(True)
    assert form.cancel.isVisible()
    assert form.progress.isVisible()
    assert not form.start.isVisible()
    assert not form.model.find_file.isEnabled()
    form.cancel.click()
    form.show_busy(True, is_cancelling=True)
    assert not form.cancel.isEnabled()
    form.show_busy(False)
    assert form.start.isVisible()
    assert not form.cancel.isVisible()
    assert not form.progress.isVisible()
    assert form.model.find_file.isEnabled()
    assert told == ["start", "cancel"]
    forget(column)


def test_that_nothing_moves_where_room_is_kept_for_the_progress(theme: Theme) -> None:
    column = FormColumn(theme)
    form = Form(theme, column)
    form.keep_room_for_progress(True)
    before = column.action_bar.sizeHint().height()
    form.show_busy(True)
    assert column.action_bar.sizeHint().height() == before
    forget(column)


def test_that_a_text_is_ours_until_a_file_is_chosen(theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TextChoice(theme, "Perplexity is taken over it")
    told: list[str] = []
    text.shown.connect(told.append)
    assert (text.currentText(), text.path, text.toolTip()) == (OURS, "", "Perplexity is taken over it")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/texts/a <b>letter</b>.txt", ""))
    text.find_file.click()
    assert text.path == "/texts/a <b>letter</b>.txt"
    assert "<b>" not in text.toolTip()
    text.show_path("/texts/a <b>letter</b>.txt")
    assert text.count() == 2
    text.setCurrentIndex(0)
    text.activated.emit(0)
    assert told[-1] == ""
    assert text.toolTip() == "Perplexity is taken over it"
