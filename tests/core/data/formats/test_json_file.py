"""JSON that is read a piece at a time: the same rows and words wherever a piece ends, and no more than is asked."""

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from workbench.core.data import json_text
from workbench.core.data.formats.json_file import JsonFile
from workbench.core.data.row import DataRow
from workbench.core.data.rows import read, settings_at
from workbench.core.data.stored import StoredFile
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

COLUMNS = Recipe().data
HOLE_BYTES = 10_000_000_000
TEXTS = ("", "ä", "😀 \\u", '"', "\n", "a" * 40, "[]{},:", "\x7f", "-Infinity")


def some_value(dice: random.Random, depth: int = 0) -> Any:
    match dice.randint(0, 9 if depth < 3 else 6):
        case 0:
            return dice.choice([None, True, False])
        case 1:
            return dice.choice([0, -1, 10**30, 1.5e-7, -2.25, float("inf"), float("-inf")])
        case 2 | 3 | 4 | 5 | 6:
            return "".join(dice.choice(TEXTS) for _ in range(dice.randint(0, 3)))
        case 7:
            return [some_value(dice, depth + 1) for _ in range(dice.randint(0, 3))]
        case _:
            return {dice.choice(TEXTS): some_value(dice, depth + 1) for _ in range(dice.randint(0, 3))}


def some_array(dice: random.Random) -> tuple[list[Any], bytes]:
    values = [some_value(dice) for _ in range(dice.randint(0, 6))]
    gaps = ["", " ", "\n", "\r\n\t "]
    is_plain = dice.random() < 0.5
    written = [json.dumps(value, ensure_ascii=is_plain, indent=dice.choice([None, 1])) for value in values]
    between = [dice.choice(gaps) + "," + dice.choice(gaps) for _ in written[1:]] + [dice.choice(gaps)]
    inside = "".join(part for pair in zip(written, between, strict=True) for part in pair) if written else " "
    text = f"{dice.choice(['', chr(0xFEFF)])}{dice.choice(gaps)}[{dice.choice(gaps)}{inside}]{dice.choice(gaps)}"
    return values, text.encode()


def seen(path: Path) -> list[tuple[int, Any]]:
    """What comes of a file, with what is wrong as words."""
    return [
        (line, ("wrong", value.text, value.remedy, value.is_last) if isinstance(value, Wrong) else value)
        for line, _, value in JsonFile(StoredFile(path), COLUMNS).values()
    ]


@pytest.mark.parametrize("seed", range(60))
def test_that_an_array_is_the_same_wherever_a_piece_of_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    path = tmp_path / "a.json"
    values, data = some_array(dice)
    path.write_bytes(data)
    assert [value for _, value in seen(path)] == values
    for _ in range(6):
        broken = bytearray(data)
        place = dice.randrange(len(data))
        match dice.randint(0, 4):
            case 0:
                del broken[place:]
            case 1:
                broken[place] = dice.choice(b'x"[]{},:\\0\n')
            case 2:
                broken.insert(place, dice.choice([0xE4, 0xFF, 0x80]))
            case 3:
                broken += dice.choice([b"]", b"x", b" \xff", b","])
            case _:
                pass
        path.write_bytes(broken)
        monkeypatch.setattr(json_text, "PIECE_BYTES", 1_000_000)
        whole = seen(path) if b"[" in broken[:20] else []
        for size in (1, 2, 3, 7, dice.randint(8, 40)):
            monkeypatch.setattr(json_text, "PIECE_BYTES", size)
            assert (seen(path) if whole else []) == whole, (size, bytes(broken))


def test_that_rows_before_a_byte_that_is_no_text_are_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('[{"text": "ää"},\n{"text": "b"},\n{"text": "'.encode() + b'\xe4"}]')
    assert [line for line, _ in seen(path)] == [1, 2, 3]
    assert read(settings_at(COLUMNS, str(path)), limit=2).rows == [DataRow(text="ää"), DataRow(text="b")]
    with pytest.raises(UserError, match=r"line 3: byte 11 of it \(0xe4\) is not UTF-8"):
        read(settings_at(COLUMNS, str(path)))


def test_that_a_line_far_into_an_array_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    row = json.dumps({"text": "ä" * 100}, ensure_ascii=False)
    path.write_text("[\n" + f"{row},\n" * 30_000 + '{"text": {}}]', encoding="utf-8")
    with pytest.raises(UserError, match="line 30002: "):
        read(settings_at(COLUMNS, str(path)))
    path.write_text("[" + f"{row}, " * 30_000 + "x]", encoding="utf-8")
    column = 2 + 30_000 * (len(row) + 2)
    with pytest.raises(UserError, match=f"line 1: broken JSON at column {column}: Expecting value"):
        read(settings_at(COLUMNS, str(path)))


@pytest.mark.skipif(os.name == "nt", reason="a hole in a file takes its room there")
@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.jsonl", '{"text": "a"}\n{"text": "b"}\n'),
        ("a.json", '[{"text": "a"},\n{"text": "b"},\n'),
        ("a.json", '{"text": "a"}\n{"text": "b"}\n'),
        ("a.csv", "text\na\nb\n"),
    ],
)
def test_that_the_first_rows_of_a_file_of_ten_gigabytes_are_there_at_once(tmp_path: Path, name: str, head: str) -> None:
    path = tmp_path / name
    path.write_text(head)
    os.truncate(path, HOLE_BYTES)
    assert read(settings_at(COLUMNS, str(path)), limit=2).rows == [DataRow(text="a"), DataRow(text="b")]
