"""Any rows, in any format and encoding that can hold them, are read back as they were written."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.data.given import source_of, values_of
from workbench.core.data.row import DataRow
from workbench.core.data.rows import each
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings

Rows = list[dict[str, Any]]
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r\ufeff"), max_size=20)
# A sheet and a text file hold no control characters, and a blank line parts two texts.
SHOWN = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029"), max_size=20)
WIDE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
# Files begin with enough that what their encoding and delimiter are can be known.
FIRST = [{"question": "Why is it so?", "answer": "Because, it is."}] * 4
some = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pairs(text: st.SearchStrategy[str]) -> st.SearchStrategy[Rows]:
    row = st.tuples(text, text).map(lambda pair: {"question": f"a{pair[0]}b", "answer": f"c{pair[1]}d"})
    return st.lists(row, max_size=5).map(lambda rows: [*FIRST, *rows])


def lines(rows: Rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def comma_separated(rows: Rows) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


TEXTS: dict[str, Callable[[Rows], str]] = {
    "a.jsonl": lines,
    "a.json": lambda rows: json.dumps(rows, ensure_ascii=False, indent=1),
    "wrapped.json": lambda rows: json.dumps({"data": rows}, ensure_ascii=False),
    "a.csv": comma_separated,
}


@pytest.mark.parametrize("name", TEXTS)
@some
@given(rows=pairs(TEXT), codec=st.sampled_from(WIDE), packing=st.sampled_from(["", ".gz", ".zst"]))
def test_that_rows_come_back_from_text_of_any_encoding(
    tmp_path: Path, name: str, rows: Rows, codec: str, packing: str
) -> None:
    path = tmp_path / (name + packing)
    pack = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}[packing]
    path.write_bytes(pack(TEXTS[name](rows).encode(codec)))
    assert values_of(path) == rows


SENTENCES = {
    "cp1252": "Où est la gare, s'il vous plaît ? À côté du marché, là-bas derrière l'école.",
    "cp1251": "Как называется столица Норвегии и сколько в ней живёт людей?",
    "cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy v zešeřelém městě.",
    "cp932": "ノルウェーの首都 は どこですか。人口は どのくらい ですか。",
}


@pytest.mark.parametrize("codec", SENTENCES)
@pytest.mark.parametrize("name", TEXTS)
@some
@given(data=st.data())
def test_that_rows_come_back_from_text_of_a_code_page(
    tmp_path: Path, name: str, codec: str, data: st.DataObject
) -> None:
    said = SENTENCES[codec]
    text = st.lists(st.sampled_from(said.split()), min_size=1, max_size=6).map(" ".join)
    pair = st.fixed_dictionaries({"question": text, "answer": text})
    rows = [{"question": said, "answer": said}, *data.draw(st.lists(pair, max_size=5))]
    path = tmp_path / name
    path.write_bytes(TEXTS[name](rows).encode(codec))
    assert values_of(path) == rows


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.xlsx"])
@some
@given(data=st.data())
def test_that_rows_come_back_from_tables(tmp_path: Path, name: str, data: st.DataObject) -> None:
    rows = data.draw(pairs(SHOWN if name == "a.xlsx" else TEXT))
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)
    elif name == "a.arrow":
        feather.write_feather(pa.Table.from_pylist(rows), str(path), chunksize=2)
    else:
        book = openpyxl.Workbook()
        book.active.append(list(rows[0]))
        for row in rows:
            book.active.append(list(row.values()))
        book.save(path)
    assert values_of(path) == rows


@some
@given(texts=st.lists(SHOWN.map(lambda text: f"a{text}b"), min_size=1, max_size=5), codec=st.sampled_from(WIDE))
def test_that_texts_come_back_from_paragraphs(tmp_path: Path, texts: list[str], codec: str) -> None:
    path = tmp_path / "a.txt"
    texts = ["The text begins here, in plain letters.", *texts]
    path.write_bytes("\n\n".join(texts).encode(codec))
    assert values_of(path) == [{"text": text} for text in texts]


def turns(*said: tuple[str, str], keys: tuple[str, str] = ("role", "content")) -> list[dict[str, str]]:
    return [dict(zip(keys, turn, strict=True)) for turn in said]


SHAPES: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "prompt": lambda asked, said: {"prompt": asked, "completion": said},
    "question": lambda asked, said: {"Frage": asked, "Antwort": said},
    "alpaca": lambda asked, said: {"instruction": asked, "input": "", "output": said},
    "messages": lambda asked, said: {"messages": turns(("user", asked), ("assistant", said))},
    "parts": lambda asked, said: {
        "messages": [
            {"role": role, "content": [{"type": "text", "text": text}]}
            for role, text in (("user", asked), ("assistant", said))
        ]
    },
    "sharegpt": lambda asked, said: {
        "conversations": turns(("human", asked), ("gpt", said), keys=("from", "value")),
    },
    "preference": lambda asked, said: {"prompt": asked, "chosen": said, "rejected": "no"},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
@some
@given(said=st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_that_every_shape_is_the_same_conversation(
    tmp_path: Path, shape: str, suffix: str, said: list[tuple[str, str]]
) -> None:
    said = [("Why?", "So."), *((f"a{asked}b", f"c{answer}d") for asked, answer in said)]
    rows = [SHAPES[shape](asked, answer) for asked, answer in said]
    path = tmp_path / f"a.{suffix}"
    if suffix == "jsonl":
        path.write_text(lines(rows), encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    found = [row for _, row in each(DataSettings(path=str(path)))]
    expected = [turns(("user", asked), ("assistant", answer)) for asked, answer in said]
    assert [list(row.turns) if isinstance(row, DataRow) else row for row in found] == expected


NAMES = ("a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.jsonl.gz", "a.csv.zst", "a.xlsx", "a.ods", "a.parquet")


@pytest.mark.parametrize("name", NAMES)
@some
@given(data=st.binary(max_size=300))
def test_that_any_bytes_are_rows_or_a_sentence(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with suppress(UserError):
        assert all(isinstance(value, dict | Wrong) for _, value in source_of(path).values())
