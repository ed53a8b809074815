"""The report stands alone, says everything, and takes whatever text it is given as text."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.html_pages import Reader
from tests.races import FIGURES, race, row
from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.problems import UserError
from workbench.core.race.measures import MEASURES
from workbench.core.race.picture import picture
from workbench.core.race.race import Race
from workbench.core.race.report import report_html, write_report
from workbench.core.race.svg_plots import loss_curves, ticks
from workbench.core.report.curves import spread
from workbench.core.report.page import check_place

NASTY = '<script>alert("1")</script>&amp; \u202eabc\x00 "\'> <img src=x onerror=y>'


def svg(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def trained() -> Race:
    curve = [(step, 3.0 / step) for step in range(1, 6)]
    return race(*(row(name, losses=curve, notes=["Once Q4_1."]) for name in FIGURES))


def test_that_the_page_needs_nothing_from_elsewhere() -> None:
    page = report_html(trained())
    reader = Reader(page)
    assert {tag for tag, _ in reader.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "a"})
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on") or name == "href"]
    assert not re.search(r"url\(|https?:|@import", page)
    assert "default-src 'none'" in page


def test_that_it_has_a_light_and_a_dark_face_and_prints_in_the_light_one() -> None:
    page = report_html(race())
    assert "@media screen and (prefers-color-scheme: dark)" in page
    assert "@media print" in page
    assert not re.search(r'(fill|stroke)="#', page)


def test_that_it_says_everything() -> None:
    words = Reader(report_html(trained())).words
    for said in (
        trained().sentence,
        "a model",
        "134.5 million parameters",
        "seed 1",
        "torch 2.13.0",
        "2\u2009700 tokens, read in windows of 512",
        "1\u2009300 places",
        "the program's own prose",
        "Once Q4_1.",
        "buys 152 MB (57%)",
        "costs 1.90",
        "(9.5%)",
        "NF4 + DQ",
        "538 MB",
        "What is 2 and 2?",
        "A short training in each",
    ):
        assert said in words, said


def test_that_the_first_differing_word_is_marked() -> None:
    page = report_html(race())
    assert '<mark>Red,</mark><span class="rest"> like a rose.</span>' in page
    assert page.count("<mark>") == 1
    assert "\u2014 the same" in page


def test_that_a_precision_that_could_not_run_is_a_row_with_the_reason() -> None:
    page = report_html(race(PrecisionMeasured(precision="fp32", problem=f"No {NASTY}"), row("bf16"), row("nf4")))
    assert "FP32" in Reader(page).words
    assert f"No {NASTY}".replace("\x00", "") in Reader(page).words.replace("\x00", "").replace("\ufffd", "")


def test_that_a_race_of_none_is_a_page_of_reasons_without_plots_or_answers() -> None:
    page = report_html(race(PrecisionMeasured(precision="nf4", problem="No room.")))
    read = Reader(page)
    assert "<h1>Race of precisions: a model</h1>" in page
    assert [words for words in re.findall(r"<h2>(.*?)</h2>", page)] == ["Figures", "How it was measured"]
    assert f'<th scope="row">NF4</th><td class="reason" colspan="{len(MEASURES)}">No room.</td>' in page
    assert "seed 1" in read.words
    assert {tag for tag, _ in read.tags}.isdisjoint({"svg", "mark"})
    assert 'class="lead"' not in page, "nothing is compared"


def test_that_figures_that_are_no_numbers_are_words_in_the_table_and_no_marks_in_the_plots() -> None:
    odd = row("nf4", perplexity=math.nan, kl_divergence=math.inf, answer_tokens_per_second=None)
    page = report_html(race(row("bf16", perplexity=math.inf), odd))
    Reader(page)
    assert not re.search(r'="[^"]*\b(nan|inf)\b', page)


def test_that_a_race_of_one_is_compared_with_nothing() -> None:
    page = report_html(race(row("bf16")))
    Reader(page)
    assert "<h2>Side by side</h2>" in page
    assert "<mark>" not in page
    assert "\u2014 the same" not in page


def test_that_text_from_outside_stays_text() -> None:
    rows = [row("bf16", answers=[NASTY, ""], notes=[NASTY]), row("nf4", answers=["", NASTY], device=NASTY)]
    page = report_html(race(*rows, model=f"/x/{NASTY}", prompts=(NASTY, NASTY), text=NASTY))
    tags = {tag for tag, _ in Reader(page).tags}
    assert tags.isdisjoint({"script", "img"})


def test_that_the_picture_is_one_picture_with_its_arrow() -> None:
    drawn = svg(picture(race()))
    circles = drawn.findall("circle")
    assert len(circles) == len(FIGURES)
    assert len(drawn.findall("polygon")) == 1
    x = {text.text: float(text.attrib["x"]) for text in drawn.findall("text") if text.text}
    assert x["NF4 + DQ"] < x["INT8"] < x["BF16"] < x["FP32"]
    area = {float(circle.attrib["r"]) ** 2 for circle in circles}
    assert max(area) / min(area) == pytest.approx(18.0 / 10.0, rel=0.02)


def test_that_no_name_lies_on_another() -> None:
    for rows in (race(), race(*(row(name, perplexity=20.0, size_bytes=100_000_000) for name in FIGURES))):
        names = [text for text in svg(picture(rows)).findall("text") if text.attrib.get("class") == "strong halo"]
        places = [(float(text.attrib["x"]), float(text.attrib["y"])) for text in names if not _is_told(text)]
        assert len(places) == len(FIGURES)
        for index, (x, y) in enumerate(places):
            for other_x, other_y in places[index + 1 :]:
                assert abs(y - other_y) > 14 or abs(x - other_x) > 60


def _is_told(text: ElementTree.Element) -> bool:
    return (text.text or "").split(" ")[0] in ("buys", "costs", "gains", "perplexity") or (text.text or "").startswith(
        "("
    )


def test_that_everything_drawn_lies_within() -> None:
    for found in (
        race(),
        race(row("bf16"), row("nf4", perplexity=900.0)),
        race(row("bf16"), row("nf4", perplexity=3.0)),
    ):
        drawn = svg(picture(found))
        for circle in drawn.findall("circle"):
            x, y, radius = (float(circle.attrib[name]) for name in ("cx", "cy", "r"))
            assert 0 <= x - radius < x + radius <= 960
            assert 0 <= y - radius < y + radius <= 460
        for text in drawn.findall("text"):
            assert 10 <= float(text.attrib["y"]) <= 460


def test_that_curves_are_drawn_over_each_other_and_break_at_nothing() -> None:
    odd = row("nf4", losses=[(1, 3.0), (2, math.nan), (3, math.inf)])
    drawn = svg(loss_curves([row("bf16", losses=[(1, 2.0), (2, 1.0)]), odd, row("fp4")]))
    assert len(drawn.findall("polyline")) == 2
    assert loss_curves([row("bf16")]) == ""


def test_that_ticks_are_round_and_names_are_spread() -> None:
    assert ticks(0, 560e6, 8) == [0, 1e8, 2e8, 3e8, 4e8, 5e8]
    assert ticks(19.5, 25.4, 6) == [20, 21, 22, 23, 24, 25]
    assert ticks(1, 1) == [1]
    assert spread([10, 11, 30], 8, 0, 100) == [10, 18, 30]
    assert spread([95, 96], 8, 0, 100) == [92, 100]


def test_that_a_report_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "race.html"
    check_place(target)
    write_report(target, race())
    assert target.read_text(encoding="utf-8") == report_html(race())
    assert [path.name for path in tmp_path.iterdir()] == ["race.html"]
    with pytest.raises(UserError, match="is a folder"):
        check_place(tmp_path)
    with pytest.raises(UserError, match="no folder"):
        check_place(tmp_path / "nowhere" / "race.html")
    with pytest.raises(UserError, match="cannot be written"):
        write_report(tmp_path / "nowhere" / "race.html", race())
