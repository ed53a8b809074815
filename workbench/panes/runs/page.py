"""The Runs page: all runs, and what is made of one, as views that the header switches."""

from workbench.bridge.export_control import ExportControl
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import Segmented
from workbench.panes.parts.lab_view import Views
from workbench.panes.parts.page import Page
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.runs_view import RunsView

ALL, EXPORT = "all", "export"
VIEWS = {ALL: "All runs", EXPORT: "Export"}


class RunsPage(Page):
    """Two views of the runs; Export is made when it is first shown."""

    sentence = "Every run is kept: look back, compare, go on, or take the result along."

    def __init__(self, run_list: RunList, control: JobControl, exports: ExportControl, theme: Theme) -> None:
        super().__init__(theme, has_form=False)
        self._exports = exports
        self.overview = OverviewView(run_list, control, theme)
        self.views: dict[str, RunsView] = {}
        self.stack = Views()
        in_column(self.stack, of=self.picture)
        self._running = Tag(theme)
        self.choice = Segmented(list(VIEWS.items()), "View")
        self.choice.set_value(ALL)
        self.choice.chosen.connect(self.show_view)
        self.header.add(self._running)
        self.header.add(self.choice)
        self.overview.chosen_changed.connect(self._tell_chosen)
        self.overview.alive_changed.connect(self._say_alive)
        self._take(ALL, self.overview)

    def _take(self, name: str, view: RunsView) -> None:
        view.said.connect(self.header.say)
        view.go_to.connect(self.go_to)
        view.recipe_wanted.connect(self.recipe_wanted)
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
            from workbench.panes.runs.export.view import ExportView

            view = ExportView(self.theme, self._exports)
            self._take(name, view)
            view.show_run(self.overview.chosen)
        return self.views[name]

    def _tell_chosen(self) -> None:
        for view in self.views.values():
            view.show_run(self.overview.chosen)

    def _say_alive(self, alive: int) -> None:
        self._running.show_state(f"{alive} at work" if alive else "", "info", "play")

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
