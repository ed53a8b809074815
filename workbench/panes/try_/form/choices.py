"""What is to answer, and how: the same in all views of the page."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from workbench.bridge.run_list import RunList
from workbench.bridge.tasks import run_task
from workbench.core.chat.known import Checkpoint, Known, has_answers, known_of
from workbench.core.chat.prompts import prompts_of_rows
from workbench.core.chat.speakers import BASE, anywhere
from workbench.core.job.question import LARGEST_SEED, AnswerSettings, Asking
from workbench.core.job.run_folder import RunFolder
from workbench.core.model.kept import KeptModel, kept_models
from workbench.core.problems import UserError
from workbench.core.runs.row import RunRow
from workbench.core.tokens.prepared.of_run import held_out_of

# Rows that are offered as questions are worth no more of waiting.
MOST_READING_SECONDS = 20.0
TEMPERATURE, TOP_P, LONGEST, SEED = 0.7, 0.9, 256, 42


class Candidate(NamedTuple):
    """A run or a model that can be chosen, by the name that the chat job knows; a run's `base` is its model.

    One without a result is known by its checkpoints, and stands beside nobody itself.
    """

    name: str
    title: str
    base: str = ""
    has_result: bool = True


class Choices(QObject):
    """Whatever is chosen in one view is chosen in all.

    Attributes:
        model: What answers, by a name that the chat job knows: a run's, a checkpoint's, an adapter's or a model's
            folder, or a Hub id; empty where nothing is chosen.
        beside: What answers beside it: "base", or runs, checkpoints and adapters by their folders.
        settings: How answers are made.
        runs: The runs that have anything to talk to, the newest first.
        models: The models on this machine.
        known: What is known of `model`; None while it is looked up, and where it means nothing.
        problem: Why it means nothing.
        held_out: Rows that the run has not learned, as prompts with the answers expected; none before they are read.
        is_looking: Whether it is being found out what there is to talk to.

    Signals:
        changed: What answers, or how, is another now.
        known_changed: `runs`, `models`, `known`, `problem` or `held_out` are others now.
    """

    changed = Signal()
    known_changed = Signal()

    def __init__(self, run_list: RunList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = ""
        self.beside: tuple[str, ...] = ()
        self.settings = AnswerSettings(temperature=TEMPERATURE, top_p=TOP_P, max_tokens=LONGEST, seed=SEED)
        self.runs: tuple[Candidate, ...] = ()
        self.models: tuple[Candidate, ...] = ()
        self.known: Known | None = None
        self.problem: UserError | None = None
        self.held_out: tuple[Asking, ...] = ()
        self.is_looking = True
        self._held_out_of: Path | None = None
        self._run_list = run_list
        self._has_looked = False
        self._is_seed_used = False

    # -- what there is -------------------------------------------------------------------------------------------------

    def look_around(self) -> None:
        """Finds out what there is to talk to, and chooses the newest run where nothing is chosen; done once."""
        if not self._has_looked:
            self._has_looked = True
            run_task(_models_here, self._take_models, lambda _error: self._take_models(()), parent=self)
            self._run_list.changed.connect(self._look_at_runs)
            self._look_at_runs()

    def _look_at_runs(self) -> None:
        rows = self._run_list.rows
        run_task(lambda: _runs_with_answers(rows), self._take_runs, lambda _error: self._take_runs(()), parent=self)

    def _take_models(self, models: tuple[Candidate, ...]) -> None:
        self.models = models
        self.known_changed.emit()

    def _take_runs(self, runs: tuple[Candidate, ...]) -> None:
        was_looking, self.is_looking = self.is_looking, False
        if runs != self.runs:
            self.runs = runs
            if not self.model and runs:
                self.choose(runs[0].name, (BASE,))
            self.known_changed.emit()
        elif was_looking:
            self.known_changed.emit()

    # -- what is chosen ------------------------------------------------------------------------------------------------

    def choose(self, model: str, beside: Sequence[str] = ()) -> None:
        """Has these answer from the next question on."""
        model = anywhere(model)
        if (model, tuple(beside)) == (self.model, self.beside):
            return
        is_other = model != self.model
        self.model, self.beside = model, tuple(beside)
        if is_other:
            self.known, self.problem = None, None
            self._look_up(model)
        self.changed.emit()

    def choose_beside(self, *names: str) -> None:
        """Has others answer beside what is chosen."""
        self.choose(self.model, names)

    def set(self, **values: Any) -> None:
        """Changes settings of the answers by their names. Raises ValidationError where one is out of its range."""
        changed = AnswerSettings.model_validate({**self.settings.model_dump(), **values})
        if "seed" in values:
            self._is_seed_used = False
        if changed != self.settings:
            self.settings = changed
            self.changed.emit()

    @property
    def next_seed(self) -> int:
        """The seed of the next question: each has another, so that asking again answers anew."""
        seed = self.settings.seed
        return seed if not self._is_seed_used else (seed + 1) % LARGEST_SEED

    def for_question(self) -> AnswerSettings:
        """How the next question is answered; its seed is used then, unless chance has no part in it."""
        if self.settings.temperature > 0:
            self.set(seed=self.next_seed)
            self._is_seed_used = True
            self.changed.emit()
        return self.settings

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The one of the run's that is chosen."""
        listed = self.known.checkpoints if self.known is not None else ()
        return next((entry for entry in listed if entry.name == self.model), None)

    def _look_up(self, model: str) -> None:
        if model:
            run_task(
                lambda: known_of(model), self._for(model, self._take_known), self._for(model, self._fail), parent=self
            )

    def _for(self, model: str, take: Callable[[Any], None]) -> Callable[[Any], None]:
        """Passes over what was found of a model that is not the chosen one any more."""
        return lambda found: take(found) if model == self.model else None

    def _take_known(self, known: Known) -> None:
        self.known = known
        if known.name != self.model:  # a run without a result, known by a checkpoint
            self.model = known.name
            self.changed.emit()
        if not known.has_base and self.beside == (BASE,):
            self.beside = ()
            self.changed.emit()
        self.known_changed.emit()
        run = known.run
        if run is None:
            self.held_out, self._held_out_of = (), None
        elif run.path != self._held_out_of:
            self.held_out, self._held_out_of = (), run.path
            run_task(
                lambda: (run.path, tuple(prompts_of_rows(held_out_of(run, self._tick(run.path)).rows))),
                self._take_rows,
                lambda _error: None,
                parent=self,
            )

    def _tick(self, run: Path) -> Callable[[], None]:
        """Ends the reading of rows that nobody waits for any more, and one that would prepare much data anew."""
        ends_at = time.monotonic() + MOST_READING_SECONDS

        def tick() -> None:
            if run != self._held_out_of or time.monotonic() > ends_at:
                raise UserError("The held-out rows are not offered.")

        return tick

    def _fail(self, error: UserError) -> None:
        self.problem = error
        self.known_changed.emit()

    def _take_rows(self, found: tuple[Path, tuple[Asking, ...]]) -> None:
        run, rows = found
        if run == self._held_out_of:
            self.held_out = rows
            self.known_changed.emit()


def _models_here() -> tuple[Candidate, ...]:
    def candidate(model: KeptModel) -> Candidate:
        return Candidate(str(model.path.resolve()), model.name)

    return tuple(map(candidate, kept_models()))


def _runs_with_answers(rows: Sequence[RunRow]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(str(row.path.resolve()), row.called, row.model, has_result=run.has_adapter or run.has_model)
        for row in rows
        if has_answers(run := RunFolder(row.path))
    )
