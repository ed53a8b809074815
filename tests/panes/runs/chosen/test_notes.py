"""Notes that keep themselves, whatever an older reading of their file says meanwhile."""

from pathlib import Path

from PySide6.QtTest import QTest

from workbench.panes.look.theme import Theme
from workbench.panes.runs.chosen.notes import NotesField


def test_that_an_older_reading_of_the_notes_does_not_take_back_what_was_written(theme: Theme, tmp_path: Path) -> None:
    field = NotesField(theme)
    written: list[str] = []
    field.written.connect(lambda _path, notes: written.append(notes))
    field.show_notes(tmp_path, "")
    QTest.keyClicks(field, "good")
    field.flush()
    field.show_notes(tmp_path, "")  # as the list had read it before it was written
    assert field.toPlainText() == "good"
    QTest.keyClicks(field, " enough")
    field.flush()
    assert written == ["good", "good enough"]
    field.show_notes(tmp_path, "good enough")
    field.show_notes(tmp_path, "changed in another window")
    assert field.toPlainText() == "changed in another window"
