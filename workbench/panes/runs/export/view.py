"""The view Export: what is made of the chosen run to be used elsewhere, before, while and after it is made."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QShowEvent

from workbench.bridge.export_control import ExportControl
from workbench.bridge.tasks import run_task
from workbench.core.export import elsewhere, offered
from workbench.core.export.offered import Offered
from workbench.core.export.progress import ExportSeen
from workbench.core.export.shells import Shell, shell_of_system
from workbench.core.job.export_kinds import ExportPlanned, ExportRequest
from workbench.core.job.run_folder import RunState
from workbench.core.problems import UserError, in_a_row
from workbench.core.runs.row import RunRow
from workbench.core.units import bytes_in_digits, duration_in_words, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button
from workbench.panes.parts.hub_account import HubAccount
from workbench.panes.parts.page import NARROW_WINDOW, FormColumn
from workbench.panes.runs.export.choice import Choice, choice_of, clean_name
from workbench.panes.runs.export.figures import (
    gguf_rows,
    measure_in_words,
    rows_in_words,
    way_in_words,
    way_rows,
    way_sentence,
)
from workbench.panes.runs.export.form import ExportForm
from workbench.panes.runs.export.lines import chosen_in_words, plan_lines, sends
from workbench.panes.runs.export.picture import ExportPicture
from workbench.panes.runs.export.work import Work, file_rows, made_of, progress_rows, time_in_words
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
        self._offered: Offered | None = None
        self._planned: ExportPlanned | None = None
        self._room_problem = ""
        self._pending: dict[str, bool] = {}  # items that were added or removed, until the plan says so
        self._asked = 0  # counts what is read, so that only the newest answer is taken
        self._waiting = 0
        self._shell: Shell = shell_of_system()
        self._licences: dict[str, str] = {}  # of bases on the Hub, as it says
        column = FormColumn(theme)
        self.form = column
        self.fields = ExportForm(theme, column)
        self.picture = ExportPicture(theme, self)
        self.open_folder = button("Open folder", theme, "folder-open")
        self.open_folder.clicked.connect(self._open_folder)
        self.header_buttons = [self.open_folder]
        self.hub = HubAccount(self.fields.account)
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
        return self._waiting > 0

    def _follow_run(self) -> None:
        """Shows the run of the export at work, which stays until another one is chosen, else the chosen one."""
        request = self._control.request
        if self._control.is_exporting and request is not None:
            self._wanted = _root(Path(request.run))
        run = self._wanted
        if run != self._run:
            self._run = run
            self._offered = self._planned = None
            self._room_problem = ""
            self.picture.message.hide()
            self._read()
        self._show()

    @property
    def choice(self) -> Choice | None:
        """What is chosen of the run that is shown, or is being made of it."""
        if self._run is None:
            return None
        request = self._control.request
        if self._control.is_exporting and request is not None:
            return self._exported(request)
        if self._run in self._choices:
            return self._choices[self._run]
        name = clean_name(self._row.called) if self._row is not None else ""
        return Choice(self._run, name or "export")

    def _exported(self, request: ExportRequest) -> Choice:
        """What is being made, or was."""
        kept = [step.item for step in self._control.seen().kept] or list(request.items)
        items = [item for item in kept if self._pending.get(item, True)]
        items += [item for item, is_added in self._pending.items() if is_added and item not in items]
        return choice_of(request, items)

    def _name_before(self) -> str:
        choice = self.choice
        return choice.name if choice is not None else ""

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Reads what can be made, in a task; only the newest answer counts."""
        choice = self.choice
        if choice is None or not self.isVisible():
            return
        self._asked += 1
        self._waiting += 1
        asked = self._asked
        request = ExportRequest(run=str(choice.run), items=("adapter",), out=str(choice.out), name=choice.name)

        def take(found: Offered) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self._offered = found
                self._plan()
                self._show()

        def fail(error: UserError) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self._offered = None
                self.picture.message.say("info", error.what, error.why, error.remedy)
                self.picture.message.show()
                self._show()

        run_task(partial(offered.offered, request), take, fail, parent=self)

    def _plan(self) -> None:
        """Works out what the choice takes, in a task."""
        choice, can = self.choice, self._offered
        self._planned, self._room_problem = None, ""
        if choice is None or can is None or self._control.is_exporting:
            return
        request = choice.request(can, self._made())
        if request is None:
            return
        self._asked += 1
        self._waiting += 1
        asked = self._asked

        def take(found: offered.Planned) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self._planned, self._room_problem = found.plan, found.problem
                self._show()

        def fail(error: UserError) -> None:
            self._waiting -= 1
            if asked == self._asked:
                self._room_problem = in_a_row(error.what, error.why, error.remedy)
                self._show()

        run_task(partial(offered.planned, request), take, fail, parent=self)

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
        choice, can = self.choice, self._offered
        if choice is None or can is None:
            return
        if self._control.is_exporting:
            self._order(choice.items_of(target, can), is_wanted=is_wanted)
        else:
            chosen = choice.with_target(target, is_wanted=is_wanted)
            self._change(targets=chosen.targets)
        if target == "hub" and is_wanted:
            self.hub.look()
            self._ask_for_licence(can)
            self._show()

    def _ask_for_licence(self, can: Offered) -> None:
        """Asks the Hub where the base's own folder does not say it; without an answer it is not known."""
        base = can.base_id
        if base and not can.licence and base not in self._licences:
            self._licences[base] = ""

            def take(licence: str) -> None:
                self._licences[base] = licence
                self._show()

            run_task(partial(_licence_of, base), take, lambda _error: None, parent=self, asks=True)

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
            before = choice.sent(self._offered) if self._offered is not None else choice.hub_sends
            kept = [each for each in before if each != item]
            self._change(hub_sends=(*kept, *([item] if is_sent else [])))

    def _order(self, items: tuple[str, ...], *, is_wanted: bool) -> None:
        """Changes the plan of the export at work, where the items have not begun."""
        for item in items:
            if self._try(partial(self._control.add if is_wanted else self._control.remove, item)):
                self._pending[item] = is_wanted
        self._show()

    def act(self) -> bool:
        """Exports, where that can be done now; in no case does it train."""
        if not self.fields.export.isHidden() and self.fields.export.isEnabled():
            self.export()
        return True

    # -- doing --------------------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Makes what is chosen and not made yet."""
        choice, can = self.choice, self._offered
        request = choice.request(can, self._made()) if choice is not None and can is not None else None
        if request is None and choice is not None and can is not None:
            request = choice.request(can)
        if request is not None:
            self._pending.clear()
            self._try(partial(self._control.start, request))

    def measure(self, item: str) -> None:
        """Measures an item without keeping a file of it."""
        choice, can = self.choice, self._offered
        if choice is not None and can is not None:
            self._try(partial(self._control.start, choice.measuring(item, can)))

    def _try(self, what: Callable[[], object]) -> bool:
        """Does it, or says why not."""
        try:
            what()
        except UserError as error:
            self.picture.message.say_error(error)
            return False
        self.picture.message.hide()
        return True

    def _change_state(self) -> None:
        """An export or a measurement began, ended, or is about to be cancelled."""
        control, request = self._control, self._control.request
        was_exporting, self._is_exporting = self._is_exporting, control.is_exporting
        if not control.is_exporting and request is not None:
            root = _root(Path(request.run))
            if was_exporting or root not in self._choices:
                self._choices[root] = self._exported(request)
            self._pending.clear()
        self._follow_run()
        if not control.is_busy:
            self._say_end()
            self._read()

    def _say_end(self) -> None:
        """Why something came to no end, where its lines do not say it."""
        for is_export, study in ((True, self._control.export), (False, self._control.measurement)):
            outcome = study.outcome
            if outcome is None or outcome.state is not RunState.CRASHED:
                continue
            told = any(step.state in ("rejected", "refused") for step in self._control.seen(is_export=is_export).steps)
            if not (told and is_export):
                self.picture.message.say_error(UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))

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
        control, choice = self._control, self.choice
        measured, request = control.measured_request, control.request
        measuring = measured.items[0] if control.is_measuring and measured is not None else ""
        is_its_own = request is not None and choice is not None and self._is_of(request, choice)
        seen = control.seen() if is_its_own else ExportSeen()
        return Work(seen, is_busy=control.is_exporting, measuring=measuring)

    @staticmethod
    def _is_of(request: ExportRequest, choice: Choice) -> bool:
        return Path(request.run) == choice.run and Path(request.out) == choice.out

    def _made(self) -> set[str]:
        """The items that the export of this choice has made."""
        work = self.work
        return {step.item for step in work.seen.steps if work.state_of(step) == "done" and not step.step.is_passing}

    def _show_in_sight(self) -> None:
        if self.isVisible():
            if self._control.is_exporting:
                planned = {step.item for step in self._control.seen().kept}
                self._pending = {
                    item: is_added for item, is_added in self._pending.items() if (item in planned) != is_added
                }
            self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        choice, can, work = self.choice, self._offered, self.work
        if choice is None:
            self._show_nothing()
            return
        if can is None:
            self.fields.show_buttons("Export", "", can_export=False)
            self.arranged()
            return
        self._show_form(choice, can, work)
        self._show_picture(choice, can, work)
        self._show_actions(choice, can, work)
        self.arranged()

    def _show_nothing(self) -> None:
        self.picture.message.say("info", "No run is chosen.", "", "Choose a finished one under All runs.")
        self.picture.message.show()
        self.fields.show_buttons("Export", "", can_export=False)
        self.arranged()

    def _show_form(self, choice: Choice, can: Offered, work: Work) -> None:
        fields, is_busy = self.fields, work.is_busy
        assert self._run is not None
        ended = [(f"as it ended, step {grouped(can.last_step)}" if can.last_step else "as it ended", self._run)]
        entries = [*ended, *((f"step {grouped(each.step)}", each.path) for each in reversed(can.checkpoints))]
        if choice.run not in [path for _, path in entries]:
            entries.append((choice.run.name, choice.run))
        chosen = next((each for each in can.checkpoints if each.path == choice.run), None)
        fact = f"best of {can.evaluations}" if chosen is not None and chosen.is_best else ""
        called = self._row.called if self._row is not None and self._row.path == self._run else can.title
        fields.show_result(called, choice.name, entries, choice.run, fact, is_locked=is_busy)
        lines = plan_lines(can, choice, work)
        fields.show_plan(lines, chosen_in_words(choice, can, work.seen.plan if is_busy else self._planned))
        ways = [(way, way_in_words(way, can)) for way in can.ways]
        fields.show_ways(ways, choice.way_of(can), is_locked=is_busy)
        types = gguf_rows(can, choice, work)
        fields.show_types(types, is_open=any(not row.why_not and not row.is_ticked for row in types))
        licence = can.licence or self._licences.get(can.base_id, "")
        fields.hub.show_hub(
            choice.hub_name or choice.name, is_private=choice.hub_private, licence=licence, is_locked=is_busy
        )
        fields.hub.show_sends(sends(choice, can), is_locked=is_busy)
        problem = self._room_problem
        fields.show_where(
            str(choice.out), can.free_bytes, choice.largest_file_bytes, "" if is_busy else problem, is_locked=is_busy
        )

    def _show_picture(self, choice: Choice, can: Offered, work: Work) -> None:
        picture = self.picture
        picture.ways.show_rows(way_rows(can, choice), choice.way_of(can), way_sentence(can), rows_in_words(can))
        words = measure_in_words(can)
        if work.measuring == "measure":
            words = f"Measuring, {int(100 * self._control.seen(is_export=False).share)} %"
        picture.ways.show_measure(words, is_possible=not self._control.is_busy)
        gguf = can.target("gguf")
        picture.gguf.show_rows(gguf_rows(can, choice, work), gguf.why_not if gguf is not None else "")
        empty = "Each step stands here with what it was compared with, once it is made."
        picture.progress.show_rows(progress_rows(work), time_in_words(work, self._control.elapsed_seconds), empty)
        made = made_of(choice.out, can, choice, work)
        answer = f"The run has answered here: \u201c{can.answer}\u201d" if can.answer else ""
        picture.elsewhere.show_uses(elsewhere.uses(made, can.question, self._shell), answer)
        picture.files.show_files(str(choice.out), file_rows(choice.out, can, work))

    def _show_actions(self, choice: Choice, can: Offered, work: Work) -> None:
        fields, control = self.fields, self._control
        if control.is_exporting:
            self._show_orders(work)
            return
        if control.is_measuring:
            leaves = control.measurement.is_cancelling
            facts = "Cancels now" if leaves else "Measuring; it can be exported afterwards"
            fields.show_orders("", facts, can_stop=False, can_cancel=not leaves)
            return
        made = self._made()
        wanted, left = choice.items(can), [item for item in choice.items(can) if item not in made]
        things = _things(len(left or wanted))
        words = f"Export {things}" if left or not wanted else f"Export {things} again"
        if not wanted:
            fields.show_buttons("Export", "Tick what it is to become", can_export=False)
            return
        plan = self._planned
        facts = f"{bytes_in_digits(plan.size_bytes)}, {duration_in_words(plan.seconds)}" if plan is not None else ""
        if not left:
            facts = "All of it is made"
        needs_token = "hub" in choice.targets and self.hub.state is not None and not self.hub.has_token
        if needs_token:
            facts = "The Hub asks for a token"
        if self._room_problem:
            facts = "See what is wrong with the folder"
        fields.show_buttons(words, facts, can_export=not self._room_problem and not needs_token)

    def _show_orders(self, work: Work) -> None:
        control, seen = self._control, work.seen
        now = seen.at_work
        if control.export.is_cancelling:
            self.fields.show_orders("Stop", "Cancels now; what was checked stays", can_stop=False, can_cancel=False)
            return
        title = now.step.title if now is not None else "this step"
        verb = "Stops after" if control.stops_after else "Stop after"
        done = f"{grouped(seen.done_count)} of {grouped(len(seen.kept))} done"
        facts = f"{done}; what waits can still be changed" if seen.kept else "The engine starts"
        self.fields.show_orders(f"{verb} {title}", facts, can_stop=not control.stops_after, can_cancel=True)

    def arranged(self) -> None:
        can = self._offered
        is_narrow = self.window().width() < self.theme.px(NARROW_WINDOW)
        has_gguf = can is not None and can.target("gguf") is not None
        has_ways = can is not None and len(can.ways) > 1
        self.picture.arrange(has_ways=has_ways, has_gguf=has_gguf, is_narrow=is_narrow, is_wide=self.is_wide)


def _root(path: Path) -> Path:
    """The folder of the run that a path is, or lies in."""
    return next((each for each in (path, *path.parents[:2]) if (each / "job.toml").is_file()), path)


def _licence_of(base: str) -> str:
    from workbench.core.hub.listing import listed  # huggingface_hub takes 0.3 s to import

    return listed(base).licence


def _things(count: int) -> str:
    return f"{grouped(count)} thing{'s' * (count != 1)}"
