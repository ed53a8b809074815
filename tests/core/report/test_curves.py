"""Curves as SVG: what is finite is drawn, named, and thinned where it is too much."""

import math
from xml.etree import ElementTree

from workbench.core.report.curves import MOST_POINTS, Curve, curves, spread, thinned


def drawn(*given: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(curves(given, 'a "label" & more'))


def test_that_each_curve_is_a_line_named_at_its_end() -> None:
    picture = drawn(Curve("one", [(1, 2.0), (2, 1.0)], "red"), Curve("", [(1, 3.0), (2, 2.0)], "blue", is_dashed=True))
    lines = picture.findall("polyline")
    assert [line.get("class") for line in lines] == [None, "dashed"]
    assert [text.text for text in picture.findall("text[@class='strong']")] == ["one"]
    assert picture.get("aria-label") == 'a "label" & more'


def test_that_rings_are_not_joined() -> None:
    picture = drawn(Curve("held out", [(1, 2.0), (2, 1.0), (3, 0.5)], "red", is_rings=True))
    assert len(picture.findall("circle")) == 3
    assert picture.findall("polyline") == []


def test_that_what_is_not_finite_is_left_out() -> None:
    picture = drawn(Curve("a", [(1, math.nan), (2, 1.0), (3, math.inf), (4, 2.0)], "red"), Curve("b", [], "red"))
    (line,) = picture.findall("polyline")
    assert len((line.get("points") or "").split()) == 2
    assert curves([Curve("a", [(1, math.nan)], "red")], "nothing") == ""


def test_that_one_point_is_drawn() -> None:
    assert drawn(Curve("a", [(1, 1.0)], "red")).findall("polyline")


def test_that_many_points_are_thinned_and_keep_what_sticks_out() -> None:
    points = [(float(step), 1.0) for step in range(100_000)]
    points[55_555] = (55_555.0, 9.0)
    points[66_666] = (66_666.0, 0.0)
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS + 1
    assert {points[55_555], points[66_666], points[-1]} <= set(kept)
    assert kept == sorted(kept)
    assert thinned(points[:10]) == points[:10]


def test_that_names_are_spread() -> None:
    assert spread([10, 11, 30], 8, 0, 100) == [10, 18, 30]
    assert spread([95, 96], 8, 0, 100) == [92, 100]
