"""Pictures before and after a change: each one that differs is named, and where."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from tests.packaging import PACKAGING
from tests.packaging import compare as compare_module

compare = compare_module.compare


def save_picture(path: Path, *, width: int = 40, dots: tuple[tuple[int, int], ...] = ()) -> None:
    picture = QImage(width, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("#fafafa"))
    for x, y in dots:
        picture.setPixelColor(x, y, QColor("#fafafb"))
    path.parent.mkdir(exist_ok=True)
    assert picture.save(str(path))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with two pictures each, the same in both."""
    for folder in ("old", "new"):
        for name in ("bits-tenth", "model-starter"):
            save_picture(tmp_path / folder / f"{name}.png")
    return tmp_path / "old", tmp_path / "new"


def test_that_pictures_that_are_the_same_are_counted(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(*folders, []) == 0
    assert capsys.readouterr().out == "2 of 2 pictures are the same to the pixel.\n"


def test_that_the_least_difference_is_named_with_its_place(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    save_picture(folders[1] / "bits-tenth.png", dots=((7, 3), (12, 20)))
    assert compare(*folders, []) == 1
    out = capsys.readouterr().out
    assert "bits-tenth.png: 2 pixels, between x 7 to 12 and y 3 to 20\n" in out
    assert "1 of 2 pictures" in out


def test_that_another_size_and_a_missing_picture_are_differences(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    save_picture(folders[1] / "bits-tenth.png", width=41)
    (folders[0] / "model-starter.png").unlink()
    assert compare(*folders, []) == 1
    out = capsys.readouterr().out
    assert "bits-tenth.png: 40x30 before, 41x30 now\n" in out
    assert f"model-starter.png: only in {folders[1]}\n" in out


def test_that_words_choose_pictures_and_none_at_all_is_no_agreement(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    save_picture(folders[1] / "bits-tenth.png", dots=((0, 0),))
    assert compare(*folders, ["model"]) == 0
    assert compare(*folders, ["no-such-page"]) == 1
    assert "0 of 0 pictures" in capsys.readouterr().out


def test_that_the_command_compares_two_folders(folders: tuple[Path, Path]) -> None:
    words = [sys.executable, str(PACKAGING / "screens"), "--compare", *map(str, folders)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "2 of 2 pictures are the same to the pixel.\n"), done.stderr
    save_picture(folders[1] / "bits-tenth.png", dots=((0, 0),))
    assert subprocess.run(words, capture_output=True, check=False, timeout=120).returncode == 1
    nowhere = [*words[:-1], str(folders[1] / "nowhere")]
    refused = subprocess.run(nowhere, capture_output=True, text=True, check=False, timeout=120)
    assert refused.returncode == 2
    assert "there is no folder" in refused.stderr
