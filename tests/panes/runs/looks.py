"""What the page of runs says, as tests ask it."""

from PySide6.QtWidgets import QLabel, QWidget

from tests.qt_waits import wait_until
from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import wait_for_tasks
from workbench.panes.parts.controls import ElidedLabel
from workbench.panes.runs.listed.columns import At
from workbench.panes.runs.overview.view import OverviewView


def look(runs: RunList) -> None:
    runs.refresh()
    assert wait_for_tasks(60)


def names(view: OverviewView) -> list[str]:
    model = view.table.model()
    return [str(model.index(row, At.NAME).data()) for row in range(model.rowCount())]


def settled(view: OverviewView) -> None:
    """Once all that is read of the chosen and the compared runs is there."""
    wait_until(lambda: not view.is_pending)
    assert wait_for_tasks(60)


def texts(widget: QWidget) -> list[str]:
    """What its labels say that can be seen, whole where they shorten."""
    found = [words for words in widget.findChildren(QLabel) if words.isVisibleTo(widget)]
    return [words.whole if isinstance(words, ElidedLabel) else words.text() for words in found]


def cells(view: OverviewView) -> list[tuple[str, ...]]:
    """The rows of the card of what differs."""
    model = view.comparison.differences.model
    return [tuple(model.cell_text(row, at) for at in range(len(model.columns))) for row in model.rows]
