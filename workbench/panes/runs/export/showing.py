"""Fills the form and the cards of the view with what is known of a choice."""

from pathlib import Path

from workbench.bridge.export_control import ExportControl
from workbench.core.export import elsewhere
from workbench.core.export.offered import Offered
from workbench.core.export.shells import Shell, shell_of_system
from workbench.core.units import bytes_in_digits, duration_in_words, grouped
from workbench.panes.parts.hub_account import HubAccount
from workbench.panes.runs.export.choice import Choice
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
from workbench.panes.runs.export.reading import ExportReading
from workbench.panes.runs.export.work import Work, file_rows, made_of, progress_rows, time_in_words


class ExportShowing:
    """Shows; it neither reads nor changes anything."""

    def __init__(
        self,
        fields: ExportForm,
        picture: ExportPicture,
        control: ExportControl,
        reading: ExportReading,
        hub: HubAccount,
    ) -> None:
        self._fields, self._picture = fields, picture
        self._control, self._reading, self._hub = control, reading, hub
        self._shell: Shell = shell_of_system()

    def show_nothing(self) -> None:
        """No run is chosen."""
        self._picture.message.say("info", "No run is chosen.", "", "Choose a finished one under All runs.")
        self._picture.message.show()
        self.show_unread()

    def show_unread(self) -> None:
        """What can be made of the run is not known."""
        self._fields.show_buttons("Export", "", can_export=False)

    def show(self, run: Path, called: str, choice: Choice, can: Offered, work: Work) -> None:
        """A choice of the run in a folder, by what the run is called."""
        self._show_form(run, called, choice, can, work)
        self._show_picture(choice, can, work)
        if self._control.is_exporting:
            self._show_orders(work)
        elif self._control.is_measuring:
            self._show_measuring()
        else:
            self._show_buttons(choice, can, work)

    def _show_form(self, run: Path, called: str, choice: Choice, can: Offered, work: Work) -> None:
        fields, is_busy = self._fields, work.is_busy
        ended = [(f"as it ended, step {grouped(can.last_step)}" if can.last_step else "as it ended", run)]
        ended = ended if can.has_result else []
        entries = [*ended, *((f"step {grouped(each.step)}", each.path) for each in reversed(can.checkpoints))]
        if choice.run not in [path for _, path in entries]:
            entries.append((choice.run.name, choice.run))
        chosen = next((each for each in can.checkpoints if each.path == choice.run), None)
        fact = f"best of {can.evaluations}" if chosen is not None and chosen.is_best else ""
        fields.show_result(called, choice.name, entries, choice.run, fact, is_locked=is_busy)
        planned = work.seen.plan if is_busy else self._reading.planned
        fields.show_plan(plan_lines(can, choice, work), chosen_in_words(choice, can, planned))
        ways = [(way, way_in_words(way, can)) for way in can.ways]
        fields.show_ways(ways, choice.way_of(can), is_locked=is_busy)
        types = gguf_rows(can, choice, work)
        fields.show_types(types, is_open=any(not row.why_not and not row.is_ticked for row in types))
        name, licence = choice.hub_name or choice.name, self._reading.licence(can)
        fields.hub.show_hub(name, is_private=choice.hub_private, licence=licence, is_locked=is_busy)
        fields.hub.show_sends(sends(choice, can), is_locked=is_busy)
        problem = "" if is_busy else self._reading.room_problem
        fields.show_where(str(choice.out), can.free_bytes, choice.largest_file_bytes, problem, is_locked=is_busy)

    def _show_picture(self, choice: Choice, can: Offered, work: Work) -> None:
        picture, control = self._picture, self._control
        picture.ways.show_rows(way_rows(can, choice), choice.way_of(can), way_sentence(can), rows_in_words(can))
        words = measure_in_words(can)
        if work.measuring == "measure":
            words = f"Measuring, {int(100 * control.seen(is_export=False).share)} %"
        picture.ways.show_measure(words, is_possible=not control.is_busy)
        gguf = can.target("gguf")
        picture.gguf.show_rows(gguf_rows(can, choice, work), gguf.why_not if gguf is not None else "")
        empty = "Each step stands here with what it was compared with, once it is made."
        picture.progress.show_rows(progress_rows(work), time_in_words(work, control.elapsed_seconds), empty)
        made = made_of(choice.out, can, choice, work)
        answer = f"The run has answered here: \u201c{can.answer}\u201d" if can.answer else ""
        picture.elsewhere.show_uses(elsewhere.uses(made, can.question, self._shell), answer)
        picture.files.show_files(str(choice.out), file_rows(choice.out, can, work))

    def _show_buttons(self, choice: Choice, can: Offered, work: Work) -> None:
        wanted = choice.items(can)
        if not wanted:
            self._fields.show_buttons("Export", "Tick what it is to become", can_export=False)
            return
        made, plan = work.made, self._reading.planned
        left = [item for item in wanted if item not in made]
        words = f"Export {_things(len(left))}" if left else f"Export {_things(len(wanted))} again"
        facts = f"{bytes_in_digits(plan.size_bytes)}, {duration_in_words(plan.seconds)}" if plan is not None else ""
        if not left:
            facts = "All of it is made"
        needs_token = "hub" in choice.targets and self._hub.state is not None and not self._hub.has_token
        if needs_token:
            facts = "The Hub asks for a token"
        has_room = not self._reading.room_problem
        if not has_room:
            facts = "See what is wrong with the folder"
        self._fields.show_buttons(words, facts, can_export=has_room and not needs_token)

    def _show_measuring(self) -> None:
        leaves = self._control.measurement.is_cancelling
        facts = "Cancels now" if leaves else "Measuring; it can be exported afterwards"
        self._fields.show_orders("", facts, can_stop=False, can_cancel=not leaves)

    def _show_orders(self, work: Work) -> None:
        control, seen = self._control, work.seen
        now = seen.at_work
        if control.export.is_cancelling:
            self._fields.show_orders("Stop", "Cancels now; what was checked stays", can_stop=False, can_cancel=False)
            return
        title = now.step.title if now is not None else "this step"
        verb = "Stops after" if control.stops_after else "Stop after"
        done = f"{grouped(seen.done_count)} of {grouped(len(seen.kept))} done"
        facts = f"{done}; what waits can still be changed" if seen.kept else "The engine starts"
        self._fields.show_orders(f"{verb} {title}", facts, can_stop=not control.stops_after, can_cancel=True)


def _things(count: int) -> str:
    return f"{grouped(count)} thing{'s' * (count != 1)}"
