"""The view Table of the Try page."""

from workbench.panes.try_.view import TryView


class TableView(TryView):
    """A list of prompts over several models."""

    name = "table"
    title = "Table"
