"""What was found on the Hub: searched as one types, a page more at its end, and the details of what is in sight."""

from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.hub.errors import Unreachable
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.core.model.hub_details import HubDetails
    from workbench.core.model.hub_search import HubModel, HubPage, Sort

PAGE = 50  # rows
# A thousand rows are twenty pages: whoever has seen them searches by name.
MOST_ROWS = 1000
# Models that are asked about at once.
MOST_AT_ONCE = 3


class Query(NamedTuple):
    """What is asked for; the licence is that of a model's card, such as "apache-2.0"."""

    words: str = ""
    licence: str = ""
    sort: "Sort" = "downloads"


class Finder(QObject):
    """Asks the Hub in tasks; an answer stays until the next one is there, and one to an older question is dropped.

    Attributes:
        models: The rows of the last answer.
        details: What is known of a model beside its row, by id; kept whatever is searched next.
        problems: Why a model's details cannot be known, by id.
        error: Why the last question has no answer.
        has_more: Whether the Hub has more rows than `models`.
        is_asking: Whether a question is under way.

    Signals:
        changed: One of the first four.
        detailed: The id of a model whose details, or why there are none, are known now.
    """

    changed = Signal()
    detailed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.query = Query()
        self.models: tuple[HubModel, ...] = ()
        self.details: dict[str, HubDetails] = {}
        self.problems: dict[str, UserError] = {}
        self.error: UserError | None = None
        self.has_more = False
        self.is_asking = False
        self._limit = PAGE
        self._turn = 0
        self._wanted: deque[str] = deque()
        self._at_work: set[str] = set()
        self._stale: set[str] = set()  # what is known of these is to be asked for anew

    # -- searching ----------------------------------------------------------------------------------------------------

    def ask(self, query: Query) -> None:
        """Asks for the first rows; the same question again is asked anew."""
        self.query, self._limit = query, PAGE
        self._ask()

    def ask_again(self) -> None:
        """Asks the last question once more, and for all details anew; what is known stays until then."""
        self._stale = {*self.details, *self.problems}
        self._ask()

    def ask_for_more(self) -> None:
        """Asks for a page more where there is one, and none is on its way."""
        if self.has_more and not self.is_asking and self._limit < MOST_ROWS:
            self._limit += PAGE
            self._ask()

    def _ask(self) -> None:
        self._turn += 1
        self.is_asking = True
        run_task(
            partial(_searched, self.query, self._limit),
            partial(self._take, self._turn),
            partial(self._fail, self._turn),
            parent=self,
            asks=True,
        )
        self.changed.emit()

    def _take(self, turn: int, page: "HubPage") -> None:
        if turn != self._turn:
            return
        self.is_asking, self.error = False, None
        self.models, self.has_more = page.models, page.has_more
        self.changed.emit()

    def _fail(self, turn: int, error: UserError) -> None:
        if turn != self._turn:
            return
        self.is_asking, self.error = False, error
        self.models, self.has_more = (), False
        self.changed.emit()

    # -- details ------------------------------------------------------------------------------------------------------

    def want(self, ids: Iterable[str]) -> None:
        """Reads the details of these models next, and of no others that were only wanted so far."""
        known = {*self.details, *self.problems} - self._stale | self._at_work
        self._wanted = deque(model_id for model_id in dict.fromkeys(ids) if model_id not in known)
        self._read_next()

    def doubt(self, model_id: str) -> None:
        """What is known of a model may have changed: it is asked for anew when it is wanted."""
        self._stale.add(model_id)

    def why_not_known(self, model_id: str) -> Literal["", "refused", "no answer"]:
        """Whether a model's details were refused, or could only not be asked for now."""
        problem = self.problems.get(model_id)
        if problem is None:
            return ""
        return "no answer" if isinstance(problem, Unreachable) else "refused"

    @property
    def waiting(self) -> Sequence[str]:
        """The models that are asked about, or will be."""
        return [*self._at_work, *self._wanted]

    def _read_next(self) -> None:
        while self._wanted and len(self._at_work) < MOST_AT_ONCE:
            model_id = self._wanted.popleft()
            self._at_work.add(model_id)
            run_task(
                partial(_detailed, model_id),
                partial(self._know, model_id),
                partial(self._miss, model_id),
                parent=self,
                asks=True,
            )

    def _know(self, model_id: str, details: "HubDetails") -> None:
        self.problems.pop(model_id, None)
        self.details[model_id] = details
        self._end_reading(model_id)

    def _miss(self, model_id: str, error: UserError) -> None:
        is_passing = isinstance(error, Unreachable)
        if not is_passing:
            self.details.pop(model_id, None)
        if model_id not in self.details:
            self.problems[model_id] = error
        self._end_reading(model_id)
        if is_passing:
            self.doubt(model_id)  # asked for again once it comes into sight again

    def _end_reading(self, model_id: str) -> None:
        self._at_work.discard(model_id)
        self._stale.discard(model_id)
        self._read_next()
        self.detailed.emit(model_id)


def _searched(query: Query, limit: int) -> "HubPage":
    from workbench.core.model import hub_search  # with what it asks with, 0.3 s

    return hub_search.search(query.words, licence=query.licence, sort=query.sort, limit=limit)


def _detailed(model_id: str) -> "HubDetails":
    from workbench.core.model import hub_details

    return hub_details.details(model_id)
