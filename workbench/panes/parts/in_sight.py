"""A widget that follows something else, and does so only where it is seen."""

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget


class RefreshedInSight:
    """Goes before the Qt class of a widget: what changed while it was hidden is caught up with when it is shown.

    Attributes:
        is_stale: Whether it shows what was before a change.
    """

    is_stale = True

    def refresh(self) -> None:
        """Shows what is now."""
        raise NotImplementedError

    def refresh_in_sight(self) -> None:
        """For a signal that says that something changed."""
        assert isinstance(self, QWidget)
        self.is_stale = True
        if self.isVisible():
            self.refresh_once()

    def refresh_once(self) -> None:
        """Refreshes where that is still to be done."""
        if self.is_stale:
            self.is_stale = False
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)  # type: ignore[misc]
        self.refresh_once()
