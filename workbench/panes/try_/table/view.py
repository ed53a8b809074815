"""The view Table of the Try page: a list of prompts over the base, the tuned model and a second run."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from workbench.bridge.prompt_table import PromptTableControl
from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.chat.table.csv_text import csv_of
from workbench.core.chat.table.page_html import html_of
from workbench.core.problems import UserError
from workbench.core.whole_file import save_whole
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Message
from workbench.panes.parts.controls import button
from workbench.panes.parts.save_as import CSV, ask_where
from workbench.panes.try_.table.actions import TableActions
from workbench.panes.try_.table.form import TableForm
from workbench.panes.try_.table.prompts_card import PromptsCard
from workbench.panes.try_.table.row_card import RowCard
from workbench.panes.try_.table.shown import ShownTable
from workbench.panes.try_.table.tiles import TableTiles
from workbench.panes.try_.view import OnPage, TryView

HTML = {".html": "HTML page (*.html)"}
# Answers come thirty times a second; what is counted over a whole table follows this often.
COUNT_MILLISECONDS = 150
CSV_WORDS, HTML_WORDS = "Export CSV", "HTML"
# In a narrower window the header has room for their icons alone.
WORDS_WINDOW = 1200
ALL_RATED = "All rows are rated: the names are shown again."


class TableView(TryView):
    """Prompts and what each says to them; a person rates them with two keys."""

    name = "table"
    title = "Table"

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(on_page)
        theme = on_page.theme
        self.control = PromptTableControl(self.chat, self)
        self.shown = ShownTable(self.control, self)
        self.fields = TableForm(theme, self.form, self.control, self.choices, self.shown)
        self.actions_bar = TableActions(theme, self.form.action_bar, self.control)
        self.trouble = Message(theme)
        self.trouble.add_close()
        self.trouble.hide()
        self.no_run = Message(theme)
        self.train = button("Train one", theme, "play", "primary")
        self.train.clicked.connect(lambda: self.go_to.emit("train"))
        self.no_run.add_button(self.train)
        self.no_run.hide()
        self.tiles = TableTiles(theme, self.shown)
        self.prompts = PromptsCard(theme, self.shown)
        self.row = RowCard(theme, self.shown)
        self._outer = in_column(self.trouble, self.no_run, self.tiles, (self.prompts, 9), (self.row, 10), of=self)
        self.export_csv = button(CSV_WORDS, theme, "export")
        self.export_html = button(HTML_WORDS, theme, "file-text")
        for made, name in (
            (self.export_csv, "Export the table as CSV"),
            (self.export_html, "Export it as an HTML page"),
        ):
            made.setAccessibleName(name)
            made.setToolTip(name)
        self.tools_line.addWidget(self.export_html)
        self.tools_line.addWidget(self.export_csv)
        self._told: UserError | None = None
        self._counting = once_after(self, COUNT_MILLISECONDS, self.count)
        self._connect()
        theme.follow(self._restyle)
        self.count()

    def _connect(self) -> None:
        control, shown = self.control, self.shown
        self.actions_bar.answer_wanted.connect(self._answer)
        self.actions_bar.rate_wanted.connect(self._begin_to_rate)
        self.actions_bar.pause_wanted.connect(control.stop)
        self.fields.blind_turned.connect(self.set_blind)
        self.row.rated.connect(self._rate)
        self.export_csv.clicked.connect(lambda: self._export(CSV))
        self.export_html.clicked.connect(lambda: self._export(HTML))
        for changed in (control.changed, control.judged, control.state_changed, shown.listed):
            changed.connect(self.count)
        control.answered.connect(lambda _rows: self._count_soon())
        self.choices.known_changed.connect(self._show_messages)
        keys = {"R": True, "W": False, "U": None}
        for key, verdict in keys.items():
            self._on_key(key, lambda verdict=verdict: self._rate(verdict, None))
        for place in range(len(self.row.boxes)):
            self._on_key(str(place + 1), lambda place=place: self._pick(place))
        for card in (self.prompts, self.row):  # what is said of an error has a text of its own to copy
            self._on_key("Ctrl+C", self.row.copy_chosen, card)
        self._on_key("Up", lambda: self.shown.step(-1))
        self._on_key("Down", lambda: self.shown.step(1))

    def _on_key(self, key: str, act: object, within: QWidget | None = None) -> None:
        made = QShortcut(QKeySequence(key), within or self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.activated.connect(act)

    def _restyle(self) -> None:
        keep_edge(self._outer, self.theme)
        self._outer.setSpacing(self.theme.size("space.card_gap"))
        self.arranged()

    def arranged(self) -> None:
        is_projected = self.theme.projector
        self.prompts.setVisible(not is_projected)
        self.tiles.is_projected = is_projected
        self.tiles.refresh()
        self.fields.more.show_wide(self.is_wide)
        has_words = self.window().width() >= self.theme.px(WORDS_WINDOW)
        for made, words in ((self.export_csv, CSV_WORDS), (self.export_html, HTML_WORDS)):
            made.setVisible(not is_projected)
            made.setText(words if has_words else "")

    def shown_first(self) -> None:
        self.choices.look_around()
        self.fields.who.ask()
        self.fields.prompts.begin()
        self._show_messages()

    def window_closes(self) -> None:
        self.control.close()

    # -- what is done --------------------------------------------------------------------------------------------------

    def act(self) -> bool:
        return self.actions_bar.act()

    def undo(self) -> None:
        self.shown.take_back()

    def _answer(self) -> None:
        self.trouble.hide()
        self.control.start()

    def _begin_to_rate(self) -> None:
        if self.shown.go_to_unrated():
            (self.row if self.theme.projector else self.prompts.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def _pick(self, place: int) -> None:
        table = self.shown.table
        if table is not None and place < len(table.columns):
            self.shown.choose(self.shown.row, place)

    def _rate(self, verdict: bool | None, place: int | None) -> None:
        if not self.shown.is_by_hand:
            self.message.emit("An exact match judges by itself; choose Hand to rate.")
            return
        are_all_rated = self.shown.rate(verdict, place)
        if are_all_rated and self.shown.is_blind and verdict is not None:
            self.set_blind(False)
            self.message.emit(ALL_RATED)

    def set_blind(self, is_blind: bool) -> None:
        """Hides who says what, or shows it again."""
        if is_blind and self.shown.filter == "wrong":
            self.shown.show_filter("all")
        self.shown.set_blind(is_blind)
        self.fields.refresh()

    def _export(self, kind: dict[str, str]) -> None:
        table = self.control.table
        if table is None:
            return
        is_csv = kind is CSV
        title = "Export the table as CSV" if is_csv else "Export the table as an HTML page"

        def write(path: Path) -> None:
            def work() -> None:
                save_whole(path, csv_of(table) if is_csv else html_of(table), remedy="Choose another folder.")

            run_task(
                work,
                lambda _none: self.message.emit(f"Written to {path}."),
                lambda error: self.message.emit(str(error)),
                parent=self,
            )

        ask_where(self, title, f"answers.{'csv' if is_csv else 'html'}", kind, write)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _count_soon(self) -> None:
        if not self._counting.isActive():
            self._counting.start()

    def count(self) -> None:
        """Shows the scores, how many rows each filter has, and what comes next."""
        self._counting.stop()
        self.tiles.refresh()
        self.prompts.refresh()
        self.actions_bar.refresh()
        table = self.control.table
        has_answers = table is not None and any(table.scores().said)
        for made in (self.export_csv, self.export_html):
            made.setEnabled(has_answers)
        self._show_messages()

    def _show_messages(self) -> None:
        choices, trouble = self.choices, self.control.trouble
        if trouble is not self._told:
            self._told = trouble
            if trouble is not None:
                self.trouble.say_error(trouble)
            else:
                self.trouble.hide()
        has_nobody = not choices.model and not choices.is_looking and not choices.runs
        if has_nobody:
            self.no_run.say(
                "info",
                "No run has finished yet.",
                "The table compares what a run has learned with its base, prompt by prompt.",
                "Train one, or choose a model at the left.",
            )
        self.no_run.setVisible(has_nobody)
