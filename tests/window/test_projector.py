"""A page looks after projector mode, and after another theme, as it did before."""

from collections.abc import Callable, Iterator

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QHeaderView, QLayout, QWidget

from tests.window.states import kept_run, settle, show_run
from workbench.core.job.run_folder import RunFolder
from workbench.panes.bits.page import BitsPage
from workbench.panes.memory.page import MemoryPage
from workbench.panes.parts.page import Page
from workbench.panes.quantize.page import VIEWS, QuantizePage
from workbench.window.main_window import MainWindow

Open = Callable[[], MainWindow]
Measures = dict[str, object]
Look = tuple[dict[QWidget, Measures], QImage]
# They say how much memory is free at the moment.
MOVE_BY_THEMSELVES = ("model", "train")


def name_of(widget: QWidget) -> str:
    """The classes of a widget and of what it lies in, with what they are called."""
    inside = widget.parentWidget()
    above = f"{name_of(inside)} > " if inside is not None and not inside.isWindow() else ""
    return f"{above}{type(widget).__name__} {widget.accessibleName()[:20]}".rstrip()


def edges_of(of: QWidget | QLayout) -> tuple[int, ...]:
    edges = of.contentsMargins()
    return edges.left(), edges.top(), edges.right(), edges.bottom()


def spaces_of(layout: QLayout) -> list[object]:
    inside = [item.layout() for index in range(layout.count()) if (item := layout.itemAt(index)) is not None]
    return [edges_of(layout), layout.spacing(), *(spaces_of(each) for each in inside if each is not None)]


def measures_of(widget: QWidget) -> Measures:
    """What is set by a theme, and what comes of it, in pixels."""
    found: Measures = {
        "place": widget.geometry().getRect(),
        "font": widget.font().toString(),
        "edges": edges_of(widget),
        "least": widget.minimumSize().toTuple(),
        "most": widget.maximumSize().toTuple(),
    }
    layout = widget.layout()
    if layout is not None:
        found["spaces"] = spaces_of(layout)
    if isinstance(widget, QHeaderView):
        found["sections"] = [widget.sectionSize(index) for index in range(widget.count())]
    if isinstance(widget, QAbstractScrollArea):
        found["scrolled"] = widget.verticalScrollBar().value()
    return found


def look_of(window: MainWindow) -> Look:
    """All of the page that is visible, with what it measures, and the page's picture without a caret in it."""
    focused = QApplication.focusWidget()
    if focused is not None:
        focused.clearFocus()
    page = window.stack.currentWidget()
    assert isinstance(page, Page)
    seen = {widget: measures_of(widget) for widget in page.findChildren(QWidget) if widget.isVisible()}
    return seen, page.grab().toImage()


def differences(before: Look, after: Look, *, in_pixels: bool) -> list[str]:
    """In words, what is not as it was; of the pictures only where all that was measured is."""
    (seen, picture), (now_seen, now_picture) = before, after
    found = [f"{name_of(widget)} is gone" for widget in seen if widget not in now_seen]
    found += [f"{name_of(widget)} has come" for widget in now_seen if widget not in seen]
    for widget, measures in seen.items():
        for what, value in measures.items():
            now = now_seen.get(widget, measures)[what]
            if now != value:
                found.append(f"{name_of(widget)}: {what} was {value}, is {now}")
    if in_pixels and not found and picture != now_picture:
        found.append("the pictures differ")
    return found


def every_view(window: MainWindow, runs: list[RunFolder]) -> Iterator[str]:
    """Shows every page and view, and Train with each of the runs."""
    bits, quantize, memory = (window.pages[name] for name in ("bits", "quantize", "memory"))
    assert isinstance(bits, BitsPage)
    assert isinstance(quantize, QuantizePage)
    assert isinstance(memory, MemoryPage)
    for name in window.pages:
        window.show_page(name)
        settle(window)
        if name == "bits":
            for words, instead in (("quiz", bits.quiz), ("weight", bits.weight), ("conversions", bits.conversions)):
                bits.show_view(instead)
                settle(window)
                yield f"bits, {words}"
            bits.show_view(bits.view)
            settle(window)
        if name == "quantize":
            for view in VIEWS:
                quantize.show_view(view)
                settle(window)
                yield f"quantize, {view}"
        if name == "memory":
            memory.ways.show_article(True)
            settle(window)
            yield "memory, the article"
            memory.ways.show_rows()
            settle(window)
        yield name
    for run in runs:
        show_run(window, run)
        yield f"train, {run.path.name}"
    window.control.detach()


def test_that_every_page_looks_after_projector_mode_in_the_dark_as_it_did_before(open_window: Open) -> None:
    window = open_window()
    window.resize(1366, 738)
    theme = window.theme
    theme.choose("light")
    runs = [kept_run(name) for name in ("crashed", "html")]

    def looks() -> dict[str, Look]:
        return {name: look_of(window) for name in every_view(window, runs)}

    looks()  # what was never shown before may settle once more
    before = looks()
    theme.set_projector(True)
    theme.choose("dark")
    looks()
    theme.set_projector(False)
    theme.choose("light")
    after = looks()
    wrong = [
        f"{name}: {words}"
        for name, look in before.items()
        for words in differences(look, after[name], in_pixels=name not in MOVE_BY_THEMSELVES)
    ]
    assert "\n".join(wrong) == ""
