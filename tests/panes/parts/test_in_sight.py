"""Widgets that follow something only where they are seen."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from workbench.panes.parts.in_sight import RefreshedInSight


class Source(QObject):
    """Says that it changed."""

    changed = Signal()


class Follower(RefreshedInSight, QWidget):
    """Counts how often it is refreshed."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.times = 0
        source.changed.connect(self.refresh_in_sight)

    def refresh(self) -> None:
        self.times += 1


def test_that_a_widget_in_sight_follows_at_once_and_a_hidden_one_when_it_is_shown(qapp: QApplication) -> None:
    source = Source()
    follower = Follower(source)
    source.changed.emit()
    source.changed.emit()
    assert (follower.times, follower.is_stale) == (0, True)
    follower.show()
    assert (follower.times, follower.is_stale) == (1, False)
    source.changed.emit()
    assert follower.times == 2
    follower.hide()
    source.changed.emit()
    assert follower.times == 2
    follower.show()
    assert follower.times == 3
    follower.deleteLater()


def test_that_what_is_shown_again_unchanged_is_not_refreshed(qapp: QApplication) -> None:
    follower = Follower(Source())
    follower.show()
    follower.hide()
    follower.show()
    assert follower.times == 1
    follower.deleteLater()
