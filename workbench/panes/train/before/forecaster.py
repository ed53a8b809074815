"""What the form's recipe would do, worked out beside the window a moment after each change."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from workbench.bridge.gpu_watch import CardStatus, GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core import places, sources
from workbench.core.data import glance as data_glance
from workbench.core.data.glance import DataGlance
from workbench.core.data.mapping import UnclearRows
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import corrections, fitting, ledger
from workbench.core.memory.corrections import Corrected
from workbench.core.memory.fitting import Change, Verdict
from workbench.core.memory.ledger import Ledger
from workbench.core.model import catalogue
from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape
from workbench.core.plan import forecast
from workbench.core.plan.forecast import Forecast
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.rules import check
from workbench.panes.parts.model_reading import read_shape
from workbench.panes.parts.room import Room, room_for

DEBOUNCE_MILLISECONDS = 150
# A smaller change of what is free, as a share of the memory, is not worth a new forecast.
NEWS_SHARE = 0.01


@dataclass(frozen=True)
class Reading:
    """All that is known of a recipe before it runs; what cannot be known is None, with the reason beside it."""

    recipe: Recipe
    room: Room
    shape: ModelShape | None = None
    model_error: UserError | None = None
    glance: DataGlance | None = None
    data_error: UserError | None = None
    ledger: Ledger | None = None
    corrected: Corrected | None = None  # the ledger's peak, and what finished runs make of it
    remedies: tuple[Change, ...] = ()  # what would need less memory
    forecast: Forecast | None = None
    saved_bytes: int = 0  # by gradient checkpointing
    title: str = ""
    facts: str = ""
    has_runs: bool = False

    @property
    def device(self) -> str:
        return "cuda" if self.room.is_card else "cpu"

    @property
    def verdict(self) -> Verdict | None:
        return None if self.corrected is None else fitting.verdict(self.corrected.peak_bytes, self.room.free_bytes)


class Forecaster(QObject):
    """Keeps a reading of the store's recipe while it is awake.

    Signals:
        changed: `reading` is a new one.
    """

    changed = Signal()

    def __init__(self, store: RecipeStore, gpu: GpuWatch, parent: QObject) -> None:
        super().__init__(parent)
        self._store = store
        self._gpu = gpu
        self.reading: Reading | None = None
        self._reader = _Reader()
        self._is_awake = False
        self._is_stale = True
        self._is_reading = False
        self._timer = once_after(self, DEBOUNCE_MILLISECONDS, self._read)
        store.changed.connect(self._mark)
        gpu.changed.connect(self._look_at_card)

    def set_awake(self, is_awake: bool) -> None:
        """A page that is not in sight needs no forecast."""
        self._is_awake = is_awake
        if is_awake and self._is_stale:
            self._read()

    @property
    def is_pending(self) -> bool:
        """Whether a reading is about to be made, or being made."""
        return self._timer.isActive() or self._is_reading

    def refresh(self) -> None:
        """Reads again, as files, runs or the memory may have changed."""
        self._reader.forget_rates()
        self._mark()

    def read_for(self, recipe: Recipe, on_done: Callable[[Reading], None]) -> None:
        """Hands over the reading of another recipe, such as a run's."""
        card = self._card()
        run_task(lambda: self._reader.read(recipe, card), on_done, lambda _error: None, parent=self)

    def _mark(self, _paths: object = None) -> None:
        self._is_stale = True
        if self._is_awake:
            self._timer.start()

    def _look_at_card(self) -> None:
        reading = self.reading
        if reading is None:
            return
        room = room_for(reading.recipe, self._card())
        is_news = abs(room.free_bytes - reading.room.free_bytes) > NEWS_SHARE * max(1, room.total_bytes)
        if room.is_card != reading.room.is_card or (room.is_card and is_news):
            self._mark()

    def _card(self) -> CardStatus | None:
        return self._gpu.cards[0] if self._gpu.cards else None

    def _read(self) -> None:
        if self._is_reading:
            self._timer.start()
            return
        self._is_stale, self._is_reading = False, True
        recipe, card = self._store.recipe, self._card()
        run_task(lambda: self._reader.read(recipe, card), self._keep_reading, self._give_up, parent=self)

    def _keep_reading(self, reading: Reading) -> None:
        self._is_reading = False
        self.reading = reading
        self.changed.emit()

    def _give_up(self, error: UserError) -> None:
        self._is_reading = False
        recipe = self._store.recipe
        self.reading = Reading(recipe, room_for(recipe, self._card()), model_error=error)
        self.changed.emit()


