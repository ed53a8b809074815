import pytest

from workbench.core.data.edits.pasted import pasted_rows
from workbench.core.data.wrong import Wrong


def test_that_two_columns_become_rows_with_quotes_and_lines_within_cells() -> None:
    pasted = 'How?\tSo.\r\n"Two\nlines ""here"""\tYes.\r\n\t\r\n'
    assert pasted_rows(pasted, "pair") == [
        {"prompt": "How?", "completion": "So."},
        {"prompt": 'Two\nlines "here"', "completion": "Yes."},
    ]
    assert [turn["content"] for turn in pasted_rows("a\tb", "messages")[0]["messages"]] == ["a", "b"]
    assert pasted_rows("one\ntwo\n", "text") == [{"text": "one"}, {"text": "two"}]


@pytest.mark.parametrize("pasted", ["only one", "a\tb\tc", "a\tb\nc\n"])
def test_that_another_number_of_columns_is_a_sentence(pasted: str) -> None:
    with pytest.raises(Wrong, match="column"):
        pasted_rows(pasted, "pair")
