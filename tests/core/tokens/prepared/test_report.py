"""What is said of rows that are not learned as they stand, and when a run asks before it begins."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.tokens.prepared.made import asked, kinds, prepared, recipe, write
from tests.core.tokens.test_findings import CUTS_REASONING
from tests.core.tokens.tokenizers_made import byte_tokenizer
from workbench.core.problems import UserError
from workbench.core.tokens.first_look import FirstLook, read_first, with_tokens
from workbench.core.tokens.prepared import report
from workbench.core.tokens.prepared.kinds import KINDS, bits, names_of, of_rows

LONG = {"prompt": "Say much.", "completion": "y" * 200}


def first_look(data: Path) -> FirstLook:
    return with_tokens(read_first(recipe(data).data), byte_tokenizer(), recipe(data))


def refused(tmp_path: Path, rows: list[dict[str, Any] | str], *changes: str) -> UserError:
    data = write(tmp_path / "rows.jsonl", rows)
    with pytest.raises(UserError) as caught:
        report.refuse(prepared(data, *changes), recipe(data, *changes))
    return caught.value


def test_that_a_fifth_may_be_bad_and_no_more(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(8), "{", "{"])
    report.refuse(prepared(data), recipe(data))
    error = refused(tmp_path, [*asked(7), "{", "{", "{"])
    assert error.what == "3 rows of 10 in rows.jsonl would be left out (30\u2009%): 3 rows cannot be read."
    assert error.why.startswith("rows.jsonl, line 8, column 2: ")
    assert error.remedy.endswith("Or let it begin with the others: data.most_bad_share = 0.3.")
    data = write(tmp_path / "rows.jsonl", [*asked(7), "{", "{", "{"])
    report.refuse(prepared(data), recipe(data, "data.most_bad_share=0.3"))


def test_that_one_bad_row_is_refused_where_the_recipe_says_so(tmp_path: Path) -> None:
    error = refused(tmp_path, [*asked(9), "{"], "data.bad_rows=refuse")
    assert error.what.startswith("rows.jsonl, line 10, column 2: ")
    assert "data.bad_rows = leave_out" in error.remedy


def test_that_rows_that_are_cut_ask_first_as_well_with_the_longest(tmp_path: Path) -> None:
    error = refused(tmp_path, [*asked(7), *({**LONG, "prompt": f"Say {n}."} for n in range(3))])
    cut = "3 rows of 10 in rows.jsonl would be cut to the longest row of 128 tokens (30\u2009%)"
    assert error.what == f"{cut}: 3 rows are cut at their end."
    assert "(the longest has 227 tokens)" in error.remedy
    assert "data.most_bad_share = 0.3" in error.remedy


def test_that_rows_left_out_and_rows_cut_count_together(tmp_path: Path) -> None:
    error = refused(tmp_path, [*asked(7), "{", *({**LONG, "prompt": f"Say {n}."} for n in range(2))])
    lost = "3 rows of 10 in rows.jsonl would be left out or cut to the longest row of 128 tokens (30\u2009%)"
    assert error.what == f"{lost}: 1 row cannot be read, 2 rows are cut at their end."
    assert "data.most_bad_share = 0.3" in error.remedy


def test_that_a_row_that_is_left_out_is_not_cut_as_well(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(3), LONG, LONG, LONG])
    found = prepared(data)
    assert found.cut_rows == 1
    assert kinds(found) == {"cut at the end": 1, "duplicate": 2}
    assert {each.why: each.count for each in first_look(data).found} == kinds(found)


def test_that_nothing_left_is_refused_with_the_reason(tmp_path: Path) -> None:
    error = refused(tmp_path, [{"prompt": "x" * 500, "completion": "y"}], "data.most_bad_share=1")
    assert error.what.startswith("No row of rows.jsonl can be learned from: 1 row has no token to learn from")


def test_that_what_was_found_is_told_line_by_line(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(20), "{broken", *asked(1), LONG])
    found = prepared(data, "evaluation.rows=3")
    lines = list(report.lines(found, recipe(data)))
    assert lines[0] == "rows.jsonl: 23 rows. `prompt` is the prompt, `completion` the completion."
    assert lines[1].startswith("18 rows are learned from: ")
    assert lines[2].startswith("A step holds about ")
    assert "Template: the tokenizer's own; each answer is what the rendering gains by it." in lines
    assert "3 rows held out, 0 more left out as leaked." in lines
    assert "1 row cannot be read: left out. Mend them at the places named." in lines
    assert any(line.startswith("  rows.jsonl, line 21, column 2: ") for line in lines)
    assert "  rows.jsonl, line 22: equals line 1 of rows.jsonl" in lines
    summary = report.summary(found)
    assert summary.startswith("Of 23 rows: 1 row cannot be read: left out; ")
    assert summary.endswith("`workbench prepare` shows where.")
    assert report.summary(prepared(write(tmp_path / "good.jsonl", asked(3)))) == ""


def test_that_a_run_is_told_of_rows_that_are_learned_otherwise_than_meant_with_an_example(tmp_path: Path) -> None:
    rows = [{"prompt": "1+2?", "completion": "<think>\n1 and 2 make 3</think>3"}, {"prompt": "2+2?", "completion": "4"}]
    turns = [{"role": "user", "content": "Sky?"}, {"role": "assistant", "content": "Blue."}]
    found = prepared(write(tmp_path / "rows.jsonl", rows), tokenizer=byte_tokenizer(CUTS_REASONING))
    said = report.summary(found)
    assert "1 row has an answer that the template does not write whole (rows.jsonl, line 1: <think>). Choose " in said
    assert said.endswith("`workbench prepare` shows where.")
    ended = write(tmp_path / "ended.jsonl", [{"messages": [*turns, turns[0]]}, {"messages": turns}])
    said = report.summary(prepared(ended))
    assert said.startswith("Of 2 rows: 1 row ends without an answer and is cut after the last one; 1 row equals an ")


def test_that_every_kind_is_a_bit_and_has_words_for_one_row_and_for_many() -> None:
    for name, kind in KINDS.items():
        assert names_of(bits({name})) == [name]
        one, many = of_rows(1, name), of_rows(2, name)
        assert one.startswith("1 row ")
        assert many == f"2 rows {kind.kind.words}"
        assert not [word for word in (" and are ", " they ", " their ") if word in one], one
        assert one.split()[2] in {"is", "has", "cannot"} or one.split()[2].endswith("s"), one
    assert names_of(bits(set(KINDS))) == list(KINDS)
