"""A table as CSV and as a page: whole, and nothing in it that a program would run."""

import csv
import io
from pathlib import Path

from tests.core.chat.table.tables_made import SETTINGS, asked, columns, said, table
from tests.html_pages import Reader
from workbench.core.chat.table.csv_text import NOTE, csv_of
from workbench.core.chat.table.page_html import html_of
from workbench.core.chat.table.table import Judging, PromptTable, Refused

A, B = Path("/runs/a"), Path("/runs/b")
NASTY = "<script>alert(1)</script> & <img src=x>"


def read(data: bytes) -> list[list[str]]:
    assert data.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_that_the_csv_has_its_settings_in_the_head_and_a_row_for_each_prompt() -> None:
    made = table(A, B, ("Ja, größer.", "Yes.", 'two\nlines, "quoted"'), ("", "No.", ""))
    for column in range(3):
        made.mark(0, column, column == 1)
    made.put(1, 0, Refused("The prompt is too long."))
    rows = read(csv_of(made))
    head = dict(row for row in rows[: rows.index([])])
    assert "Base weights" not in head, "of these answers nobody has noted it"
    assert (head["Tuned"], head["Longest answer"], head["Judged"]) == ("questions", "128 tokens", "by a person")
    assert (head["Tuned right"], head["Base right"]) == ("1 of 1", "0 of 1")
    titles, first, second = rows[rows.index([]) + 1 :]
    assert titles[:6] == ["row", "prompt", "expected", "Base", "Tuned", "Second run"]
    assert first[:6] == ["1", "Question 0", "Yes.", "Ja, größer.", "Yes.", 'two\nlines, "quoted"']
    assert first[6:9] == ["wrong", "right", "wrong"]
    assert first[9:] == ["0.000", "1.000", "0.000"]
    assert second[3:9] == ["The prompt is too long.", "No.", "", "", "", ""]


def test_that_no_cell_is_a_formula_and_the_head_says_what_was_changed() -> None:
    plain = table(A, None, ("a", "b"))
    assert NOTE not in csv_of(plain).decode()
    texts = ("=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "\t=1", "\uff1d1")
    made = PromptTable(asked(*texts, expected="=1+1"), columns(A), SETTINGS)
    for row, text in enumerate(texts):
        made.put(row, 0, said(text))
    rows = read(csv_of(made))
    assert rows[0] == ["Note", NOTE]
    for row in rows:
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")), cell
    assert rows[-6][1:4] == ["'=cmd|' /C calc'!A0", "'=1+1", "'=cmd|' /C calc'!A0"]


def test_that_the_page_stands_alone_and_takes_every_text_as_text() -> None:
    made = PromptTable(asked(NASTY, "Plain", expected=NASTY), columns(A, B), SETTINGS, Judging())
    made.put(0, 0, said(NASTY))
    made.put(0, 1, said("Usually two of them"))
    page = html_of(made)
    read = Reader(page)
    assert read.elsewhere == []
    assert "<script>" not in page
    assert NASTY in read.words
    for words in ("Answers of other beside questions beside Base-1B", "Base \u2014 right", "Tuned \u2014 wrong"):
        assert words in read.words
    assert "not answered" in read.words


def test_that_the_page_marks_what_the_expected_answer_has_not_else_what_the_base_has_not() -> None:
    expected = PromptTable(asked("A", expected="It takes two days."), columns(A), SETTINGS)
    for column, text in enumerate(("It takes three days.", "It takes two days.")):
        expected.put(0, column, said(text))
    assert "It takes <mark>three</mark> days." in html_of(expected)
    without = PromptTable(asked("A", expected=None), columns(A), SETTINGS)
    for column, text in enumerate(("It takes two days.", "It takes three days.")):
        without.put(0, column, said(text))
    page = html_of(without)
    assert page.count("<mark>") == 1
    assert "It takes <mark>three</mark> days." in page
