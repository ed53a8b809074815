"""Listens for what a person asks of the run while it runs."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from workbench.core.job.events import RunEnd
from workbench.core.job.question import Question
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.scoring import Measurement, Scoring

POLL_SECONDS = 0.2
# A cancel needs nothing saved, so a step or a library call that is not done by then is left where it is.
OVERDUE_SECONDS = 5.0


class Beside(NamedTuple):
    """What a chat is to put beside its sides."""

    name: str


class PlanChange(NamedTuple):
    """An item that an export is to make too, or no longer."""

    item: str
    is_added: bool


ToAnswer = Question | Scoring | Measurement


class Orders:
    """Reads orders.jsonl in a thread of its own; the training thread asks at its step boundaries.

    `takes_changed_data` says that rows which are not what they were are taken at a resume.

    `takes_stops` says that a stop will be obeyed with a checkpoint and a result: from the first step to the end.

    `overdue` is called, from that thread, when a cancel (or a stop while nothing is being trained) was not obeyed in
    `overdue_seconds`; it ends the process.
    """

    def __init__(self, run: RunFolder, since: int, overdue: Callable[[RunEnd], None]) -> None:
        self._run = run
        self._overdue = overdue
        self.overdue_seconds = OVERDUE_SECONDS
        self._offset = since  # what was ordered of an earlier process is behind it
        earlier, _ = run.read_orders()
        self.total_steps = next((order.steps for order in reversed(earlier) if order.order == "extend"), 0)
        self.takes_changed_data = any(order.order == "changed data" for order in earlier)
        self._wanted = "run"
        self._asked_at = 0.0
        self._waiting: deque[ToAnswer | Beside] = deque()
        self._asked, self._taken, self._interrupted = 0, 0, 0  # of these; the last is how many are over
        self._plan_changes: list[PlanChange] = []
        self.takes_stops = False
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._listen, name="orders", daemon=True)
        self._thread.start()

    @property
    def is_cancelled(self) -> bool:
        return self._wanted == "cancel"

    @property
    def is_stopped(self) -> bool:
        return self._wanted == "stop"

    @property
    def is_paused(self) -> bool:
        return self._wanted == "pause"

    def pause(self) -> None:
        """Holds the job as a person would; an order to end it that has come counts more."""
        with self._changed:
            if self._wanted == "run":
                self._wanted = "pause"

    def wait_while_paused(self) -> None:
        """Returns once a continue, stop or cancel has come."""
        with self._changed:
            while self.is_paused:
                self._changed.wait(timeout=1.0)

    # -- of a chat -----------------------------------------------------------------------------------------------------

    @property
    def waits_for_answer(self) -> bool:
        """Whether what is taken next is answered by the model."""
        return bool(self._waiting) and not isinstance(self._waiting[0], Beside)

    @property
    def is_interrupted(self) -> bool:
        """Whether what was taken last is to be answered no further."""
        return self._taken <= self._interrupted or self.is_stopped or self.is_cancelled

    def next_asked(self, seconds: float) -> ToAnswer | Beside | None:
        """Takes what was asked next, waiting for it until something is ordered or `seconds` are over."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(timeout=seconds)
            if not self._waiting:
                return None
            self._taken += 1
            return self._waiting.popleft()

    # -- of an export --------------------------------------------------------------------------------------------------

    def take_plan_changes(self) -> list[PlanChange]:
        """What was added and removed since they were last taken, in order."""
        with self._changed:
            found, self._plan_changes = self._plan_changes, []
            return found

    def close(self) -> None:
        self._closing = True
        self._thread.join(timeout=2 * POLL_SECONDS + 1)

    def _listen(self) -> None:
        while not self._closing:
            try:
                orders, self._offset = self._run.read_orders(self._offset)
            except OSError:
                orders = []  # a network drive may be away for a while
            for order in orders:
                self._take(order)
            late = time.monotonic() - self._asked_at > self.overdue_seconds
            if late and (self.is_cancelled or (self.is_stopped and not self.takes_stops)):
                self._overdue("cancelled" if self.is_cancelled else "stopped")
            time.sleep(POLL_SECONDS)

    def _take(self, order: Order) -> None:
        with self._changed:
            match order.order:
                case "extend" | "changed data":
                    pass
                case "ask":
                    self._add(order.question)
                case "score":
                    self._add(order.scoring)
                case "measure":
                    self._add(order.measurement)
                case "beside":
                    self._add(Beside(order.name))
                case "interrupt":
                    self._interrupted = self._asked
                case "add" | "remove":
                    self._plan_changes.append(PlanChange(order.name, order.order == "add"))
                case wanted if self._wanted != "cancel":
                    self._wanted = "run" if wanted == "continue" else wanted
                    self._asked_at = time.monotonic()
            self._changed.notify_all()

    def _add(self, asked: ToAnswer | Beside | None) -> None:
        if asked is not None:
            self._asked += 1
            self._waiting.append(asked)
