"""What conftest.py calls slow is there."""

from tests.conftest import SLOW
from tests.house.scratch import ROOT


def test_that_each_slow_place_has_a_test_file() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    assert [place for place in SLOW if not any(file.startswith(place) for file in files)] == []
