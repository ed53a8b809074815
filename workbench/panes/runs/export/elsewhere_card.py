"""The card of how the export is used elsewhere: a program a tab, a command a line, each copied by a click or Enter."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QFrame, QListWidgetItem, QSizePolicy

from workbench.core.export.elsewhere import PROGRAMS, Use
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, Segmented, label, plain_tip
from workbench.panes.parts.row_list import ENTRY, PickList, RowPainter

COPIED_MILLISECONDS = 2000
ELLIPSIS = "\u2026"
# What is quoted within a command has its colour.
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


class _Painter(RowPainter):
    HEIGHT = 26
    RADIUS = 4

    def paint_entry(self, painter: QPainter, row: QRect, entry: Any, *, is_chosen: bool) -> None:
        theme, px, view = self._theme, self._theme.px, self._view
        side = px(14)
        icon = QRect(row.right() - px(8) - side, row.center().y() - side // 2, side, side)
        is_copied = isinstance(view, CommandList) and view.copied == entry
        name, color = ("check", "status.success") if is_copied else ("copy-simple", "text.secondary")
        theme.icon(name, color).paint(painter, icon)
        painter.setFont(theme.font("small", mono=True))
        words = painter.fontMetrics()
        left, right = row.left() + px(8), icon.left() - px(10)
        shown = words.elidedText(entry, Qt.TextElideMode.ElideMiddle, right - left)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        for text, shade in _colored(entry, shown):
            painter.setPen(theme.color(shade))
            painter.drawText(QRect(left, row.top(), right - left + px(4), row.height()), flags, text)
            left += words.horizontalAdvance(text)


def _colored(line: str, shown: str) -> list[tuple[str, str]]:
    """What is shown of a line in pieces, each with its colour; it may have been shortened in the middle."""
    shades = ["text.primary"] * len(line)
    for found in _QUOTED.finditer(line):
        shades[found.start() : found.end()] = ["status.success"] * (found.end() - found.start())
    if shown != line:
        before, _, after = shown.partition(ELLIPSIS)
        shades = [*shades[: len(before)], "text.tertiary", *(shades[-len(after) :] if after else [])]
    pairs = groupby(zip(shown, shades, strict=True), key=lambda pair: pair[1])
    return [("".join(letter for letter, _ in group), shade) for shade, group in pairs]


class CommandList(PickList):
    """Lines of which one is copied by a click or Enter; a tick stands in place of its icon for a while."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Commands; Enter copies one")
        self.copied = ""
        self._forgetting = QTimer(self)
        self._forgetting.setSingleShot(True)
        self._forgetting.setInterval(COPIED_MILLISECONDS)
        self._forgetting.timeout.connect(self._forget)
        self.setItemDelegate(_Painter(theme, self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.picked.connect(self._copy)
        theme.changed.connect(self._keep_height)

    @property
    def lines(self) -> list[str]:
        return [self.item(row).data(ENTRY) for row in range(self.count())]

    def key_of(self, entry: Any) -> str:
        return str(entry)

    def is_chosen(self, entry: Any) -> bool:
        return False

    def show_lines(self, lines: Sequence[str]) -> None:
        if list(lines) == self.lines:
            return
        self.clear()
        self.copied = ""
        for line in lines:
            self.add_entry(line, f"{line}, Enter copies it", plain_tip(line))
        self._keep_height()

    def _keep_height(self) -> None:
        self.setFixedHeight(max(1, self.count()) * self._theme.px(_Painter.HEIGHT))
        self.scheduleDelayedItemsLayout()

    def _copy(self, line: str) -> None:
        QGuiApplication.clipboard().setText(line)
        self.copied = line
        self._forgetting.start()
        self._tell()

    def _forget(self) -> None:
        self.copied = ""
        self._tell()

    def _tell(self) -> None:
        for row in range(self.count()):
            item: QListWidgetItem = self.item(row)
            line = item.data(ENTRY)
            item.setText(f"{line}, copied" if line == self.copied else f"{line}, Enter copies it")
        self.viewport().update()


class ElsewhereCard(Card):
    """A tab a program; one that lacks what it reads is grey and says what is to be exported first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Use it elsewhere")
        self._uses: dict[str, Use] = {}
        self.tabs = Segmented(list(PROGRAMS.items()), "Program")
        self._chosen = ""  # by hand
        self.tabs.chosen.connect(self._choose)
        self.add_to_head(self.tabs)
        self.commands = CommandList(theme)
        frame = QFrame()
        frame.setProperty("role", "inset")
        self._inset = in_column(self.commands, of=frame)
        self.note = label("", "sentence", wraps=True)
        self.answer = ElidedLabel("", "sentence", Qt.TextElideMode.ElideRight)
        self.missing = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.set_margins(14, 4, 14, 10)
        self.note.setMinimumHeight(1)  # a wrapped label's own is that of a narrow one: the window would grow by it
        for part in (frame, self.note, self.answer, self.missing):
            self.body.addWidget(part)
        self.body.addStretch(1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self.theme.px
        self._inset.setContentsMargins(px(2), px(4), px(2), px(4))

    @property
    def program(self) -> str:
        return self.tabs.value()

    def show_uses(self, uses: Sequence[Use], answer: str) -> None:
        """Takes the lines of every program, and what the run here answers to the same question."""
        self._uses = {use.program: use for use in uses}
        self.answer.set_text(answer)
        self.answer.setVisible(bool(answer))
        first = next((use.program for use in uses if not use.missing), "")
        for use in uses:
            tab = self.tabs.button_of(use.program)
            tab.setEnabled(not use.missing)
            tab.setToolTip(use.missing)
            tab.setAccessibleDescription(use.missing)
        is_kept = self._chosen in self._uses and not self._uses[self._chosen].missing
        self.tabs.set_value(self._chosen if is_kept else first)
        lacking = {PROGRAMS[use.program]: use.missing for use in uses if use.missing}
        self.missing.set_text("; ".join(f"{name}: {what}" for name, what in lacking.items()))
        self.missing.setVisible(bool(lacking))
        self._show(self.program)

    def _choose(self, program: str) -> None:
        self._chosen = program
        self._show(program)

    def _show(self, program: str) -> None:
        use = self._uses.get(program)
        self.commands.show_lines(use.lines if use is not None else ())
        self.note.setText(use.note if use is not None else "")
