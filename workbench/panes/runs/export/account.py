"""Whether this machine has a token of the Hub, asked once it matters."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.core.hub.token import TokenState


class HubAccess(QObject):
    """Asks the keyring in a task: a locked one asks a person for its password meanwhile.

    Signals:
        changed: `has_token` or `trouble` has changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.has_token = True  # nothing is missing as long as nobody has looked
        self.trouble = ""

    def look(self) -> None:
        """Looks again: a token may have been entered meanwhile."""
        run_task(_state, self._take, self._fail, parent=self, asks=True)

    def _take(self, state: "TokenState") -> None:
        self.has_token, self.trouble = bool(state.source), state.trouble
        self.changed.emit()

    def _fail(self, error: UserError) -> None:
        self.has_token, self.trouble = False, str(error)
        self.changed.emit()


def _state() -> "TokenState":
    from workbench.core.hub import token  # looking for keyrings takes 60 ms

    return token.state()
