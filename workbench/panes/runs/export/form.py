"""The form of the view Export: the result, what it becomes, where it goes, and the orders."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.problems import shortened
from workbench.core.units import bytes_in_digits, grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import ElidedLabel, breakable, button, icon_button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox, TextField, lock, words_with
from workbench.panes.parts.hub_account import Account
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.runs.export.gguf_card import GgufRow
from workbench.panes.runs.export.hub_fields import HubFields
from workbench.panes.runs.export.plan_list import PlanLine, PlanList
from workbench.panes.runs.export.type_chips import TypeChips

# What hubs, sticks and mail take of one file, in bytes.
LARGEST_FILES = (1_000_000_000, 2_000_000_000, 4_000_000_000, 10_000_000_000, 50_000_000_000)


class FolderField(TextField):
    """A folder that is shortened in the middle where it does not fit, and whole while it is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = ""

    @property
    def shortened(self) -> str:
        room = self.width() - self.textMargins().left() - self.textMargins().right() - 24
        return self.fontMetrics().elidedText(self.whole, Qt.TextElideMode.ElideMiddle, max(0, room))

    def show_folder(self, folder: str) -> None:
        if self.whole != folder or not self.hasFocus():
            self.whole = folder
            self.show_text(folder if self.hasFocus() else self.shortened)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.show_text(self.whole)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)  # which tells what was typed
        if self.text() == self.whole:
            self.show_text(self.shortened)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.hasFocus():
            self.show_text(self.shortened)


