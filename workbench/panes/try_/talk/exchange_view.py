"""One question with the answers below it, side by side, or one below the other where there is no width."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import icon_button, label
from workbench.panes.try_.talk.answer_block import AnswerBlock
from workbench.panes.try_.talk.conversation import Exchange, Part
from workbench.panes.try_.talk.sent_tokens import Piece

COLORS: dict[Part, str] = {"base": "curves.base", "tuned": "curves.tuned", "second": "compare.c"}


class ExchangeView(QWidget):
    """Shows an exchange.

    Signals:
        edit_wanted, again_wanted: Its question is to be changed, or answered anew.
        go_on_wanted: The speaker whose answer is to go on.
        tokens_wanted: The speaker whose answer is to be looked at token by token.
    """

    edit_wanted = Signal()
    again_wanted = Signal()
    go_on_wanted = Signal(str)
    tokens_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_stacked = False
        self._you = label("You", "small")
        self.question = label("", "medium", wraps=True)
        self.question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.dropped = label("no longer read", "fact")
        self.dropped.hide()
        self.edit = icon_button("Change this question and ask it anew", theme, "pencil-simple")
        self.again = icon_button("Answer this question anew", theme, "arrow-clockwise")
        self.edit.clicked.connect(self.edit_wanted)
        self.again.clicked.connect(self.again_wanted)
        self._strip = QFrame()
        self._strip.setProperty("role", "strip")
        top = Qt.AlignmentFlag.AlignTop
        self._line = in_row(
            (self._you, 0, top), (self.question, 1), (self.dropped, 0, top), (self.edit, 0, top), (self.again, 0, top),
            of=self._strip,
        )  # fmt: skip
        self._answers = QWidget()
        self._grid = QGridLayout(self._answers)
        in_column(self._strip, self._answers, gap=0, of=self)
        self.blocks: dict[str, AnswerBlock] = {}
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._line.setContentsMargins(px(14), px(5), px(8), px(5))
        self._line.setSpacing(px(8))
        self._you.setFixedWidth(px(36))
        self._you.setMinimumHeight(px(24))
        self.question.setMinimumHeight(px(24))
        self._grid.setContentsMargins(px(14), px(12), px(14), px(12))
        self._grid.setHorizontalSpacing(px(18))
        self._grid.setVerticalSpacing(px(12))

    def set_stacked(self, is_stacked: bool) -> None:
        """One answer below the other."""
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            self._place()

    def _place(self) -> None:
        count = len(self.blocks)
        for place, block in enumerate(self.blocks.values()):
            self._grid.removeWidget(block)
            self._grid.addWidget(block, *((place, 0) if self._is_stacked else (0, place)))
        for place in range(4):
            self._grid.setColumnStretch(place, int(place < (1 if self._is_stacked else count)))

    def show_exchange(
        self,
        exchange: Exchange,
        pieces: dict[str, Sequence[Piece]] | None,
        *,
        may_ask: bool,
    ) -> None:
        """Shows it as it is now; `pieces` are what was sent to each speaker, where that is to be seen."""
        self.question.setText(exchange.asked.text or "(what stands before is answered)")
        self.dropped.setVisible(exchange.is_dropped)
        polish(self.question, state="old" if exchange.is_dropped else "")
        for made in (self.edit, self.again):
            made.setEnabled(may_ask)
        # What stands beside is at the left, what was tuned at the right.
        names = list(reversed(exchange.said))
        if names != list(self.blocks):
            for block in self.blocks.values():
                block.deleteLater()
            self.blocks = {name: self._block(name, COLORS[exchange.said[name].part]) for name in names}
            self._place()
        for name, block in self.blocks.items():
            block.show_said(exchange.said[name], pieces.get(name) if pieces is not None else None)
            block.go_on.setEnabled(may_ask and not exchange.is_dropped)

    def _block(self, name: str, color: str) -> AnswerBlock:
        block = AnswerBlock(self._theme, color)
        block.go_on_wanted.connect(lambda: self.go_on_wanted.emit(name))
        block.tokens_wanted.connect(lambda: self.tokens_wanted.emit(name))
        return block