class _Reader:
    """Reads model folders and data files, each once as long as it stays as it is."""

    def __init__(self) -> None:
        self._glances: dict[object, DataGlance] = {}
        self._rates: dict[tuple[str, str, str], float | None] = {}

    def read(self, recipe: Recipe, card: CardStatus | None) -> Reading:
        room = room_for(recipe, card)
        shape = model_error = glance = data_error = predicted = corrected = looked_ahead = None
        remedies: list[Change] = []
        saved, title, facts = 0, "", ""
        try:
            shape = shape_of(recipe)
        except UserError as error:
            model_error = error
        try:
            glance = self._glance(recipe)
        except UnclearRows as error:  # which are told and chosen there, by a click
            data_error = UserError(
                error.what.partition(": ")[0] + ".", remedy="Choose on the Data page what they hold."
            )
        except UserError as error:
            data_error = error
        is_whole = all(problem.is_warning for problem in check(recipe))
        if shape is not None and is_whole:
            device = "cuda" if room.is_card else "cpu"
            predicted = ledger.predict(shape, recipe, device=device)
            if recipe.training.gradient_checkpointing:
                without = fitting.with_changes(recipe, {"training.gradient_checkpointing": False})
                saved = int(ledger.predict(shape, without, device=device).peak_bytes - predicted.peak_bytes)
            learned = corrections.learned(room.name, shape.family)
            corrected = corrections.corrected(predicted, learned)
            remedies = _remedies(recipe, shape, room, corrected)
            looked_ahead = forecast.forecast(
                recipe,
                shape,
                glance,
                device=device,
                free_bytes=room.free_bytes,
                tokens_per_second=self._rate(recipe, device),
                peak_bytes=corrected.peak_bytes,
            )
            title, facts = forecast.headline(recipe, looked_ahead)
        return Reading(
            recipe=recipe,
            room=room,
            shape=shape,
            model_error=model_error,
            glance=glance,
            data_error=data_error,
            ledger=predicted,
            corrected=corrected,
            remedies=tuple(remedies),
            forecast=looked_ahead,
            saved_bytes=max(0, saved),
            title=title,
            facts=facts,
            has_runs=_has_runs(),
        )

    def forget_rates(self) -> None:
        """Another run has ended: it may be the newest of its model."""
        self._rates.clear()

    def _rate(self, recipe: Recipe, device: str) -> float | None:
        """Tokens a second of the last run of this model on such a device."""
        key = (recipe.model.source, recipe.model.precision, device)
        if key not in self._rates:
            self._rates[key] = forecast.last_rate(reversed(RunFolder.all()), recipe, device=device)
        return self._rates[key]

    def _glance(self, recipe: Recipe) -> DataGlance:
        path = sources.data_path(recipe.data.path)
        try:
            stat = path.stat()
            key = (path, stat.st_size, stat.st_mtime_ns, recipe.data)
        except (OSError, ValueError):
            return data_glance.glance(recipe.data.path, recipe.data)  # which says what is wrong with it
        if key not in self._glances:
            self._glances = {key: data_glance.glance(recipe.data.path, recipe.data)}
        return self._glances[key]


def shape_of(recipe: Recipe) -> ModelShape | None:
    """The shape of a recipe's model; None where it is one of the Hub that is not known here. Raises UserError."""
    model = recipe.model
    if model.source == "starter":
        return model_shape.starter()
    found = read_shape(model.source, model.revision, asks=False)
    return catalogue.shape_of(model.source) if found is None and not model.revision else found


def _remedies(recipe: Recipe, shape: ModelShape, room: Room, corrected: Corrected) -> list[Change]:
    """What would help, with the needs as finished runs correct them."""
    device = "cuda" if room.is_card else "cpu"
    limit = corrections.plain_limit(room.free_bytes, corrected)
    share = corrected.peak_bytes / max(1, corrected.uncorrected_bytes)
    return [
        replace(found, saved_bytes=round(found.saved_bytes * share), peak_bytes=round(found.peak_bytes * share))
        for found in fitting.savings(shape, recipe, device, limit)
    ]


def _has_runs() -> bool:
    try:
        return any((path / "job.toml").is_file() for path in places.runs().iterdir())
    except OSError:
        return False
