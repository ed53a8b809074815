"""The card of all prompts: the table, and the filters in its head."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QToolButton

from workbench.core.chat.table.table import Filter
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import set_icon
from workbench.panes.try_.table.rows import PromptTableView
from workbench.panes.try_.table.shown import FILTERS, ShownTable

WORDS: dict[Filter, str] = {
    "all": "all",
    "differ": "only where they differ",
    "not rated": "not rated",
    "wrong": "tuned wrong",
}
NO_PROMPTS = "Prompts stand here once they are chosen at the left."
NONE_LIKE_THIS = "No row is like this."


class PromptsCard(Card):
    """What is shown of the table is chosen here."""

    def __init__(self, theme: Theme, shown: ShownTable) -> None:
        super().__init__(theme, "Prompts")
        self.set_margins(0, 0, 0, 4)
        self.set_least_head(24)
        self._shown = shown
        self.chips: dict[Filter, QToolButton] = {}
        group = QButtonGroup(self)
        for wanted in FILTERS:
            chip = QToolButton()
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.clicked.connect(lambda _on=False, wanted=wanted: shown.show_filter(wanted))
            group.addButton(chip)
            self.add_to_head(chip)
            self.chips[wanted] = chip
        self.table = PromptTableView(theme, shown)
        self.body.addWidget(self.table, 1)
        shown.listed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows how many rows each filter has, and how many are listed."""
        shown, table = self._shown, self._shown.table
        rows = len(table.prompts) if table is not None else 0
        self.scope.setText(f"{grouped(len(shown.rows))} of {grouped(rows)}" if rows else "")
        self.table.empty_words = NONE_LIKE_THIS if rows else NO_PROMPTS
        several = table is None or len(table.columns) > 1
        for wanted, chip in self.chips.items():
            is_chosen = wanted == shown.filter
            words = WORDS[wanted]
            if wanted == "wrong" and table is not None:
                words = f"{table.columns[table.judged_column].head.lower()} wrong"
            chip.setText(f"{words} {grouped(shown.count(wanted))}" if rows else words)
            chip.setAccessibleName(f"Filter: {chip.text()}")
            chip.setChecked(is_chosen)
            if is_chosen:
                set_icon(chip, self.theme, "funnel", "text.primary")
            # Blind, whose answers are wrong would be told; of one model nothing differs.
            chip.setVisible(not (wanted == "wrong" and shown.is_blind) and (wanted != "differ" or several))
            chip.setEnabled(rows > 0)
            chip.setToolButtonStyle(
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon if is_chosen else Qt.ToolButtonStyle.ToolButtonTextOnly
            )
