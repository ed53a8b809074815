"""Chats that are loaded hold memory that a run wants: said on the Train page, with the button that lets them go."""

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.chat.loaded import LoadedChat, loaded_chats
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button

# From an order to go until it is looked whether they have gone.
GOING_MILLISECONDS = 500


class ChatNotice(Message):
    """Says what chats there are, of this window and of others; hidden while there are none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._chats: list[LoadedChat] = []
        self.let_go = button("Give the memory back", theme)
        self.let_go.clicked.connect(self._let_go)
        self.add_button(self.let_go)
        self.add_close()
        self._looking = once_after(self, GOING_MILLISECONDS, self.look)
        self.hide()

    def look(self) -> None:
        """Looks which chats there are now."""
        run_task(loaded_chats, self._show_chats, self._fail, parent=self)

    def _show_chats(self, chats: list[LoadedChat]) -> None:
        known = [chat.run.path for chat in self._chats]
        self._chats = chats
        if not chats:
            self.hide()
        else:
            why = "A run wants it too."
            self.say("info", " ".join(chat.in_words for chat in chats), why)
            if [chat.run.path for chat in chats] != known:
                self.show()

    def _let_go(self) -> None:
        try:
            for chat in self._chats:
                chat.let_go()
        except UserError as error:
            self.say_error(error)
        self._looking.start()

    def _fail(self, _error: UserError) -> None:
        self._show_chats([])