class ExportForm(QObject):
    """Fields that tell what was chosen; what follows from it is the view's.

    Signals:
        checkpoint_chosen: The folder of a run or of a checkpoint.
        named, folder_chosen, largest_chosen: As the fields have it.
        ticked: A line of the plan, and whether it is wanted.
        way_chosen: Into what the adapter is merged.
        type_turned: A GGUF type, and whether it is wanted.
        export_wanted, stop_wanted, cancel_wanted: The buttons.
    """

    checkpoint_chosen = Signal(object)
    named = Signal(str)
    folder_chosen = Signal(str)
    largest_chosen = Signal(int)
    ticked = Signal(str, bool)
    way_chosen = Signal(str)
    type_turned = Signal(str, bool)
    export_wanted = Signal()
    stop_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, theme: Theme, column: FormColumn) -> None:
        super().__init__(column)
        self._theme = theme
        self._column = column
        self.result = FormGroup(theme, "Result")
        self.run = ElidedLabel("", "medium")
        self.run.setIndent(4)  # as far in as a field that is locked
        self.checkpoint = ChoiceBox(theme)
        self.checkpoint.setAccessibleName("Checkpoint")
        self.checkpoint.activated.connect(lambda row: self.checkpoint_chosen.emit(self.checkpoint.itemData(row)))
        self.name = TextField()
        self.name.setAccessibleName("Name")
        self.name.setToolTip("What files and models are called: letters, digits, dots and hyphens")
        self.name.edited.connect(self.named)
        for words, field in (("Run", self.run), ("Checkpoint", self.checkpoint), ("Name", self.name)):
            self.result.add_row(label(words, "label"), field)
        self.plan = PlanList(theme)
        self.plan.ticked.connect(self.ticked)
        self.what = FormGroup(theme, "What it becomes")
        self.what.add_wide(self.plan)
        self._make_below()
        self._make_where()
        self.account = Account(theme, "to upload with", "enter one to upload")
        self.account.hide()
        for group in (self.result, self.what, self.account, self.where):
            column.add_group(group)
        column.end()
        self._make_actions()

    def _make_below(self) -> None:
        """What stands below lines of the plan."""
        theme = self._theme
        self.way = ChoiceBox(theme)
        self.way.setAccessibleName("Merged into")
        self.way.activated.connect(lambda row: self.way_chosen.emit(self.way.itemData(row)))
        self.types = TypeChips(theme)
        self.types.turned.connect(self.type_turned)
        self.hub = HubFields(theme)
        self._below: dict[str, QWidget] = {}

    def _make_where(self) -> None:
        theme = self._theme
        self.where = FormGroup(theme, "Where")
        self.folder = FolderField()
        self.folder.setAccessibleName("Folder")
        self.folder.edited.connect(self._tell_folder)
        self.find_folder = icon_button("Find a folder", theme, "folder-open")
        self.find_folder.clicked.connect(self._ask)
        self.problem = label("", "problem", wraps=True)
        polish(self.problem, state="warn")
        self.problem.hide()
        both = QWidget()
        in_column(self.folder, self.problem, gap=2, of=both)
        self.where.add_row(words_with("Folder", self.find_folder), both)
        self.largest = ChoiceBox(theme)
        self.largest.setAccessibleName("Largest file")
        self.largest.setToolTip("Merged weights are parted into files of this size at most")
        for size in LARGEST_FILES:
            self.largest.addItem(f"{size // 1_000_000_000} GB", size)
        self.largest.show_fact("a shard")
        self.largest.activated.connect(lambda row: self.largest_chosen.emit(self.largest.itemData(row)))
        self.where.add_row(label("Largest file", "label"), self.largest)

    def _make_actions(self) -> None:
        theme, bar = self._theme, self._column.action_bar
        self.export = button("Export", theme, "export", "primary")
        self.export.clicked.connect(self.export_wanted)
        self.stop = button("Stop", theme, "stop")
        self.stop.clicked.connect(self.stop_wanted)
        self.cancel = button("Cancel", theme, kind="flat")
        self.cancel.setToolTip("Ends it now; what was done and checked stays")
        self.cancel.clicked.connect(self.cancel_wanted)
        bar.add(self.export, stretch=1)
        bar.add(self.stop, stretch=1)
        bar.add(self.cancel)
        self.show_buttons("Export", "", can_export=False)

    # -- showing ------------------------------------------------------------------------------------------------------

    def show_result(
        self, run: str, name: str, checkpoints: Sequence[tuple[str, Path]], chosen: Path, fact: str, *, is_locked: bool
    ) -> None:
        """Shows the run with its checkpoints, each in words and by its folder."""
        self.run.set_text(run)
        entries = [(words, str(path)) for words, path in checkpoints]
        there = [(self.checkpoint.itemText(row), str(self.checkpoint.itemData(row))) for row in range(self._count)]
        if entries != there:
            self.checkpoint.clear()
            for words, path in checkpoints:
                self.checkpoint.addItem(words, path)
        at = next((row for row, (_, path) in enumerate(checkpoints) if path == chosen), -1)
        self.checkpoint.setCurrentIndex(at)
        self.checkpoint.show_fact(fact)
        if not self.name.hasFocus() or is_locked:
            self.name.show_text(name)
        for field in (self.checkpoint, self.name):
            lock(field, is_locked)
        self.result.fact.setText("locked while exporting" if is_locked else "")

    @property
    def _count(self) -> int:
        return self.checkpoint.count()

    def show_plan(self, lines: Sequence[PlanLine], fact: str) -> None:
        self.plan.show_lines(lines)
        self.what.fact.setText(fact)
        for key, words, field in (
            ("merged", "merged into", self.way),
            ("gguf", "stored as", self.types),
            ("hub", "", self.hub),
        ):
            row = self.plan.rows.get(key)
            if row is None:
                continue
            if key not in self._below:
                self._below[key] = row.add_below(words, field)
                self._below[key].hide()
            if key == "hub" and self.account.isHidden() == row.line.is_ticked:
                self.account.setVisible(row.line.is_ticked)
            is_wanted = row.line.is_ticked or (key == "merged" and self._reads_merged)
            if self._below[key].isHidden() == is_wanted:
                self._below[key].setVisible(is_wanted)
                self._column.unfolded.emit()

    @property
    def _reads_merged(self) -> bool:
        """Whether something else that is wanted is made of the merged model."""
        return any(self.plan.rows[key].line.is_ticked for key in ("gguf", "ollama") if key in self.plan.rows)

    def show_ways(self, ways: Sequence[tuple[str, str]], chosen: str, *, is_locked: bool) -> None:
        """The ways to merge, each with its words; one alone cannot be chosen."""
        there = [(self.way.itemData(row), self.way.itemText(row)) for row in range(self.way.count())]
        if list(ways) != there:
            self.way.clear()
            for way, words in ways:
                self.way.addItem(words, way)
        self.way.setCurrentIndex(max(0, self.way.findData(chosen)))
        lock(self.way, is_locked or len(ways) < 2)

    def show_types(self, rows: Sequence[GgufRow], *, is_open: bool) -> None:
        self.types.show_types(rows, is_open=is_open)

    def show_where(self, folder: str, free_bytes: int, largest: int, problem: str, *, is_locked: bool) -> None:
        self.folder.show_folder(_at_home(folder))
        self.folder.setToolTip(plain_tip(folder))
        lock(self.folder, is_locked)
        self.find_folder.setVisible(not is_locked)
        self.where.fact.setText(f"{bytes_in_digits(free_bytes)} free" if free_bytes else "")
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem))
        self.largest.choose(largest, f"{grouped(largest // 1_000_000)} MB")
        lock(self.largest, is_locked)

    def show_buttons(self, words: str, facts: str, *, can_export: bool) -> None:
        """Nothing goes on: what exporting would do, or why it cannot be done."""
        for made, is_shown in ((self.export, True), (self.stop, False), (self.cancel, False)):
            made.setVisible(is_shown)
        self.export.setText(words)
        self.export.setEnabled(can_export)
        self.export.setAccessibleDescription(facts)
        self._column.action_bar.say(facts)

    def show_orders(self, stop: str, facts: str, *, can_stop: bool, can_cancel: bool) -> None:
        """An export or a measurement goes on; without words there is nothing to stop after."""
        self.export.hide()
        self.stop.setVisible(bool(stop))
        self.stop.setText(shortened(stop, 32))
        self.stop.setEnabled(can_stop)
        self.cancel.show()
        self.cancel.setEnabled(can_cancel)
        self._column.action_bar.say(facts)

    def _tell_folder(self, text: str) -> None:
        if text != self.folder.shortened:
            self.folder_chosen.emit(text)

    def _ask(self) -> None:
        typed = Path(self.folder.whole).expanduser()
        start = next((each for each in (typed, *typed.parents) if each.is_dir()), Path.home())
        found = QFileDialog.getExistingDirectory(self.folder.window(), "Where the export goes", str(start))
        if found:
            self.folder_chosen.emit(found)


def _at_home(folder: str) -> str:
    path, home = Path(folder), Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) and path != home else folder
