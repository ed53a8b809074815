from pathlib import Path

import pytest

from workbench.core.data.edits.drafts import begin_empty_draft
from workbench.core.data.edits.search import rows_with


def test_that_a_text_is_found_in_any_field_and_case_and_not_in_names_of_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    draft = begin_empty_draft(rows=4)
    draft.write(0, {"prompt": 'The "Große" one', "completion": "a\nb"}, "prompt")
    draft.write(2, {"prompt": "x", "completion": "grosse GROßE"}, "completion")
    assert rows_with(draft, "große").tolist() == [0, 2]
    assert rows_with(draft, '"g').tolist() == [0]
    assert rows_with(draft, "A\nB").tolist() == [0]
    assert rows_with(draft, "prompt").tolist() == []
    assert rows_with(draft, "").tolist() == [0, 1, 2, 3]


def test_that_rows_are_found_by_what_they_are_and_not_where_they_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    draft = begin_empty_draft(rows=3)
    draft.write(2, {"prompt": "tyres", "completion": ""}, "prompt")
    draft.delete([0])
    assert rows_with(draft, "tyres").tolist() == [2]

    def add_one(done: int) -> None:
        if not done:
            draft.add(0)

    assert rows_with(draft, "tyres", add_one).tolist() == [2]
