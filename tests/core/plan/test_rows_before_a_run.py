"""Before a run, the first rows are read: it is stopped only by what would stop its preparation as well."""

import json
from pathlib import Path

import pytest

from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import DataSettings, Recipe


def rows(tmp_path: Path, count: int, broken: tuple[int, ...]) -> str:
    lines = [json.dumps({"prompt": f"Question {n}?", "completion": f"Answer {n}."}) for n in range(count)]
    for place in broken:
        lines[place] = "{"
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_that_a_few_bad_rows_stop_no_run(tmp_path: Path) -> None:
    preflight.check_rows(DataSettings(path=rows(tmp_path, 10, (3, 7))))


def test_that_one_bad_row_stops_it_where_the_recipe_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"rows\.jsonl, line 4: broken JSON.* data\.bad_rows = leave_out passes over it"
    ):
        preflight.check_rows(DataSettings(path=rows(tmp_path, 10, (3, 7)), bad_rows="refuse"))


def test_that_more_than_a_fifth_stops_it_with_the_count(tmp_path: Path) -> None:
    path = rows(tmp_path, 10, (1, 3, 7))
    with pytest.raises(UserError) as caught:
        preflight.check_rows(DataSettings(path=path))
    assert caught.value.what == "3 rows of 10 in rows.jsonl would be left out (30\u2009%)."
    assert caught.value.why.startswith("rows.jsonl, line 2: broken JSON")
    assert caught.value.remedy.endswith("Or let it begin with the others: data.most_bad_share = 0.3.")
    preflight.check_rows(DataSettings(path=path, most_bad_share=0.3))


def test_that_what_is_not_read_yet_may_make_up_for_bad_rows(tmp_path: Path) -> None:
    preflight.check_rows(DataSettings(path=rows(tmp_path, preflight.ROWS_READ + 5, tuple(range(1, 600)))))


def test_that_bad_rows_of_a_file_beside_the_rows_stop_no_run(tmp_path: Path) -> None:
    (tmp_path / "held").mkdir()
    held_out = rows(tmp_path / "held", 10, tuple(range(6)))
    chosen = recipe_text.with_overrides(
        Recipe(), [f"data.path={rows(tmp_path, 10, ())}", f"evaluation.path={held_out}", "data.bad_rows=refuse"]
    )
    preflight.check(chosen)


def test_that_every_file_of_a_run_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = recipe_text.with_overrides(
        Recipe(),
        ["data.path=a.jsonl", "data.also=b.jsonl,shopping", "data.template=mine.jinja", "evaluation.path=c.jsonl"],
    )
    found = preflight.with_absolute_paths(chosen)
    assert found.data.path == str(tmp_path / "a.jsonl")
    assert found.data.also == (str(tmp_path / "b.jsonl"), "shopping")
    assert found.data.template == str(tmp_path / "mine.jinja")
    assert found.evaluation.path == str(tmp_path / "c.jsonl")
    of_hub = recipe_text.with_overrides(Recipe(), ["data.path=datasets/org/name", "data.template=chatml"])
    kept = preflight.with_absolute_paths(of_hub).data
    assert (kept.path, kept.template) == ("datasets/org/name", "chatml")
