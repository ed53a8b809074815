"""The Model page with the Hub's view over its precisions, and how tests wait for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.panes.model.pages import CARD, Desk, desk
from tests.qt_waits import wait_until
from workbench.bridge.gpu_watch import CardStatus
from workbench.bridge.tasks import wait_for_tasks
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.row import HubRow
from workbench.panes.model.hub.view import HubView
from workbench.panes.model.page import ModelPage


@dataclass
class HubDesk:
    """The view with the page and all it stands on."""

    desk: Desk
    page: ModelPage
    hub: HubView

    def settle(self) -> None:
        """Waits until all that was asked is answered and shown."""
        for _ in range(3):
            assert wait_for_tasks(60)
            wait_until(lambda: not self.hub.is_pending)
        self.desk.settle()

    @property
    def rows(self) -> list[HubRow]:
        return list(self.hub.picture.rows.rows)

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self.rows]

    def row(self, model_id: str) -> HubRow:
        return next(row for row in self.rows if row.id == model_id)

    def narrow(self, width: int) -> None:
        """Gives the window a width, be it less than what all of it asks for."""
        self.desk.frame.setMinimumSize(600, 500)
        self.desk.frame.resize(width, self.desk.frame.height())
        self.settle()

    def find(self, words: str) -> None:
        self.hub.form.search.setText(words)
        self.settle()

    def choose(self, model_id: str) -> None:
        self.hub.choose(model_id)
        self.settle()

    def fetch(self, model_id: str) -> None:
        """Downloads a model by the primary button, and waits for it."""
        self.choose(model_id)
        self.hub.form.primary.click()
        wait_until(lambda: not self.hub.fetches.arrivals)
        self.settle()


@contextmanager
def hub_desk(theme: Theme, *, card: CardStatus | None = CARD, width: int = 1366) -> Iterator[HubDesk]:
    """The page as a window shows it once "Manage models" was clicked."""
    with desk(theme, card=card, width=width) as made:
        made.page.manage.click()
        assert made.page.hub is not None
        shown = HubDesk(made, made.page, made.page.hub)
        shown.settle()
        yield shown
