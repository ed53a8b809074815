"""What a person says of a run: kept whole in its folder, told where it is not what it should be."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.core.job.label import (
    LABEL,
    LONGEST_NAME,
    LONGEST_NOTES,
    LONGEST_TAG,
    MOST_TAGS,
    NOTES,
    Label,
    change_label,
    read_label,
    read_notes,
    write_notes,
)
from workbench.core.problems import UserError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_that_a_run_of_which_nothing_is_said_has_no_name_tags_or_notes(folder: Path) -> None:
    assert (read_label(folder), read_notes(folder)) == (Label(), "")


@pytest.mark.parametrize("name", ["plain", 'with "quotes" and \\', "ünïcödé \u4e2d\u6587", "[lora]", "#1"])
def test_that_what_was_said_is_read_again(folder: Path, name: str) -> None:
    change_label(folder, lambda label: label.named(name).tagged("keep", name[:LONGEST_TAG]))
    assert read_label(folder) == Label(name, ("keep", name))
    notes = f"{name}\r\n\n\ttwo lines\n"
    write_notes(folder, notes)
    assert (folder / NOTES).read_bytes() == notes.encode()
    assert sorted(path.name for path in folder.iterdir()) == [LABEL, NOTES]


def test_that_nothing_is_left_of_what_is_taken_back(folder: Path) -> None:
    change_label(folder, lambda label: label.named("mine").tagged("a"))
    write_notes(folder, "notes")
    change_label(folder, lambda label: label.named("").without("A"))
    write_notes(folder, " \n")
    assert list(folder.iterdir()) == []


def test_that_a_tag_is_there_once_whatever_its_case_and_spaces() -> None:
    label = Label().tagged("for  the paper", "For The Paper ", "b")
    assert label.tags == ("for the paper", "b")
    assert label.has_tag("FOR THE PAPER")
    assert label.without("FOR THE  paper".replace("  ", " ")).tags == ("b",)


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "x" * (LONGEST_TAG + 1), "bell\x07", "\u202eright to left"])
def test_that_what_is_not_a_tag_is_refused(tag: str) -> None:
    with pytest.raises(UserError, match="tag"):
        Label().tagged(tag)


def test_that_too_many_tags_a_long_name_and_long_notes_are_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=f"at most {MOST_TAGS} tags"):
        Label().tagged(*(f"tag {number}" for number in range(MOST_TAGS + 1)))
    with pytest.raises(UserError, match=f"longer than {LONGEST_NAME} characters"):
        Label().named("x" * (LONGEST_NAME + 1))
    with pytest.raises(UserError, match="too long"):
        write_notes(folder, "x" * (LONGEST_NOTES + 1))
    assert list(folder.iterdir()) == []


def test_that_a_tag_it_has_not_got_cannot_be_taken_off() -> None:
    with pytest.raises(UserError, match='It has no tag "b"') as refused:
        Label(tags=("a", "c")).without("b")
    assert refused.value.remedy == "It has a, c."


@pytest.mark.parametrize(
    "data",
    [b"name = ", b"\xff\xfe", b"name = 3", b'tags = "a"', b"tags = [1]", b'tags = [""]', b'name = "a\\u0007"',
     b"x = " + b"[" * 20_000, b"#" * 200_000],
)  # fmt: skip
def test_that_a_label_that_is_none_is_told_and_not_written_over(folder: Path, data: bytes) -> None:
    (folder / LABEL).write_bytes(data)
    with pytest.raises(UserError, match=LABEL):
        read_label(folder)
    with pytest.raises(UserError, match=LABEL):
        change_label(folder, lambda label: label.tagged("a"))
    assert (folder / LABEL).read_bytes() == data


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x" * (LONGEST_NOTES + 1)])
def test_that_notes_that_are_no_text_are_told(folder: Path, data: bytes) -> None:
    (folder / NOTES).write_bytes(data)
    with pytest.raises(UserError, match=NOTES):
        read_notes(folder)


def test_that_a_folder_in_the_place_of_a_file_is_told(folder: Path) -> None:
    (folder / LABEL).mkdir()
    (folder / NOTES).mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        read_label(folder)
    with pytest.raises(UserError, match="cannot be read"):
        read_notes(folder)
    with pytest.raises(UserError, match="Nothing can be noted"):
        write_notes(folder, "notes")


def test_that_no_tag_is_lost_where_two_processes_tag_at_once(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from workbench.core.job.label import change_label\n"
        "for number in range(20):\n"
        "    change_label(Path(sys.argv[1]), lambda label: label.tagged(sys.argv[2] + str(number)))\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, folder, who], cwd=ROOT) for who in "ab"]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert len(read_label(folder).tags) == 40
