"""The report in one line, for the projector: a class sees the sheet and the chat."""

from PySide6.QtCore import Qt

from workbench.panes.data.report import ReportCard
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel


class ReportLine(Card):
    """What a report's card says, one after the other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setAccessibleName("Report")
        self.words = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self.body.addWidget(self.words)
        self.set_margins(14, 6, 14, 6)

    def show_report(self, report: ReportCard) -> None:
        """Takes what the card shows now."""
        self.words.set_text(" · ".join((report.scope.text(), *report.lines[1:])))
