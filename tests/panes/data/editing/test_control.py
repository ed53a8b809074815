"""Changes of a draft while something else goes on with it: they wait or are declined, and none is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from tests.fakes import write_rows
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.data.edits.draft import Draft
from workbench.core.recipe.recipe import DataSettings
from workbench.panes.data.editing.control import FEW_ROWS, EditingControl

MANY = FEW_ROWS + 100


@pytest.fixture
def settings(tmp_path: Path) -> DataSettings:
    return DataSettings(path=str(write_rows(tmp_path / "many.jsonl", MANY)))


@pytest.fixture
def control(qapp: QApplication, settings: DataSettings) -> Iterator[EditingControl]:
    made = EditingControl()
    begin(made, settings)
    yield made
    made.close()
    assert wait_for_tasks(60)


def begin(control: EditingControl, settings: DataSettings) -> Draft:
    control.begin(settings)
    assert wait_for_tasks(60)
    assert control.draft is not None
    return control.draft


def delete_many(control: EditingControl) -> None:
    control.delete(list(range(1, MANY)))
    assert control.is_busy


def test_that_what_is_written_while_many_rows_are_changed_is_a_change_after_that(control: EditingControl) -> None:
    draft = control.draft
    assert draft is not None
    delete_many(control)
    control.write(0, {**draft.value(0), "completion": "Written meanwhile."}, "completion")
    assert wait_for_tasks(60)
    assert [change.kind for change in draft.changes] == ["deleted", "edited"]
    assert draft.value(0)["completion"] == "Written meanwhile."


def test_that_other_changes_are_declined_meanwhile_and_that_is_said(control: EditingControl, tmp_path: Path) -> None:
    draft, said = control.draft, []
    assert draft is not None
    control.declined.connect(said.append)
    delete_many(control)
    for act in (
        lambda: control.delete([0]), control.undo, control.redo, lambda: control.save(tmp_path / "copy.jsonl"),
        lambda: control.revert(0), lambda: control.paste("a\tb", None, lambda _rows: None, lambda _why: None),
    ):  # fmt: skip
        act()
    assert said == [f"Not yet: changing {MANY - 1} rows."] * 6
    assert not control.can_stop, "no Cancel that would do nothing"
    assert wait_for_tasks(60)
    assert [change.kind for change in draft.changes] == ["deleted"]
    assert not (tmp_path / "copy.jsonl").exists()


def test_that_a_change_that_is_under_way_is_kept_where_the_rows_are_left(
    control: EditingControl, settings: DataSettings
) -> None:
    draft = control.draft
    assert draft is not None
    delete_many(control)
    control.write(0, {**draft.value(0), "completion": "Typed last."}, "completion")
    control.close()
    again = begin(control, settings)
    assert [change.kind for change in again.changes] == ["deleted", "edited"]
    assert again.value(again.row_at(0))["completion"] == "Typed last."


def test_that_rows_thrown_away_while_they_are_changed_are_gone(control: EditingControl, settings: DataSettings) -> None:
    delete_many(control)
    control.discard()
    again = begin(control, settings)
    assert not again.changes
    assert len(again) == MANY


def test_that_a_long_row_that_is_read_while_a_copy_is_saved_is_shown(
    qapp: QApplication, tmp_path: Path, control: EditingControl
) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text('{"prompt": "' + "a" * 200_000 + '", "completion": "b"}\n', encoding="utf-8")
    begin(control, DataSettings(path=str(path)))
    shown: list[int] = []
    control.read(0, lambda value, _before: shown.append(len(value["prompt"])))
    control.save(tmp_path / "copy.jsonl")
    assert wait_for_tasks(60)
    assert shown == [200_000]


def test_that_rows_are_found_though_others_come_before_them_meanwhile(control: EditingControl) -> None:
    draft = control.draft
    assert draft is not None
    last = draft.row_at(len(draft) - 1)
    control.write(last, {**draft.value(last), "completion": "Needle."}, "completion")
    found: list[list[int]] = []
    control.find("needle", lambda rows: found.append(rows.tolist()))
    control.delete([0, 1])
    assert wait_for_tasks(60)
    assert found == [[last]]


def test_that_rows_are_opened_again_at_once_however_far_the_opening_before_had_come(
    control: EditingControl, settings: DataSettings
) -> None:
    failures: list[object] = []
    control.failed.connect(failures.append)
    for _ in range(20):
        control.begin(settings)
        QThread.msleep(3)  # in which it may be opened, and nobody has taken it yet
        control.close()
    begin(control, settings)
    assert not failures
