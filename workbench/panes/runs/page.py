"""The Runs page: all runs, what waits, and what is made of one, as views that the header switches."""

from pathlib import Path

from workbench.bridge.export_control import ExportControl
from workbench.bridge.job_control import JobControl
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import Segmented
from workbench.panes.parts.lab_view import Views
from workbench.panes.parts.page import Page
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.runs_view import RunsView

ALL, QUEUE, EXPORT = "all", "queue", "export"
VIEWS = {ALL: "All runs", QUEUE: "Queue", EXPORT: "Export"}


class RunsPage(Page):
    """Three views of the runs; the others than the first are made when they are first shown."""

    sentence = "Every run is kept: look back, compare, go on, or take the result along."

    def __init__(
        self,
        run_list: RunList,
        control: JobControl,
        exports: ExportControl,
        queue: QueueControl,
        settings: Settings,
        theme: Theme,
    ) -> None:
        super().__init__(theme, has_form=False)
        self._runs, self._exports, self._queue = run_list, exports, queue
        self._alive = 0
        self.views: dict[str, RunsView] = {}
        self.stack = Views()
        in_column(self.stack, of=self.picture)
        self._running = Tag(theme)
        self.choice = Segmented(list(VIEWS.items()), "View")
        self.choice.set_value(ALL)
        self.choice.chosen.connect(self.show_view)
        self.header.add(self._running)
        self.header.add(self.choice)
        self.overview = OverviewView(run_list, control, theme, settings)
        self.overview.chosen_changed.connect(self._tell_chosen)
        self.overview.alive_changed.connect(self._count_alive)
        self.overview.export_wanted.connect(lambda: self.show_view(EXPORT))
        self.overview.repeat.queue_wanted.connect(self._add_to_queue)
        queue.changed.connect(self._say_running)
        queue.failed.connect(self._tell_refused)
        queue.emptied.connect(lambda: self.header.say("The queue is worked off: under Queue is what came of it."))
        self._take(ALL, self.overview)

    def _take(self, name: str, view: RunsView) -> None:
        view.said.connect(self.header.say)
        view.go_to.connect(self.go_to)
        view.recipe_wanted.connect(self.recipe_wanted)
        view.try_wanted.connect(self.try_wanted)
        self.views[name] = view
        self.stack.addWidget(view)
        for made in view.header_buttons:
            self.header.add(made)
            made.setVisible(view is self.view)

    @property
    def view(self) -> RunsView:
        """The one that is shown."""
        shown = self.stack.currentWidget()
        assert isinstance(shown, RunsView)
        return shown

    @property
    def is_pending(self) -> bool:
        return self.view.is_pending

    def shown_first(self) -> None:
        self.view.shown_first()

    def show_view(self, name: str) -> None:
        """Brings a view up, making it where it is not there yet."""
        view = self.view_of(name)
        self.choice.set_value(name)
        self.stack.setCurrentWidget(view)
        for each in self.views.values():
            for made in each.header_buttons:
                made.setVisible(each is view)
        self.use_form(view.form)
        self.arranged()
        view.shown_first()
        self.order_anew()

    def view_of(self, name: str) -> RunsView:
        if name not in self.views:
            view = self._make(name)
            self._take(name, view)
            view.show_run(self.overview.chosen)
        return self.views[name]

    def _make(self, name: str) -> RunsView:
        if name == QUEUE:
            from workbench.panes.runs.queue.view import QueueView

            view = QueueView(self.theme, self._queue, self._runs)
            view.run_chosen.connect(self._show_in_all)
            return view
        from workbench.panes.runs.export.view import ExportView

        return ExportView(self.theme, self._exports)

    def _tell_chosen(self) -> None:
        for view in self.views.values():
            view.show_run(self.overview.chosen)

    def _show_in_all(self, path: Path) -> None:
        self.show_view(ALL)
        self.overview.await_row(path)

    # -- the queue ----------------------------------------------------------------------------------------------------

    def _count_alive(self, alive: int) -> None:
        self._alive = alive
        self._say_running()

    def _say_running(self) -> None:
        waiting = sum(not entry.run for entry in self._queue.entries)
        parts = [f"{self._alive} at work"] if self._alive else []
        parts += [f"{waiting} wait" + "s" * (waiting == 1)] if waiting else []
        self._running.show_state(", ".join(parts), "info", "play" if self._alive else "clock")

    def _add_to_queue(self, recipes: object, tags: object) -> None:
        self._queue.add(recipes, tags, self._show_queued)  # type: ignore[arg-type]

    def _show_queued(self) -> None:
        self.overview.close_repeat()
        self.show_view(QUEUE)

    def _tell_refused(self, error: UserError) -> None:
        """Where it was asked: in the form of the repetition, else over the table."""
        if self.overview.repeat.isVisible():
            self.overview.repeat.show_refused(error)
        else:
            self.overview.show_error(error)
            self.header.say(error.what)

    # -- as a page ----------------------------------------------------------------------------------------------------

    def arranged(self) -> None:
        self.view.is_wide = self.is_wide
        self.view.arranged()

    def window_closes(self) -> None:
        for view in self.views.values():
            view.window_closes()

    def act(self) -> bool:
        return self.view.act()

    def undo(self) -> None:
        self.view.undo()

    def redo(self) -> None:
        self.view.redo()
