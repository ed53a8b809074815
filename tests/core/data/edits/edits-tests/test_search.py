from pathlib import Path

import pytest

from workbench.core.data.edits.drafts import begin_empty_draft
from workbench.core.data.edits.search import positions_of


def test_that_a_text_is_found_in_any_field_and_case_and_not_in_names_of_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    draft = begin_empty_draft(rows=4)
    draft.write(0, {"prompt": 'The "Große" one', "completion": "a\nb"}, "prompt")
    draft.write(2, {"prompt": "x", "completion": "grosse GROßE"}, "completion")
    assert positions_of(draft, "große").tolist() == [0, 2]
    assert positions_of(draft, '"g').tolist() == [0]
    assert positions_of(draft, "A\nB").tolist() == [0]
    assert positions_of(draft, "prompt").tolist() == []
    assert positions_of(draft, "").tolist() == [0, 1, 2, 3]
