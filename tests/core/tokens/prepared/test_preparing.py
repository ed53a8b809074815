"""Rows become exactly the tokens that are learned, on disk; what is left out, cut or doubtful is counted and told."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.core.tokens.prepared.made import asked, kinds, preparation, prepared, recipe, sequences, write
from tests.core.tokens.tokenizers_made import CHATML, byte_tokenizer
from workbench.core import places
from workbench.core.data.rows import OpenRows, RowProblem
from workbench.core.problems import UserError
from workbench.core.tokens.prepared import cache, tables
from workbench.core.tokens.prepared.tables import Tables
from workbench.core.tokens.token_row import IGNORED
from workbench.core.tokens.tokenizing import RowTokenizer

MANY_SHAPES: dict[str, list[dict[str, Any]]] = {
    "prompt": asked(12),
    "alpaca": [{"instruction": f"Say {n}.", "input": "" if n % 2 else "softly", "output": f"{n}!"} for n in range(12)],
    "messages": [
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": f"Hello {n}"},
                {"role": "assistant", "content": f"Hi {n}", "weight": n % 2},
                {"role": "user", "content": "And?"},
                {"role": "assistant", "content": f"Nothing {n}"},
            ]
        }
        for n in range(12)
    ],
    "sharegpt": [
        {"conversations": [{"from": "human", "value": f"Q{n}"}, {"from": "gpt", "value": f"A{n}"}]} for n in range(12)
    ],
    "preference": [{"prompt": f"Q{n}", "chosen": f"good {n}", "rejected": f"bad {n}"} for n in range(12)],
    "text": [{"text": f"Plain words, number {n}."} for n in range(12)],
}
BRACKETS = (
    "{%- for m in messages -%}{%- if m['role'] == 'user' -%}[{{ m['content'] }}]"
    "{%- elif m['role'] == 'assistant' -%}{{ m['content'] }}<|im_end|>{%- else -%}({{ m['content'] }}){%- endif -%}"
    "{%- endfor -%}"
)
MARKED = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' }}{%- if m['role'] == 'assistant' -%}"
    "{% generation %}{{ m['content'] + '<|im_end|>' }}{% endgeneration %}{%- else -%}{{ m['content'] + '<|im_end|>' }}"
    "{%- endif -%}{{ '\n' }}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)


# -- the same tokens as are shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", ["true", "false"])
@pytest.mark.parametrize("template", [CHATML, BRACKETS, MARKED, ""], ids=["chatml", "brackets", "marked", "none"])
@pytest.mark.parametrize("shape", MANY_SHAPES)
def test_that_what_is_written_is_what_the_tokenizer_of_rows_makes(
    shape: str, template: str, packing: str, tmp_path: Path
) -> None:
    data = write(tmp_path / "rows.jsonl", MANY_SHAPES[shape])
    changes = (f"training.packing={packing}", "training.max_length=300")
    settings = recipe(data, *changes)
    tokenizer = byte_tokenizer(template)
    rows = [row for _, row in OpenRows(settings.data).each() if not isinstance(row, RowProblem)]
    made = [piece for found in RowTokenizer(tokenizer, settings).rows(rows) for piece in found]
    found = prepared(data, *changes, tokenizer=tokenizer)
    assert found.used == 12
    assert found.trained_tokens == sum(piece.learned for piece in made)
    table = Tables(Path(found.folder))
    written = sequences(found)
    assert sum(len(sequence["input_ids"]) for sequence in written) == found.tokens
    for piece, stands in zip(made, table.pieces, strict=True):
        sequence, place = written[stands["sequence"]], int(stands["place"])
        here = slice(place, place + int(stands["tokens"]))
        assert sequence["input_ids"][here] == piece.input_ids.tolist()
        assert sequence["labels"][here][0] == IGNORED
        assert sequence["labels"][here][1:] == piece.labels.tolist()[1:]
    assert all(sum(sequence["seq_lengths"]) == len(sequence["input_ids"]) <= 300 for sequence in written)
    assert found.fill == pytest.approx(found.tokens / (len(written) * 300))
    assert (len(written) < 12) == (packing == "true")


def test_that_the_table_lists_every_row_of_the_file_in_its_order(tmp_path: Path) -> None:
    rows = [*asked(3), "{broken", *asked(3, 3)]
    found = prepared(write(tmp_path / "rows.jsonl", rows))
    table = Tables(Path(found.folder))
    assert table.rows["line"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert [table.asked(row) for row in range(7)] == [
        *("What is 0 and 0?", "What is 1 and 1?", "What is 2 and 2?", ""),
        *("What is 3 and 3?", "What is 4 and 4?", "What is 5 and 5?"),
    ]
    assert table.rows["part"].tolist() == [tables.TRAINED] * 3 + [tables.LEFT_OUT] + [tables.TRAINED] * 3
    assert len(table.pieces_of(0)) == 1
    assert len(table.pieces_of(3)) == 0
    assert table.rows["tokens"][0] == table.pieces_of(0)["tokens"].sum() > table.rows["trained"][0] > 0


def test_that_a_row_of_many_turns_is_one_row_or_where_the_template_forces_it_one_a_turn(tmp_path: Path) -> None:
    data = write(tmp_path / "talks.jsonl", MANY_SHAPES["messages"])
    changing = "{{ messages | length }}" + CHATML
    one, several = prepared(data), prepared(data, tokenizer=byte_tokenizer(changing))
    assert (one.used, several.used) == (12, 12)
    assert one.way == "each answer is what the rendering gains by it"
    assert "each answer is a row of its own" in several.way
    assert len(Tables(Path(one.folder)).pieces) == 12
    assert len(Tables(Path(several.folder)).pieces) == 18  # half of the first answers have a weight of 0


# -- what is found -----------------------------------------------------------------------------------------------------


def test_that_every_kind_is_counted_with_its_lines_and_what_is_done(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    talk = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    rows: list[dict[str, Any] | str] = [
        *asked(20),
        "{broken",
        {"prompt": "Empty?", "completion": ""},
        {"prompt": "Not text?", "completion": {"a": 1}},
        {"prompt": "A number?", "completion": 7},
        {"prompt": f"My key is {key}, what now?", "completion": "Take it back."},
        {"prompt": "x" * 200, "completion": "too long to reach"},
        {"prompt": "Say much.", "completion": "y" * 200},
        *asked(1),
    ]
    found = prepared(write(tmp_path / "rows.jsonl", rows))
    said = {entry.why: (entry.done, entry.count, [seen.line for seen in entry.examples]) for entry in found.found}
    assert said["broken"] == ("left out", 1, [21])
    assert said["empty"] == ("left out", 1, [22])
    assert said["wrong type"] == ("left out", 1, [23])
    assert said["numbers as text"] == ("changed", 1, [24])
    assert said["secret"] == ("told", 1, [25])
    assert said["nothing to learn"] == ("left out", 1, [26])
    assert said["cut at the end"] == ("cut", 1, [27])
    assert said["duplicate"] == ("left out", 1, [28])
    assert (found.rows, found.used, found.bad, found.cut_rows, found.duplicates) == (28, 23, 4, 1, 1)
    secret = next(entry for entry in found.found if entry.why == "secret")
    assert secret.examples[0].text == "an AWS key"
    assert key not in found.model_dump_json()  # told, and not spread further
    broken = next(entry for entry in found.found if entry.why == "broken")
    assert (broken.examples[0].file, broken.examples[0].column) == ("rows.jsonl", 2)
    twice = next(entry for entry in found.found if entry.why == "duplicate")
    assert twice.examples[0].text == "equals line 1 of rows.jsonl"
    ends = prepared(write(tmp_path / "talks.jsonl", [{"messages": talk}]))
    assert kinds(ends) == {"ends with a user": 1}


@pytest.mark.parametrize(
    ("way", "kind", "used"),
    [("cut_end", "cut at the end", 2), ("cut_start", "cut at the start", 2), ("leave_out", "too long", 1)],
)
def test_that_a_row_that_is_too_long_is_cut_or_left_out_as_asked(
    way: str, kind: str, used: int, tmp_path: Path
) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(1), {"prompt": "Say much.", "completion": "y" * 200}])
    found = prepared(data, f"data.too_long={way}", "training.packing=false")
    assert (kinds(found), found.used, found.cut_rows) == ({kind: 1}, used, used - 1)
    written = sequences(found)
    assert max(len(sequence["input_ids"]) for sequence in written) == (128 if used == 2 else found.longest_tokens)


def test_that_duplicates_stay_where_they_are_wanted(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [*asked(3), *asked(2)])
    left_out, kept = prepared(data), prepared(data, "data.duplicates=keep")
    assert (left_out.used, left_out.duplicates, kept.used, kept.duplicates) == (3, 2, 5, 2)
    assert [entry.done for entry in (*left_out.found, *kept.found)] == ["left out", "told"]


# -- what is held out --------------------------------------------------------------------------------------------------


def long_text(number: int) -> str:
    return " ".join(f"word{number}x{place}" for place in range(80))


def test_that_a_share_is_held_out_and_written_apart(tmp_path: Path) -> None:
    found = prepared(write(tmp_path / "rows.jsonl", asked(40)), "evaluation.fraction=0.25", "training.packing=false")
    assert (found.rows, found.used, found.held_out) == (40, 30, 10)
    trained, held = sequences(found), sequences(found, cache.HELD_OUT)
    assert (len(trained), len(held)) == (30, 10) == (found.sequences, found.held_out_sequences)
    ids = [tuple(sequence["input_ids"]) for sequence in (*trained, *held)]
    assert len(set(ids)) == 40


def test_that_a_held_out_row_that_is_trained_on_is_left_out_equal_or_nearly(tmp_path: Path) -> None:
    rows = [{"prompt": f"Q{n}?", "completion": long_text(n)} for n in range(30)]
    held = [
        rows[3],
        {**rows[4], "completion": rows[4]["completion"].replace("x40", "x-forty", 1)},
        *[{"prompt": "New?", "completion": long_text(99)}],
    ]
    data, other = write(tmp_path / "rows.jsonl", rows), write(tmp_path / "held.jsonl", held)
    found = prepared(data, f"evaluation.path={other}", "training.max_length=1024")
    assert (found.used, found.held_out, found.held_out_rows, found.leaked, found.near_leaked) == (30, 1, 3, 2, 1)
    lines = {entry.why: [(seen.file, seen.line) for seen in entry.examples] for entry in found.found}
    assert lines == {"leaked": [("held.jsonl", 1)], "nearly leaked": [("held.jsonl", 2)]}


def test_that_near_duplicates_are_counted_and_stay(tmp_path: Path) -> None:
    rows = [{"prompt": f"Q{n}?", "completion": long_text(n)} for n in range(5)]
    rows.append({**rows[2], "completion": rows[2]["completion"].replace("x40", "x-forty", 1)})
    found = prepared(write(tmp_path / "rows.jsonl", rows), "training.max_length=1024")
    assert (found.used, found.duplicates, found.near_duplicates) == (6, 0, 1)
    assert kinds(found) == {"near duplicate": 1}


def test_that_a_shared_system_text_makes_no_two_rows_near(tmp_path: Path) -> None:
    told = {"role": "system", "content": long_text(0)}
    talks = [[("user", f"What is {n}?"), ("assistant", f"It is {n}.")] for n in range(20)]
    rows = [{"messages": [told, *({"role": who, "content": what} for who, what in talk)]} for talk in talks]
    found = prepared(write(tmp_path / "rows.jsonl", rows), "training.max_length=2048", "evaluation.rows=5")
    assert (found.used, found.held_out, found.leaked, found.near_duplicates) == (15, 5, 0, 0)


def test_that_a_held_out_side_of_copies_alone_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(5))
    with pytest.raises(UserError, match="No held-out row is left"):
        prepared(data, f"evaluation.path={data}")


def test_that_groups_are_held_out_whole_or_each_by_its_share(tmp_path: Path) -> None:
    rows = [{**row, "topic": f"t{place % 4}"} for place, row in enumerate(asked(40))]
    data = write(tmp_path / "rows.jsonl", rows)
    for groups, each in (("whole", {0, 10}), ("of_each", {2, 3})):
        found = prepared(data, "evaluation.rows=10", f"evaluation.groups={groups}", "data.group_column=topic")
        table = Tables(Path(found.folder)).rows
        of_each = [int(((table["part"] == tables.HELD_OUT) & (table["line"] % 4 == topic)).sum()) for topic in range(4)]
        assert sum(of_each) == found.held_out == 10
        assert set(of_each) <= each


# -- the cache ---------------------------------------------------------------------------------------------------------


def test_that_the_same_again_is_found_and_whatever_decides_the_tokens_makes_it_anew(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(20))
    first = prepared(data)
    assert not first.is_from_cache
    again = prepared(data)
    assert again.is_from_cache
    assert again.key == first.key
    assert again.found == first.found
    for change in (
        *("training.max_length=64", "training.packing=false", "data.train_on=all", "data.system_prompt=Be brief."),
        *("data.too_long=cut_start", "evaluation.rows=3", "data.chat_template=false"),
    ):
        other = prepared(data, change)
        assert not other.is_from_cache, change
        assert other.key != first.key
        assert other.parts != first.parts
    assert not prepared(data, tokenizer=byte_tokenizer(BRACKETS)).is_from_cache
    for change in ("training.learning_rate=0.1", "data.most_bad_share=0.5", "training.seed=7"):
        assert prepared(data, change).is_from_cache, change


def test_that_a_file_that_changed_is_read_again_whatever_its_clock_says(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(20))
    os.utime(data, (1_000_000_000, 1_000_000_000))
    first = prepared(data)
    changed = data.read_text("utf-8").replace("It is 0.", "It is 9.")
    data.write_text(changed, encoding="utf-8")
    os.utime(data, (1_000_000_000, 1_000_000_000))  # the same size, and the same time as before
    second = prepared(data)
    assert not second.is_from_cache
    assert second.data_sha256 != first.data_sha256
    assert [name for name, value in second.parts.items() if first.parts[name] != value] == ["the data"]


def test_that_the_hash_of_a_file_is_kept_unless_it_was_written_just_now(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(20))
    os.utime(data, (1_000_000_000, 1_000_000_000))
    prepared(data)
    stamp = cache.stamp((data,))
    assert cache.known_sha256(stamp) == hashlib.sha256(data.read_bytes()).hexdigest()
    young = write(tmp_path / "young.jsonl", asked(21))  # which may be written again within its clock's tick
    prepared(young)
    assert cache.known_sha256(cache.stamp((young,))) is None


def test_that_old_preparations_go_when_there_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [prepared(write(tmp_path / f"{n}.jsonl", asked(10, n * 10))) for n in range(3)]
    for age, one in enumerate(found):
        os.utime(Path(one.folder) / cache.REPORT, (1_000_000_000 + age, 1_000_000_000 + age))
    one_bytes = sum(path.stat().st_size for path in Path(found[0].folder).iterdir())
    monkeypatch.setattr(cache, "MOST_BYTES", int(3.5 * one_bytes))
    last = prepared(write(tmp_path / "last.jsonl", asked(10, 90)))
    assert not Path(found[0].folder).exists()
    assert all(Path(one.folder).is_dir() for one in (*found[1:], last))


def test_that_half_of_a_preparation_is_not_found(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(20))
    first = prepared(data)
    (Path(first.folder) / cache.TRAINED).unlink()
    second = prepared(data)
    assert not second.is_from_cache
    assert sequences(second)


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_that_a_file_that_changes_while_it_is_read_is_a_sentence_and_nothing_is_left(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(3000))
    found = preparation(data)

    def change(_bytes: int, rows: int) -> None:
        if rows == 0:
            data.write_text(data.read_text("utf-8") + json.dumps(asked(1)[0]) + "\n", encoding="utf-8")

    with pytest.raises(UserError, match=r"rows\.jsonl changed while it was read"):
        found.make(lambda done, rows: change(done, 0))
    assert [path.name for path in places.prepared().iterdir() if path.is_dir()] == [cache.LOCKS]


def test_that_a_full_disk_is_a_sentence_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(tmp_path / "rows.jsonl", asked(300))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(UserError, match="no room on the disk for the prepared rows"):
        preparation(data).make(full)
    assert [path.name for path in places.prepared().iterdir() if path.is_dir()] == [cache.LOCKS]
    assert not prepared(data).is_from_cache


def test_that_it_can_be_left_at_every_moment_and_leaves_nothing(tmp_path: Path) -> None:
    class LeftError(Exception):
        pass

    data = write(tmp_path / "rows.jsonl", asked(3000))
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    preparation(data, "training.seed=1").make(count)
    assert calls > 5
    for last in range(1, 5):
        data.write_text(data.read_text("utf-8") + json.dumps(asked(1, 5000 + last)[0]) + "\n", encoding="utf-8")
        calls = 0

        def leave(*_: object, last: int = last) -> None:
            nonlocal calls
            calls += 1
            if calls >= last:
                raise LeftError

        before = {path.name for path in places.prepared().iterdir()}
        with pytest.raises(LeftError):
            preparation(data).make(leave)
        assert {path.name for path in places.prepared().iterdir()} == before


def test_that_every_key_that_is_not_shown_is_named_at_its_row(tmp_path: Path) -> None:
    tools = [{"type": "function", "function": {"name": "warmth", "parameters": {}}}]
    call = {"type": "function", "function": {"name": "warmth", "arguments": {}}}
    turns = [
        {"role": "user", "content": "Warm?", "name": "Ann"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "11"},
        {"role": "assistant", "content": "11 degrees.", "reasoning_content": "It says so."},
    ]
    found = prepared(write(tmp_path / "rows.jsonl", [{"messages": turns, "tools": tools}]))
    (entry,) = [entry for entry in found.found if entry.why == "key not shown"]
    named = "tools; reasoning_content of the assistant; tool_calls of the assistant; name of the user"
    assert [seen.text for seen in entry.examples] == [named]


def test_that_the_form_of_rows_without_a_template_is_told(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(3))
    assert prepared(data, tokenizer=byte_tokenizer("")).template == "none: prompt + completion + <|im_end|>"


def test_that_every_secret_of_a_row_is_named(tmp_path: Path) -> None:
    row = {"prompt": "Keys?", "completion": "AKIAIOSFODNN7EXAMPLE and 4111 1111 1111 1111"}
    (entry,) = [entry for entry in prepared(write(tmp_path / "rows.jsonl", [row])).found if entry.why == "secret"]
    assert [seen.text for seen in entry.examples] == ["an AWS key; a card number"]
