"""The card of the chosen run: its name, what happened, notes and tags, and what can be done with it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.job.run_folder import RunState
from workbench.core.problems import UserError, in_a_row
from workbench.core.runs.row import RunRow
from workbench.core.ticks import clock
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, breakable, button, divider, icon_button, label
from workbench.panes.parts.run_words import day_in_words
from workbench.panes.runs.chosen.actions import ActionButtons
from workbench.panes.runs.chosen.details import RunDetails
from workbench.panes.runs.chosen.notes import NotesField
from workbench.panes.runs.chosen.tags import TagRow
from workbench.panes.runs.letters import Disc
from workbench.panes.runs.listed.columns import trouble_of

# Arrow keys go through a table faster than a long journal is read.
PATIENCE_MS = 120
LONGEST_REASON = 600


class NameField(QLineEdit):
    """Signals: left with what was typed, or None where it was given up."""

    left = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Name of the run")
        self._is_leaving = False
        self.editingFinished.connect(self._leave)

    def begin(self, name: str) -> None:
        self._is_leaving = False
        self.setText(name)
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self) -> None:
        if not self._is_leaving:
            self._is_leaving = True
            self.left.emit(self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._is_leaving = True
            self.left.emit(None)
        else:
            super().keyPressEvent(event)


class ChosenCard(Card):
    """Shows the run it is given; what is done with it is the view's.

    Signals:
        wanted: One of ACTIONS, "reveal" or "delete".
        renamed: The folder, and the name it is to have.
        notes_written: The folder, and its notes.
        tag_added, tag_taken: The folder, and a tag.
    """

    wanted = Signal(str)
    renamed = Signal(object, str)
    notes_written = Signal(object, str)
    tag_added = Signal(object, str)
    tag_taken = Signal(object, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.row: RunRow | None = None
        self.details: RunDetails | None = None
        self._unread = ""
        self._hindrance = ""
        self._asked = self._answered = 0
        self._renaming: Path | None = None
        self._patience = once_after(self, PATIENCE_MS, self._read)
        self.disc = Disc(theme)
        self.name = ElidedLabel("", "heading")
        self.name_field = NameField()
        self.line = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.reveals = icon_button("Show its folder", theme, "folder-open")
        self.heading = label("Notes", "label")
        self.reason = label("", "problem", wraps=True)
        self.notes = NotesField(theme)
        self.tags = TagRow(theme)
        self.ways = ActionButtons(theme)
        self.deletes = button("Delete", theme, "trash", "flat")
        self.none = label("Choose a run to see what became of it.", "sentence", wraps=True)
        self._build()
        self._connect()
        self.show_run(None, "")

    def _build(self) -> None:
        theme = self.theme
        px = theme.px
        self._names = QStackedWidget()
        self._names.addWidget(self.name)
        self._names.addWidget(self.name_field)
        self._names.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.notes.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        polish(self.deletes, align="left")
        head = in_row(self.disc, (self._names, 1), self.reveals, gap=px(8))
        inside = QWidget()
        self._inside = in_column(head, self.line, gap=px(3), margins=(px(14), px(6), px(14), 0), of=inside)
        self._inside.addSpacing(px(3))
        for part in (self.heading, self.reason):
            self._inside.addWidget(part)
        self._inside.addWidget(self.notes, 1)
        self._inside.addSpacing(px(3))
        self._inside.addWidget(self.tags)
        self._inside.addSpacing(px(4))
        self._inside.addWidget(self.ways)
        self._scroll = in_scroll(inside)
        self._scroll.installEventFilter(self)
        self._foot = QWidget()
        in_column(divider(), in_row(self.deletes, 1, margins=(px(10), px(3), px(10), px(3))), gap=0, of=self._foot)
        self.set_margins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.none.setContentsMargins(px(14), px(12), px(14), px(12))
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        self.body.addWidget(self.none, 1)
        self.body.addWidget(self._scroll, 1)
        self.body.addWidget(self._foot)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Without a bar where all fits without it: the bar takes the width that words need to fit."""
        if watched is self._scroll and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._keep_bar_away()
        return super().eventFilter(watched, event)

    def _keep_bar_away(self) -> None:
        room = self._scroll.size()
        high = max(self._inside.totalHeightForWidth(room.width()), self._inside.totalMinimumSize().height())
        is_needed = high > room.height()
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._scroll.setVerticalScrollBarPolicy(policy)

    def _connect(self) -> None:
        self.ways.wanted.connect(self.wanted)
        self.reveals.clicked.connect(lambda: self.wanted.emit("reveal"))
        self.deletes.clicked.connect(lambda: self.wanted.emit("delete"))
        self.notes.written.connect(self.notes_written)
        self.name_field.left.connect(self._take_name)
        self.tags.added.connect(self._add_tag)
        self.tags.taken.connect(self._take_tag)

    def _add_tag(self, tag: str) -> None:
        if self.row is not None:
            self.tag_added.emit(self.row.path, tag)

    def _take_tag(self, tag: str) -> None:
        if self.row is not None:
            self.tag_taken.emit(self.row.path, tag)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self._scroll.verticalScrollBar().sizeHint().width()
        self.ways.set_room(self.width() - 2 * self.theme.px(14) - beside)

    # -- the name -----------------------------------------------------------------------------------------------------

    def rename(self) -> None:
        """Puts a field in the place of its name."""
        if self.row is not None:
            self._renaming = self.row.path
            self._names.setCurrentWidget(self.name_field)
            self.name_field.begin(self.row.called)

    def _take_name(self, name: str | None) -> None:
        path, self._renaming = self._renaming, None
        self._names.setCurrentWidget(self.name)
        row = self.row
        if path is None or name is None or (row is not None and row.path == path and name.strip() == row.called):
            return
        self.renamed.emit(path, "" if name.strip() == path.name else name)

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def is_reading(self) -> bool:
        """Whether what the table does not hold of the run is still to come."""
        return self.row is not None and self._answered < self._asked

    def show_run(self, row: RunRow | None, letter: str, *, is_changed: bool = False) -> None:
        """Shows a run as the table has it now; what is read of its folder where it is another, or has changed."""
        before, self.row = self.row, row
        self.disc.show_letter(letter if row is not None else "")
        is_other = row is None or before is None or row.path != before.path
        if is_other:
            self.details, self._unread = None, ""
            self.name_field.left.emit(None)
            self._scroll.verticalScrollBar().setValue(0)
        if row is not None and (is_other or is_changed or row.state is not before.state):  # type: ignore[union-attr]
            self._asked += 1
            self._patience.start()
        self._draw()

    def set_hindrance(self, words: str) -> None:
        """Says why no run may start now; no words where one may."""
        if words != self._hindrance:
            self._hindrance = words
            self._draw()

    def offer_tags(self, tags: Sequence[str]) -> None:
        self.tags.offer(tags)

    def _read(self) -> None:
        if self.row is None:
            return
        path, asked = self.row.path, self._asked

        def take(details: RunDetails) -> None:
            self._answered = asked
            if asked == self._asked:
                self.details, self._unread = details, ""
                self._draw()

        def leave_out(error: UserError) -> None:
            self._answered = asked
            if asked == self._asked:
                self._unread = str(error)
                self._draw()

        run_task(lambda: RunDetails.read(path), take, leave_out, parent=self)

    def _draw(self) -> None:
        row, details = self.row, self.details
        for part in (self._scroll, self._foot):
            part.setVisible(row is not None)
        self.none.setVisible(row is None)
        self.ways.show_run(row, details, self._hindrance)
        if row is None:
            self.setAccessibleName("No run is chosen")
            self.notes.show_notes(None, "")
            return
        self.name.set_text(row.called)
        self.line.set_text(self._line(row, details))
        reason = self._reason(row, details)
        self.reason.setText(breakable(reason[:LONGEST_REASON]))
        self.reason.setVisible(bool(reason))
        self.heading.setVisible(not reason)
        polish(self.reason, state="warn" if row.error or row.unreadable or row.told else "")
        self.notes.show_notes(row.path, row.notes)
        self.tags.show_tags(row.tags)
        self._say_delete(row, details)
        self.setAccessibleName(in_a_row(f"{row.called}.", reason or f"{row.state}."))

    @staticmethod
    def _line(row: RunRow, details: RunDetails | None) -> str:
        parts = [day_in_words(row.started_at)]
        parts += [clock(row.elapsed_seconds)] if row.elapsed_seconds else []
        if details is not None and details.best_step:
            parts.append(f"step {grouped(details.best_step)} is the best")
        elif row.state is not RunState.FINISHED and row.step:
            parts.append(f"{row.state} at step {grouped(row.step)}")
        return ", ".join(parts)

    def _reason(self, row: RunRow, details: RunDetails | None) -> str:
        """What stands in the place of the notes' heading: what is wrong with its files, or why it crashed."""
        trouble = trouble_of(row) or self._unread
        if trouble:
            return trouble
        if row.state is RunState.CRASHED and details is not None and details.outcome is not None:
            outcome = details.outcome
            return in_a_row(outcome.what, outcome.why, outcome.remedy)
        return ""

    def _say_delete(self, row: RunRow, details: RunDetails | None) -> None:
        size = f", {bytes_in_words(details.size_bytes)} to the bin" if details is not None else ""
        self.deletes.setText(f"Delete{size}")
        self.deletes.setEnabled(not row.state.is_alive)
        self.deletes.setToolTip("It is at work." if row.state.is_alive else "Ctrl+Z brings it back")
