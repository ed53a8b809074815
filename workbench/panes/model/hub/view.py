"""The Hub view of the Model page: models are found, downloaded, used and deleted here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.model.licences import LICENCES
from workbench.core.model.shape import ModelShape
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub import words
from workbench.panes.model.hub.actions import HubActions
from workbench.panes.model.hub.compose import Known, kept_as_rows, row_of, shape_of
from workbench.panes.model.hub.finder import Finder, Query
from workbench.panes.model.hub.form import HubForm
from workbench.panes.model.hub.kept import KeptRow
from workbench.panes.model.hub.machine import Machine, shapes_of
from workbench.panes.model.hub.peaks import Peaks
from workbench.panes.model.hub.picture import HubPicture
from workbench.panes.model.hub.row import HubRow
from workbench.panes.parts.hub_account import HubAccount
from workbench.panes.parts.room import Room, room_for

# Answers come one by one; rows are put together once for those that come together.
GATHER_MILLISECONDS = 30
# From the last scroll until the details of what is in sight are asked for.
SIGHT_MILLISECONDS = 150
# Where "Fit this card" leaves too few rows to fill the table, this many are looked through for more.
MOST_LOOKED_THROUGH = 200


class HubView(QObject):
    """Form and picture of the view, and all that goes on in it.

    Signals:
        left: Back to the precisions.
        use_wanted: What a recipe calls the model that is to be used.
        form_wanted: Something is to be typed into the form.
        source_wanted: "starter" or "folder": another kind of source is wanted.
    """

    left = Signal()
    use_wanted = Signal(str)
    form_wanted = Signal()
    source_wanted = Signal(str)

    def __init__(
        self,
        store: RecipeStore,
        gpu: GpuWatch,
        theme: Theme,
        settings: Settings,
        fetches: FetchQueue,
        kinds: Sequence[tuple[str, str]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store, self._gpu, self._settings, self._theme = store, gpu, settings, theme
        self.fetches = fetches
        self.form = HubForm(theme, kinds)
        self.picture = HubPicture(theme)
        self.finder = Finder(self)
        self.peaks = Peaks(self)
        self.machine = Machine(settings, self)
        self.account = HubAccount(self.form.account)
        self.actions = HubActions(
            self.form, self.picture, self.finder, self.machine, self.account, fetches, theme, self
        )
        self._chosen = ""  # the id of a row
        self._is_following = False
        self._has_begun = False
        self._local_shapes: dict[str, ModelShape | None] = {}
        self._gathering = once_after(self, GATHER_MILLISECONDS, self._show)
        self._looking = once_after(self, SIGHT_MILLISECONDS, self._want_in_sight)
        self.form.show_licences(list(LICENCES.items()))
        self._connect()

    def _connect(self) -> None:
        form, picture = self.form, self.picture
        form.search.searched.connect(lambda _words: self._ask())
        form.search.left_down.connect(lambda: picture.table.setFocus(Qt.FocusReason.OtherFocusReason))
        form.filter_changed.connect(self._filter)
        form.offline_wanted.connect(self._turn_offline)
        form.source_wanted.connect(self.source_wanted)
        self.finder.changed.connect(self._gathering.start)
        self.finder.changed.connect(self._read_local)
        self.finder.changed.connect(self._looking.start)  # rows that stay where they are may be doubted
        self.finder.detailed.connect(self._take_details)
        self.peaks.changed.connect(self._gathering.start)
        self.machine.changed.connect(self._show_machine)
        self.account.changed.connect(self._ask_for_access)
        self.fetches.changed.connect(self._show_arrivals)
        self.fetches.arrived.connect(lambda _name: self.machine.refresh())
        picture.table.sight_changed.connect(self._looking.start)
        picture.table.end_neared.connect(self._near_the_end)
        picture.table.row_chosen.connect(lambda _index: self._choose_found())
        picture.kept.table.row_chosen.connect(lambda _index: self._choose_kept())
        self.actions.use_wanted.connect(self.use_wanted)
        self.actions.form_wanted.connect(self.form_wanted)
        self._store.changed.connect(lambda _paths: self._follow_recipe())
        self._gpu.changed.connect(self._follow_recipe)

    # -- coming and going ---------------------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        return self.picture.isVisible()

    @property
    def is_pending(self) -> bool:
        """Whether something that was asked for is still to be shown."""
        timers = (self._gathering, self._looking)
        is_waiting = any(timer.isActive() for timer in timers) or self.form.search.is_waiting
        is_waiting = is_waiting or self.finder.is_asking or bool(self.finder.waiting) or self.peaks.is_pending
        return self.is_up and is_waiting

    def come_up(self) -> None:
        """Shows what is known, looks at the machine, and asks the Hub where it was not asked yet."""
        self.machine.refresh()
        self.account.look()
        self._follow_recipe()
        self._show_arrivals()
        if not self._has_begun:
            self._has_begun = True
            self._ask()
        elif self.finder.error is not None:
            self.ask_again()

    def to_search(self) -> None:
        self.form.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.form.search.selectAll()

    def ask_again(self) -> None:
        """Looks at everything anew."""
        self.finder.ask_again()
        self.machine.refresh()

    def arrange(self, *, is_folded: bool) -> None:
        """Where the form is folded the search stands above the table."""
        if is_folded:
            self.picture.take_search(self.form.search)
        else:
            self.form.take_search()
        self.picture.arrange(is_projector=self._theme.projector)

    # -- asking -------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        form = self.form
        query = Query(form.search.words, str(form.licence.currentData()), form.order.currentData())
        if query != self.finder.query or not self.finder.models:
            self.finder.ask(query)

    def _filter(self) -> None:
        self._ask()
        self._gathering.start()

    def _near_the_end(self) -> None:
        is_looking_for_few = self.form.fits.isChecked() and len(self.finder.models) >= MOST_LOOKED_THROUGH
        if not is_looking_for_few or self.picture.table.verticalScrollBar().maximum():
            self.finder.ask_for_more()

    def _want_in_sight(self) -> None:
        """The chosen one first, then what is seen; with "Fit this card" all, since only what is known is shown."""
        if self.finder.error is not None or not self.is_up:
            return
        seen = [row.id for row in self.picture.table.in_sight if not row.not_loaded]
        rest = [model.id for model in self.finder.models] if self.form.fits.isChecked() else []
        listed = {model.id for model in self.finder.models if model.weights == "safetensors"}
        self.finder.want(name for name in (self._chosen, *seen, *rest) if name in listed)

    def _take_details(self, model_id: str) -> None:
        shape = shape_of(model_id, self.finder.details.get(model_id))
        if shape is not None:
            self.peaks.add(model_id, shape)
        self._gathering.start()

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def _room(self) -> Room:
        return room_for(self._store.recipe, self._gpu.cards[0] if self._gpu.cards else None)

    def _follow_recipe(self, _of_signal: object = None) -> None:
        """What a step would take changes with the recipe, and what is free with all that runs."""
        if self.is_up:
            self.peaks.follow(self._store.recipe, has_card=self._room.is_card)
            self._gathering.start()

    def _rows(self) -> list[HubRow]:
        limit = self._room.free_bytes
        if self.finder.error is not None:
            return kept_as_rows(self.machine.rows, self._local_shapes, self.peaks.known, limit)
        here = {row.hub_id for row in self.machine.rows if not row.problem}
        known = self.peaks.known
        return [
            row_of(
                model,
                Known(
                    details=self.finder.details.get(model.id),
                    failed=self.finder.why_not_known(model.id),
                    peak=known.get(model.id),
                    has_peak=model.id in known,
                    arrival=self.fetches.arrival_of(model.id),
                    is_here=model.id in here,
                ),
                limit,
            )
            for model in self.finder.models
        ]

    def _is_shown(self, row: HubRow) -> bool:
        is_refused = self.form.is_open.isChecked() and row.access not in ("open",)
        return not is_refused and (row.fits or not self.form.fits.isChecked())

    def _show(self) -> None:
        if not self.is_up:
            return
        form, finder, table = self.form, self.finder, self.picture.table
        rows = self._rows()
        shown = [row for row in rows if self._is_shown(row)] if finder.error is None else rows
        with self._following():
            table.keep_in_sight(lambda: self.picture.rows.show(shown))
            if not self._chosen and shown:
                self._chosen = shown[0].id
            if table.chosen is None or table.chosen.id != self._chosen:
                table.choose(self._chosen)
        room = self._room
        found = words.what_was_found(len(shown), len(rows), has_more=finder.has_more, is_asking=finder.is_asking)
        if finder.error is not None:
            self.picture.found.scope.set_text(words.what_failed(finder.error))
        else:
            self.picture.found.scope.set_text(f"{found}; {words.what_memory_is(self._store.recipe, room)}")
        form.only.fact.setText(found if finder.error is None else "no answer")
        fitting, read = sum(row.fits for row in rows), sum(row.peak is not None for row in rows)
        form.of_fitting.setText(f"in NF4: {grouped(fitting)} of {grouped(read)} read")
        form.fits_label.setText("Fit this card" if room.is_card else "Fit here")
        table.empty_words = "" if finder.is_asking else self._nothing()
        self._show_plan()

    def _nothing(self) -> str:
        """What stands in place of rows."""
        if self.finder.error is not None:
            return "No model is on this machine yet, and the Hub does not answer. F5 asks again."
        if self.finder.models:
            return "None of those that were found passes the filters at the left."
        return "The Hub has no model of this name that writes text. An id with a slash is looked up exactly."

    def _show_machine(self) -> None:
        machine = self.machine
        with self._following():
            self.picture.kept.show_kept(machine.rows)
        self.form.show_folder(machine.folder, machine.free_bytes)
        self.form.show_offline(is_offline=machine.is_offline, why=machine.why_offline)
        self._read_local()
        self._gathering.start()

    def _read_local(self) -> None:
        """Reads the shapes of the models that are here, where they stand in place of what the Hub has."""
        if self.finder.error is not None and {row.id for row in self.machine.rows} != self._local_shapes.keys():
            run_task(partial(shapes_of, self.machine.rows), self._take_local, lambda _error: None, parent=self)

    def _take_local(self, shapes: Mapping[str, ModelShape | None]) -> None:
        self._local_shapes = dict(shapes)
        for name, shape in shapes.items():
            if shape is not None:
                self.peaks.add(name, shape)
        self._gathering.start()

    def _show_arrivals(self) -> None:
        self.picture.arriving.show_arrivals(self.fetches.arrivals)
        self._gathering.start()

    # -- choosing -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _following(self) -> Iterator[None]:
        """What becomes the current row meanwhile was not chosen by hand."""
        before, self._is_following = self._is_following, True
        try:
            yield
        finally:
            self._is_following = before

    def choose(self, model_id: str) -> None:
        """Chooses a row of the table, as a click does."""
        self.picture.table.choose(model_id)

    def _choose_found(self) -> None:
        row = self.picture.table.chosen
        if self._is_following or row is None:
            return
        self._chosen = row.id
        with self._following():
            self.picture.kept.table.setCurrentIndex(QModelIndex())
        self._show_plan()
        self._looking.start()

    def _choose_kept(self) -> None:
        row = self.picture.kept.table.chosen
        if self._is_following or row is None:
            return
        self._chosen = row.id
        with self._following():
            self.picture.table.choose(self._chosen)
        self._show_plan()

    @property
    def kept(self) -> KeptRow | None:
        """The chosen model as it is on this machine; None where it is not."""
        return next((row for row in self.machine.rows if row.id == self._chosen), None)

    def _show_plan(self) -> None:
        kept, row = self.kept, self.picture.table.chosen
        if row is None and kept is not None:
            row = kept_as_rows([kept], self._local_shapes, self.peaks.known, self._room.free_bytes)[0]
        self.actions.show_row(row, kept)

    # -- account and network ------------------------------------------------------------------------------------------

    def _ask_for_access(self) -> None:
        """Another token may be given other models."""
        for model in self.finder.models:
            if model.gated or model.is_private:
                self.finder.doubt(model.id)
        self._looking.start()
        self._gathering.start()

    def _turn_offline(self, is_offline: bool) -> None:
        self.machine.set_offline(is_offline)
        self.actions.follow_network()
        self.finder.ask_again()
