"""The Data page's sheet: columns that are known, joined, unclear, and a file that is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camera import Camera

    from workbench.panes.data.page import DataPage

STATES = (
    *("mapping", "mapping-left-out", "mapping-joined", "mapping-unread", "mapping-side-missing"),
    *("mapping-unclear", "mapping-refused", "mapping-counted"),
)
HEAD = ("Received", "Topic", "Question", "Answer", "Channel")
ASKED = (
    (
        "repairs",
        "What does a puncture repair cost?",
        "18 euros with a new tube, while you wait. No appointment needed.",
    ),
    ("repairs", "How long does it take to get a bike back?", "Usually two working days. Before Easter it can be four."),
    ("e-bikes", "My e-bike shows error 504.", "That is the speed sensor. Check that the magnet sits at the sensor."),
    ("tyres", "Do you fit winter tyres on a cargo bike?", ""),
    ("repairs", "Do you repair bikes bought elsewhere?", "Of course, we repair every make."),
    ("prices", "Is there a discount for schools?", "Ten per cent from five bikes on; schools and clubs."),
    ("prices", "What is an hour of work?", "#REF!"),
    ("opening", "Are you open on Saturdays?", "Yes, from nine to one. In April and May until four."),
)
CHANNELS = ("mail", "phone", "web form")
Open = Callable[["DataPage", Path, int], None]


def take_mapping(camera: "Camera", page: "DataPage", home: Path, open_file: Open) -> None:
    """Every state of the view that is wanted."""
    mapping = page.mapping
    book = _workbook(home / "customer questions.xlsx")
    if any(camera.is_wanted("data", state) for state in STATES[:5]):
        open_file(page, book, 256)
        camera.take("data", "mapping")
        mapping.tag.click()
        camera.take("data", "mapping-left-out")
        mapping.view.card.show_kind("")
        mapping.take(mapping.choice.joining("prompt", "Topic"))
        camera.take("data", "mapping-joined")
        mapping.take(mapping.choice.taking("Answer", "messages"))
        camera.take("data", "mapping-unread")
        mapping.take(mapping.choice.taking("Question", "prompt"))
        camera.take("data", "mapping-side-missing")
    if camera.is_wanted("data", "mapping-unclear"):
        rows = home / "notes.csv"
        rows.write_text("a,b,c\n" + "".join(f"Left {n} of it,Right {n} of it,Third {n}\n" for n in range(40)), "utf-8")
        open_file(page, rows, 256)
        camera.take("data", "mapping-unclear")
    if camera.is_wanted("data", "mapping-refused"):
        refused = home / "questions with macros.xlsm"
        refused.write_bytes(b"PK")
        open_file(page, refused, 256)
        camera.take("data", "mapping-refused")
    if camera.is_wanted("data", "mapping-counted"):
        rows = home / "long notes.csv"
        lines = (f"Left {n} of it,Right {n} of it,Third {n}\n" for n in range(1_000_000))
        rows.write_text("a,b,c\n" + "".join(lines), "utf-8")
        open_file(page, rows, 256)
        camera.take("data", "mapping-counted")


def _workbook(path: Path) -> Path:
    from datetime import date, timedelta

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Answers"
    sheet.append(list(HEAD))
    for number in range(412):
        topic, question, answer = ASKED[number % len(ASKED)]
        if number >= len(ASKED) and answer in ("", "#REF!"):
            answer = "We look at it together."
        case = f" ({number})" if number >= len(ASKED) else ""
        day = date(2026, 3, 3) + timedelta(days=number // 3)
        sheet.append([day, topic, f"{question}{case}", answer, CHANNELS[number % 3]])
    sheet.append([date(2026, 7, 3), *ASKED[0], "phone"])
    for cell in sheet["A"][1:]:
        cell.number_format = "dd.mm.yyyy"
    book.create_sheet("Prices").append(["nothing"])
    book.create_sheet("Notes").append(["nothing"])
    book.save(path)
    return path
