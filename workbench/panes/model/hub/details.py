"""What is known of the chosen model before anything of it is downloaded, below the table."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel, button, divider


class DetailsFoot(QWidget):
    """Two lines and two links; what stands in them is the view's.

    Signals:
        terms_wanted: The licence's text is to be shown.
        page_wanted: The model's page on the Hub is to be shown.
    """

    terms_wanted = Signal()
    page_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.files = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self.takes = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self.terms = button("", theme, "file-text", "link")
        self.terms.clicked.connect(self.terms_wanted)
        self.page = button("Its page on the Hub", theme, "link", "link")
        self.page.clicked.connect(self.page_wanted)
        self._upper = in_row((self.files, 1), self.terms, gap=8)
        self._lower = in_row((self.takes, 1), self.page, gap=8)
        self._lines = in_column(self._upper, self._lower, gap=0)
        in_column(divider(), self._lines, gap=0, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._lines.setContentsMargins(px(14), px(4), px(10), px(4))

    def say(self, files: str, takes: str, *, licence: str = "", has_page: bool = True) -> None:
        """Shows the lines; a licence with terms is a link by its name."""
        self.files.set_text(files)
        self.takes.set_text(takes)
        self.terms.setText(licence)
        self.terms.setAccessibleName(f"Licence: {licence}")
        self.terms.setVisible(bool(licence))
        self.page.setVisible(has_page)
