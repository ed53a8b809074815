"""The account of the Hub: where its token comes from, a new one into the system's keyring, or none any more."""

from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel, breakable, button, label
from workbench.panes.parts.page import FormGroup

if TYPE_CHECKING:
    from workbench.core.hub.token import TokenState


class Account(FormGroup):
    """The token: kept or not, replaced or forgotten; what is typed is never shown again.

    `what_for` stands beside the title, `without` where there is none.

    Signals:
        token_given: What was typed, for the system's keyring alone.
        forget_wanted: The token is to be deleted from it.
    """

    token_given = Signal(str)
    forget_wanted = Signal()

    def __init__(self, theme: Theme, what_for: str, without: str) -> None:
        super().__init__(theme, "Account", what_for)
        self._without = without
        self._can_keep = True
        self._has_token = False
        self.state = label("")
        self.where = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.where.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = QWidget()
        in_row(self.state, (self.where, 1), gap=8, of=line)
        self.add_row(label("Token", "label"), line)
        self.enter = button("Enter one", theme)
        self.enter.clicked.connect(self.ask)
        self.forget = button("Forget it", theme, kind="flat")
        self.forget.clicked.connect(self.forget_wanted)
        self._orders = QWidget()
        in_row(self.enter, self.forget, 1, gap=4, of=self._orders)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setPlaceholderText("hf_…")
        self.field.setAccessibleName("Token of the Hub")
        self.field.setAccessibleDescription("It goes to this system's keyring alone, and is never shown again.")
        self.field.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.field.returnPressed.connect(self._give)
        self.keep = button("Keep it", theme)
        self.keep.clicked.connect(self._give)
        self._entry = QWidget()
        in_row((self.field, 1), self.keep, gap=4, of=self._entry)
        self._entry.hide()
        below = QWidget()
        in_column(self._orders, self._entry, gap=0, of=below)
        self.add_row(QWidget(), below)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        self.add_wide(self.problem)

    @property
    def is_asking(self) -> bool:
        return not self._entry.isHidden()

    def show_token(self, source: Literal["keyring", "environment", "login", ""], trouble: str) -> None:
        """Shows where the token comes from; `trouble` says why the keyring cannot be used."""
        self._has_token, self._can_keep = bool(source), not trouble
        self.state.setText("kept" if source == "keyring" else "given" if source else "none")
        self.where.set_text(
            {
                "keyring": "in the system\u2019s keyring",
                "environment": "by HF_TOKEN",
                "login": "by hf auth login",
                "": self._without if not trouble else "",
            }[source]
        )
        self.enter.setText("Replace" if source == "keyring" else "Enter one")
        self.enter.setEnabled(self._can_keep)
        self.forget.setVisible(source == "keyring")
        remedy = "Set HF_TOKEN where the program is started, or log in with \u201chf auth login\u201d."
        self.say_problem("" if not trouble else trouble if source else f"{trouble} {remedy}", state="warn")

    def say_problem(self, words: str, state: str = "") -> None:
        polish(self.problem, state=state)
        self.problem.setText(breakable(words))
        self.problem.setVisible(bool(words))

    def ask(self) -> None:
        """Shows the field for a token, empty."""
        self.field.clear()
        self._orders.hide()
        self._entry.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def end_asking(self) -> None:
        """Takes the field away with whatever stands in it."""
        had_focus = self._entry.isAncestorOf(self.focusWidget() or self)
        self.field.clear()
        self._entry.hide()
        self._orders.show()
        if had_focus:
            self.enter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _give(self) -> None:
        text = self.field.text().strip()
        self.end_asking()
        if text:
            self.token_given.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_asking:
            self.end_asking()
        else:
            super().keyPressEvent(event)


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
