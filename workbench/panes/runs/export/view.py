"""The view Export: what can be made of the chosen run's adapter."""

from workbench.core.runs.row import RunRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, label
from workbench.panes.runs.runs_view import RunsView


class ExportView(RunsView):
    """Is told by `show_run` which run it is about."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.row: RunRow | None = None
        self._card = Card(theme, "Export")
        self._name = ElidedLabel("", "medium")
        self._where = ElidedLabel("", "sentence")
        self._none = label("Choose a run under All runs.", "sentence", wraps=True)
        for part in (self._name, self._where, self._none):
            self._card.body.addWidget(part)
        self._rows = in_column(self._card, 1, of=self)
        theme.follow(self._restyle)
        self.show_run(None)

    def _restyle(self) -> None:
        keep_edge(self._rows, self.theme)

    def show_run(self, row: RunRow | None) -> None:
        self.row = row
        self._none.setVisible(row is None)
        self._name.set_text(row.called if row else "")
        self._where.set_text((row.adapter or "It has no adapter yet.") if row else "")
