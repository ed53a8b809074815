"""The account of the Hub: where its token comes from, a new one into the system's keyring, or none any more."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError
from workbench.panes.model.hub.form import Account

if TYPE_CHECKING:
    from workbench.core.hub.token import TokenState


class HubAccount(QObject):
    """Asks the keyring in tasks: a locked one asks a person for its password meanwhile.

    Signals:
        changed: The token was found, replaced or forgotten.
    """

    changed = Signal()

    def __init__(self, shown: Account) -> None:
        super().__init__(shown)
        self._shown = shown
        self._has_looked = False
        self.state: TokenState | None = None
        shown.token_given.connect(self._keep)
        shown.forget_wanted.connect(self._forget)

    @property
    def has_token(self) -> bool:
        return self.state is not None and bool(self.state.source)

    @property
    def can_keep(self) -> bool:
        return self.state is None or not self.state.trouble

    def look(self) -> None:
        """Looks once."""
        if not self._has_looked:
            self._has_looked = True
            run_task(_state, self._take, self._fail, parent=self, asks=True)

    def _take(self, state: "TokenState") -> None:
        is_new, self.state = state != self.state, state
        self._shown.show_token(state.source, state.trouble)
        if is_new:
            self.changed.emit()

    def _fail(self, error: UserError) -> None:
        self._shown.say_problem(str(error))

    def _keep(self, secret: str) -> None:
        run_task(partial(_keep, secret), self._take_new, self._fail, parent=self, asks=True)

    def _take_new(self, state: "TokenState") -> None:
        self.state = None  # another token may be given other models
        self._take(state)

    def _forget(self) -> None:
        run_task(_forget, self._take, self._fail, parent=self, asks=True)


def _state() -> "TokenState":
    from workbench.core.hub import token  # looking for keyrings takes 60 ms

    return token.state()


def _keep(secret: str) -> "TokenState":
    from workbench.core.hub import token

    return token.keep(secret)


def _forget() -> "TokenState":
    from workbench.core.hub import token

    token.forget()
    return token.state()
