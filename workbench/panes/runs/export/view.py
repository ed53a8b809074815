"""The view Export: what is made of the chosen run to be used elsewhere, before, while and after it is made."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent

from workbench.bridge.export_control import ExportControl
from workbench.core.problems import UserError
from workbench.core.runs.row import RunRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button
from workbench.panes.parts.hub_account import HubAccount
from workbench.panes.parts.page import NARROW_WINDOW, FormColumn
from workbench.panes.runs.export.choice import Choice, clean_name
from workbench.panes.runs.export.followed import FollowedExport
from workbench.panes.runs.export.form import ExportForm
from workbench.panes.runs.export.picture import ExportPicture
from workbench.panes.runs.export.reading import ExportReading
from workbench.panes.runs.export.showing import ExportShowing
from workbench.panes.runs.export.work import Work
from workbench.panes.runs.runs_view import RunsView


class ExportView(RunsView):
    """Is told by `show_run` which run is chosen; while an export goes on it shows that one's run."""

    def __init__(self, theme: Theme, control: ExportControl) -> None:
        super().__init__(theme)
        self._control = control
        self._row: RunRow | None = None
        self._choices: dict[Path, Choice] = {}  # what was changed or exported, by the run's folder
        self._wanted: Path | None = None  # the run that was chosen last, or was exported since
        self._run: Path | None = None  # whose choice is shown
        self._is_exporting = False  # as it was shown last
        self._reading = ExportReading(self)
        self._followed = FollowedExport(control)
        column = FormColumn(theme)
        self.form = column
        self.fields = ExportForm(theme, column)
        self.picture = ExportPicture(theme, self)
        self.open_folder = button("Open folder", theme, "folder-open")
        self.open_folder.clicked.connect(self._open_folder)
        self.header_buttons = [self.open_folder]
        self.hub = HubAccount(self.fields.account)
        self._showing = ExportShowing(self.fields, self.picture, control, self._reading, self.hub)
        self._connect()
        self.show_run(None)

    def _connect(self) -> None:
        fields, picture = self.fields, self.picture
        fields.checkpoint_chosen.connect(self._choose_checkpoint)
        fields.named.connect(lambda name: self._change(name=clean_name(name) or self._name_before()))
        fields.folder_chosen.connect(self._choose_folder)
        fields.largest_chosen.connect(lambda size: self._change(largest_file_bytes=size))
        fields.ticked.connect(self._tick)
        fields.way_chosen.connect(lambda way: self._change(way=way))
        fields.type_turned.connect(self._turn_type)
        fields.export_wanted.connect(self.export)
        fields.stop_wanted.connect(lambda: self._try(self._control.stop))
        fields.cancel_wanted.connect(lambda: self._try(self._control.cancel))
        fields.hub.named.connect(lambda name: self._change(hub_name=name))
        fields.hub.access_chosen.connect(lambda is_private: self._change(hub_private=is_private))
        fields.hub.sends_turned.connect(self._turn_sent)
        self.hub.changed.connect(self._show)
        picture.ways.way_chosen.connect(self._choose_way)
        picture.ways.measure_wanted.connect(lambda: self.measure("measure"))
        picture.gguf.table.ticked.connect(self._turn_type)
        picture.gguf.table.measure_wanted.connect(lambda name: self.measure(f"gguf:{name}"))
        self._reading.found.connect(self._take_found)
        self._reading.failed.connect(self._say_unread)
        self._reading.changed.connect(self._show)
        self._control.advanced.connect(self._show_in_sight)
        self._control.state_changed.connect(self._change_state)
        self.theme.changed.connect(self.arranged)

    # -- whose it is --------------------------------------------------------------------------------------------------

    def show_run(self, row: RunRow | None) -> None:
        before, self._row = self._row, row
        if row is None or before is None or row.path != before.path:
            self._wanted = row.path if row is not None else None
        self._follow_run()

    def shown_first(self) -> None:
        self._control.find()
        self._follow_run()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()
        self._show()

    @property
    def is_pending(self) -> bool:
        return self._reading.is_pending

    def _follow_run(self) -> None:
        """Shows the run of the export at work, which stays until another one is chosen, else the chosen one."""
        if self._control.is_exporting and (followed := self._followed.run) is not None:
            self._wanted = followed
        run = self._wanted
        if run != self._run:
            self._run = run
            self._reading.forget()
            self.picture.message.hide()
            self._read()
        self._show()

    @property
    def choice(self) -> Choice | None:
        """What is chosen of the run that is shown, or is being made of it."""
        if self._run is None:
            return None
        if self._control.is_exporting and (followed := self._followed.choice) is not None:
            return followed
        if self._run in self._choices:
            return self._choices[self._run]
        name = clean_name(self._row.called) if self._row is not None else ""
        return Choice(self._run, name or "export")

    def _name_before(self) -> str:
        choice = self.choice
        return choice.name if choice is not None else ""

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Reads what can be made, in a task; only the newest answer counts."""
        choice = self.choice
        if choice is not None and self.isVisible():
            self._reading.read(choice)

    def _take_found(self) -> None:
        """Of a run without a result a checkpoint was read, which is chosen then."""
        choice, can = self.choice, self._reading.offered
        if choice is not None and can is not None and can.instead is not None and self._run is not None:
            self._choices[self._run] = replace(choice, run=can.instead)
        self._plan()
        self._show()

    def _plan(self) -> None:
        """Works out what the choice takes, in a task."""
        choice, can = self.choice, self._reading.offered
        if choice is None or can is None or self._control.is_exporting:
            self._reading.plan(None)
        else:
            self._reading.plan(choice.request(can, self.work.made))

    def _say_unread(self, error: UserError) -> None:
        self.picture.message.say("info", error.what, error.why, error.remedy)
        self.picture.message.show()
        self._show()

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _change(self, **values: object) -> None:
        choice = self.choice
        if choice is None or self._control.is_exporting or self._run is None:
            return
        self._choices[self._run] = replace(choice, **values)  # type: ignore[arg-type]
        if values.keys() & {"run", "name", "folder"}:
            self._read()
        else:
            self._plan()
        self._show()

    def _choose_checkpoint(self, path: Path) -> None:
        self._change(run=path)

    def _choose_folder(self, folder: str) -> None:
        path = Path(folder).expanduser() if folder else None
        self._change(folder=str(path.absolute()) if path is not None else "")

    def _choose_way(self, way: str) -> None:
        if not self._control.is_exporting:
            self._change(way=way)
        self._show()

    def _tick(self, target: str, is_wanted: bool) -> None:
        choice, can = self.choice, self._reading.offered
        if choice is None or can is None:
            return
        if self._control.is_exporting:
            self._order(choice.items_of(target, can), is_wanted=is_wanted)
        else:
            chosen = choice.with_target(target, is_wanted=is_wanted)
            self._change(targets=chosen.targets)
        if target == "hub" and is_wanted:
            self.hub.look()
            self._reading.ask_for_licence(can)
            self._show()

    def _turn_type(self, name: str, is_wanted: bool) -> None:
        choice = self.choice
        if choice is None:
            return
        if self._control.is_exporting:
            self._order((f"gguf:{name}",), is_wanted=is_wanted)
        else:
            is_first = "gguf" not in choice.targets and is_wanted
            chosen = (replace(choice, types=()) if is_first else choice).with_type(name, is_wanted=is_wanted)
            self._change(targets=chosen.targets, types=chosen.types)

    def _turn_sent(self, item: str, is_sent: bool) -> None:
        choice = self.choice
        if choice is not None:
            before = choice.sent(self._reading.offered) if self._reading.offered is not None else choice.hub_sends
            kept = [each for each in before if each != item]
            self._change(hub_sends=(*kept, *([item] if is_sent else [])))

    def _order(self, items: tuple[str, ...], *, is_wanted: bool) -> None:
        """Changes the plan of the export at work, where the items have not begun."""
        for item in items:
            self._try(partial(self._followed.order, item, is_wanted=is_wanted))
        self._show()

    def act(self) -> bool:
        """Exports, where that can be done now; in no case does it train."""
        if not self.fields.export.isHidden() and self.fields.export.isEnabled():
            self.export()
        return True

    # -- doing --------------------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Makes what is chosen and not made yet."""
        choice, can = self.choice, self._reading.offered
        request = choice.request(can, self.work.made) if choice is not None and can is not None else None
        if request is None and choice is not None and can is not None:
            request = choice.request(can)
        if request is not None:
            self._followed.forget_orders()
            self._try(partial(self._control.start, request))

    def measure(self, item: str) -> None:
        """Measures an item without keeping a file of it."""
        choice, can = self.choice, self._reading.offered
        if choice is not None and can is not None:
            self._try(partial(self._control.start, choice.measuring(item, can)))

    def _try(self, what: Callable[[], object]) -> None:
        """Does it, or says why not."""
        try:
            what()
        except UserError as error:
            self.picture.message.say_error(error)
        else:
            self.picture.message.hide()

    def _change_state(self) -> None:
        """An export or a measurement began, ended, or is about to be cancelled."""
        control, run, followed = self._control, self._followed.run, self._followed.choice
        was_exporting, self._is_exporting = self._is_exporting, control.is_exporting
        if not control.is_exporting and run is not None and followed is not None:
            if was_exporting or run not in self._choices:
                self._choices[run] = followed
            self._followed.forget_orders()
        self._follow_run()
        if not control.is_busy:
            if (crash := self._followed.crash()) is not None:
                self.picture.message.say_error(crash)
            self._read()

    def _open_folder(self) -> None:
        choice = self.choice
        folder = choice.out if choice is not None else None
        if folder is None or not folder.is_dir():
            self.said.emit("Nothing has been exported there yet")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.picture.message.say_error(UserError("No program opens folders here.", remedy=f"It is {folder}."))

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def work(self) -> Work:
        """The export of the run that is shown, and what is measured of it."""
        return self._followed.work(self.choice)

    def _show_in_sight(self) -> None:
        if self.isVisible():
            self._followed.settle()
            self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        choice, can = self.choice, self._reading.offered
        if choice is None or self._run is None:
            self._showing.show_nothing()
        elif can is None:
            self._showing.show_unread()
        else:
            called = self._row.called if self._row is not None and self._row.path == self._run else can.title
            self._showing.show(self._run, called, choice, can, self.work)
        self.arranged()

    def arranged(self) -> None:
        can = self._reading.offered
        is_narrow = self.window().width() < self.theme.px(NARROW_WINDOW)
        has_gguf = can is not None and can.target("gguf") is not None
        has_ways = can is not None and len(can.ways) > 1
        self.picture.arrange(has_ways=has_ways, has_gguf=has_gguf, is_narrow=is_narrow, is_wide=self.is_wide)
