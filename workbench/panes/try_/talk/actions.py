"""The action bar of Talk: ask, or stop while answers grow."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.core.units import counted, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import ActionBar
from workbench.panes.try_.talk.conversation import Conversation


class TalkActions(QObject):
    """One button at a time, with its facts below.

    Signals:
        ask_wanted, stop_wanted: The two buttons.
    """

    ask_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, theme: Theme, bar: ActionBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self.ask = button("Ask both", theme, "play", "primary")
        self.ask.setToolTip("Ctrl+Enter")
        self.stop = button("Stop both", theme, "stop")
        self.stop.setToolTip("Esc")
        self.stop.hide()
        self.ask.clicked.connect(self.ask_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        bar.add(self.ask, stretch=1)
        bar.add(self.stop, stretch=1)

    def show(self, chat: ChatControl, conversation: Conversation, *, sides: int, longest: int, may_ask: bool) -> None:
        """What can be done now."""
        is_busy = conversation.is_busy
        both = " both" if sides > 1 else ""
        self.ask.setText(f"Ask{both}")
        self.stop.setText(f"Stop{both}")
        self.ask.setVisible(not is_busy)
        self.stop.setVisible(is_busy)
        self.ask.setEnabled(may_ask)
        if is_busy and chat.state is ChatState.LOADING:
            self._bar.say("Loading; Esc takes the question back")
        elif is_busy:
            current = conversation.current
            done = max((len(said.ids) for said in current.said.values()), default=0) if current is not None else 0
            self._bar.say(f"{counted(done, 'token')} of at most {grouped(longest)}, Esc stops too")
        elif chat.is_there:
            self._bar.say(f"at most {counted(longest, 'token')}{' each' if sides > 1 else ''}")
        else:
            self._bar.say("The model is loaded first")
