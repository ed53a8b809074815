"""The Whole model view: what each format loses of every matrix, as a map, with the ten worst and the sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core.events import Event, MatrixMeasured
from workbench.core.matrix_errors import Measure, schemes_of, stored_bytes, worst
from workbench.core.model_errors import ModelErrors, Place
from workbench.core.problems import UserError
from workbench.core.quantized_model import matrices, write_rows
from workbench.core.run_folder import RunState
from workbench.core.stored_tensor import StoredTensor, open_tensors
from workbench.core.study import LayersRequest, model_path
from workbench.core.units import bytes_in_words, count_in_words, grouped
from workbench.numerics.quantization_scheme import Scheme, SchemeError
from workbench.panes.cards import Card, Message
from workbench.panes.controls import ElidedLabel, Segmented, button, label
from workbench.panes.lab_view import LabView
from workbench.panes.quantize_whole_choice import FormatChoice
from workbench.panes.quantize_whole_form import WholeForm
from workbench.panes.quantize_whole_legend import MapLegend
from workbench.panes.quantize_whole_map import ErrorMap
from workbench.panes.quantize_whole_sizes import SizeBars, SizeRow
from workbench.panes.quantize_whole_table import MOST, WorstTable
from workbench.panes.quantize_whole_words import (
    MEASURE_TIPS,
    MEASURE_TITLES,
    bits_in_words,
    format_color,
    format_title,
    scheme_in_words,
    value_in_words,
)
from workbench.panes.theme import Theme

NO_MODEL = "Choose a model at the left: each of its matrices becomes a cell here."
NO_MATRIX = "This model holds no matrix of floating-point numbers."
NOT_YET = "The matrices that lose most are listed here once they are measured."
STORED = "formats.BF16"
WIDE_COLUMN = 430
QWIDGETSIZE_MAX = 16_777_215  # as Qt has it


@dataclass(frozen=True)
class Opened:
    """A model of which the headers are read."""

    path: Path
    tensors: tuple[StoredTensor, ...]  # its matrices

    @property
    def numbers(self) -> int:
        return sum(tensor.numbers for tensor in self.tensors)

    @property
    def stored_bytes(self) -> int:
        return sum(stored_bytes(tensor.numbers, tensor.dtype) for tensor in self.tensors)

    def size_in(self, scheme: Scheme) -> int:
        return sum(scheme.size_bytes(tensor.numbers, tensor.row_length) for tensor in self.tensors)


class WholeView(LabView):
    """A study at the left; its map fills while it works, and is found again when the view comes up."""

    name = "whole"
    title = "Whole model"

    def __init__(self, theme: Theme, control: StudyControl) -> None:
        super().__init__(theme)
        self._control = control
        self.fields = WholeForm(theme, self.form)
        self.opened: Opened | None = None
        self.errors = ModelErrors()
        self._taken = 0  # of the study's findings
        self._has_asked = False
        self._is_dirty = True

        self.message_card = Message(theme)
        self._close = button("Close", theme, "x", "flat")
        self._close.clicked.connect(self.message_card.hide)
        self.message_card.add_button(self._close)
        self.message_card.hide()
        self.map_card = Card(theme, "Error of every matrix")
        self.map_card.scope.hide()
        self.of_map = ElidedLabel("", "fact")
        self.map_card.head.addWidget(self.of_map, 100)
        self.legend = MapLegend(theme)
        self.map_card.add_to_head(self.legend)
        self.format = FormatChoice(theme)
        self.measure = Segmented([(by.value, title) for by, title in MEASURE_TITLES.items()], "Measure")
        for by, tip in MEASURE_TIPS.items():
            self.measure.button_of(by.value).setToolTip(tip)
        self.measure.set_value(Measure.SNR.value)
        choices = QHBoxLayout()
        choices.setSpacing(10)
        choices.addWidget(self.format)
        choices.addStretch(1)
        choices.addWidget(self.measure)
        self.map_card.body.addLayout(choices)
        self.map = ErrorMap(theme)
        self.map.words = NO_MODEL
        self.map_card.body.addWidget(self.map, 1)
        self.cell = label("", "small", wraps=True)
        self.map_card.body.addWidget(self.cell)
        self.table_card = Card(theme, "Ten worst")
        self.table_card.set_margins(0, 0, 0, 8)
        self.table = WorstTable(theme)
        self.table.empty_words = NOT_YET
        self.table_card.body.addWidget(self.table)
        self.export = button("Export CSV", theme, "export", "flat")
        self.table_card.add_to_head(self.export)
        self.size_card = Card(theme, "Size of all matrices")
        self.size_card.scope.hide()
        self.of_sizes = ElidedLabel("", "fact")
        self.size_card.head.addWidget(self.of_sizes, 100)
        self.sizes = SizeBars(theme)
        self.sizes.words = "The sizes in each format stand here once a model is chosen."
        self.size_card.body.addWidget(self.sizes, 1)
        self.kept = ElidedLabel("Norms and biases keep their precision and are left out.", "small")
        self.size_card.body.addWidget(self.kept)
        self.grid = QGridLayout(self)
        self._place_cards()
        self._wire()
        self._refresh()

    def _wire(self) -> None:
        fields, control = self.fields, self._control
        fields.start_wanted.connect(self.start)
        fields.cancel_wanted.connect(self._cancel)
        fields.formats_changed.connect(self._say_choice)
        fields.model.picked.connect(self._pick)
        self.format.chosen.connect(lambda _name: self._show_errors())
        self.measure.chosen.connect(lambda _name: self._show_errors())
        self.map.chosen.connect(lambda line, column: self._choose((line, column)))
        self.table.picked.connect(self._choose_name)
        self.export.clicked.connect(self._export)
        control.advanced.connect(self._advance)
        control.state_changed.connect(self._change)
        self.theme.changed.connect(self._place_cards)

    # -- the view -----------------------------------------------------------------------------------------------------

    def shown_first(self) -> None:
        if self._has_asked:
            return
        self._has_asked = True
        try:
            self._control.find("layers")
        except UserError as error:
            self._say(error)
        request = self._control.request
        if isinstance(request, LayersRequest):
            self.fields.show_request(request)
            self.fields.model.open(model_path(request))
        self.fields.model.look_around()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_dirty:
            self._refresh()

    def arranged(self) -> None:
        self.fields.keep_room_for_progress(self.form.action_bar.parent() is self.form)
        self._place_cards()

    def _place_cards(self) -> None:
        """The map above the table and the sizes; in a wide window beside them; the projector does without the table."""
        theme, grid = self.theme, self.grid
        side, gap = theme.size("size.page_padding"), theme.px(11)
        grid.setContentsMargins(side, gap, side, gap)
        grid.setSpacing(theme.size("space.card_gap"))
        for card in (self.message_card, self.map_card, self.table_card, self.size_card):
            grid.removeWidget(card)
        self.table_card.setVisible(not theme.projector)
        grid.addWidget(self.message_card, 0, 0, 1, 2)
        shares, rows = ((58, 42), (56, 44))
        if self.is_wide:
            grid.addWidget(self.map_card, 1, 0, 2, 1)
            grid.addWidget(self.table_card, 1, 1)
            grid.addWidget(self.size_card, 2, 1)
            shares, rows = (1, 0), (52, 48)
        elif theme.projector:
            grid.addWidget(self.map_card, 1, 0, 1, 2)
            grid.addWidget(self.size_card, 2, 0, 1, 2)
            rows = (70, 30)
        else:
            grid.addWidget(self.map_card, 1, 0, 1, 2)
            grid.addWidget(self.table_card, 2, 0)
            grid.addWidget(self.size_card, 2, 1)
        column = theme.px(WIDE_COLUMN)
        for card in (self.table_card, self.size_card):
            card.setMinimumWidth(column if self.is_wide else 0)
            card.setMaximumWidth(column if self.is_wide else QWIDGETSIZE_MAX)
        for place, share in enumerate(shares):
            grid.setColumnStretch(place, share)
        for place, share in enumerate(rows, start=1):
            grid.setRowStretch(place, share)
        self.measure.setFixedHeight(theme.size("size.control"))
        self.export.setFixedHeight(theme.px(22))  # the head is as high as one without a button
        self.cell.setFixedHeight(round(2.3 * theme.size("font.small")) + theme.px(6))

    # -- the model ----------------------------------------------------------------------------------------------------

    def _pick(self, path: Path | None) -> None:
        self.opened = None
        self._begin_errors()
        self._refresh()
        if path is None:
            return

        def take(opened: Opened) -> None:
            if self.fields.model.path == path:
                self.opened = opened
                self.map.words = NO_MODEL if opened.tensors else NO_MATRIX
                self._begin_errors()
                self._refresh()

        def fail(error: UserError) -> None:
            if self.fields.model.path == path:
                self.fields.model.say(error)

        run_task(lambda: Opened(path, tuple(matrices(open_tensors(path)))), take, fail, parent=self)

    def _is_ours(self) -> bool:
        """Whether the study is about the model that is open."""
        request = self._control.request
        return request is not None and model_path(request) == self.fields.model.path

    def _begin_errors(self) -> None:
        """Another model or another study: the grid as it is known, and what is found already."""
        self.errors = ModelErrors(tensor.name for tensor in (self.opened.tensors if self.opened else ()))
        self._taken = 0
        self._take_findings()
        self.map.show_grid(self.errors.grid)

    def _take_findings(self) -> None:
        if self._is_ours():
            new = self._control.findings[self._taken :]
            self._taken = len(self._control.findings)
            grid = self.errors.grid
            self.errors.add(event.facts for event in new if isinstance(event, MatrixMeasured))
            if self.errors.grid is not grid:
                self.map.show_grid(self.errors.grid)

    # -- the study ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Measures every matrix of the chosen model in the chosen formats."""
        request = self.fields.request()
        if request is None:
            self._say(UserError("No model or no format is chosen.", remedy="Choose both at the left."))
            return
        self.message_card.hide()
        try:
            self._control.start(request)
        except UserError as error:
            self._say(error)
            return
        self._begin_errors()
        self._refresh()

    def _cancel(self) -> None:
        try:
            self._control.cancel()
        except UserError as error:
            self._say(error)

    def _advance(self, _events: Sequence[Event]) -> None:
        self._take_findings()
        self._is_dirty = True
        if self.isVisible():
            self._refresh()

    def _change(self) -> None:
        outcome = self._control.outcome
        if outcome is not None and outcome.state is not RunState.FINISHED:
            if outcome.state is RunState.CRASHED:
                self._say(UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))
            self._control.findings.clear()  # nothing is kept of what has no end
            self._begin_errors()
        self._is_dirty = True
        self._refresh()

    def _refresh(self) -> None:
        self._is_dirty = False
        control = self._control
        self.fields.show_busy(control.is_busy, is_cancelling=control.is_cancelling)
        self.format.offer(self._computed())
        self._show_errors()
        self._say_choice()

    def _say(self, error: UserError) -> None:
        self.message_card.say("danger", error.what, error.why, error.remedy)
        self.message_card.show()

    def _say_choice(self) -> None:
        """The action bar and the sizes, as the form is now."""
        control, fields, bar = self._control, self.fields, self.form.action_bar
        opened = self.opened
        count = len(opened.tensors) if opened else 0
        fields.start.setText(f"Quantize {grouped(count)} matri{'x' if count == 1 else 'ces'}" if count else "Quantize")
        fields.start.setEnabled(bool(count and fields.names))
        fields.source.fact.setText(
            f"{count_in_words(opened.numbers)} weights in {bytes_in_words(opened.stored_bytes)}" if opened else ""
        )
        if control.is_cancelling and control.is_busy:
            bar.say("Cancels now; nothing is kept")
        elif control.is_busy:
            phase = control.phase
            bar.say(
                f"{grouped(self.errors.count)} of {grouped(count)} matrices measured"
                if phase is not None and count
                else "Starting the engine"
            )
            fields.progress.set_share(phase.done / phase.total if phase and phase.total else 0.0)
        elif control.outcome is not None and control.outcome.state is RunState.CANCELLED:
            bar.say("Cancelled; nothing was kept")
        elif not fields.names:
            bar.say("Choose a format")
        else:
            bar.say("In a process of its own, on the processor alone")
        self._show_sizes()

    # -- what was found -----------------------------------------------------------------------------------------------

    def _computed(self) -> list[tuple[str, str]]:
        """The formats of the study that is shown, or those that are chosen for the first one."""
        study = self._study()
        names = study.formats if study else self.fields.names
        return [(name, format_title(name)) for name in dict.fromkeys(names)]

    def _study(self) -> LayersRequest | None:
        request = self._control.request
        has_results = self._control.is_busy or bool(self.errors.formats)
        return request if isinstance(request, LayersRequest) and self._is_ours() and has_results else None

    @property
    def by(self) -> Measure:
        return Measure(self.measure.value())

    def _show_errors(self) -> None:
        name, by = self.format.value(), self.by
        self.map.show_found(self.errors.at(name), by)
        request, scheme = self._study(), None
        if request is not None:
            try:
                scheme = next((each for each in schemes_of(request) if each.name == name), None)
            except SchemeError:
                scheme = None  # a format of another version
        self.of_map.set_text(scheme_in_words(scheme) if scheme else "")
        found = self.map.found.values()
        known = sorted((bad, value_in_words(each, by)) for each in found if (bad := each.badness(by)) is not None)
        self.legend.show_ends(*((known[0][1], known[-1][1]) if known else ("", "")))
        self.table.show_rows(worst(self.errors.of(name), by, MOST), by)
        self.table_card.scope.setText(f"in {format_title(name)}, by {MEASURE_TITLES[by]}" if self.table.rows else "")
        self.export.setEnabled(bool(self.errors.rows) and not self._control.is_busy)
        self._say_cell()

    def _show_sizes(self) -> None:
        opened = self.opened
        if opened is None or not opened.tensors:
            self.sizes.show_rows(())
            self.of_sizes.set_text("")
            return
        dtypes = sorted({tensor.dtype for tensor in opened.tensors})
        stored = dtypes[0] if len(dtypes) == 1 else "stored"
        rows = [
            SizeRow(
                f"As {stored}" if len(dtypes) == 1 else "As stored",
                opened.stored_bytes,
                bits_in_words(opened.stored_bytes, opened.numbers),
                STORED,
            )
        ]
        for scheme in self.fields.schemes:
            size = opened.size_in(scheme)
            title = format_title(scheme.name) + (" + DQ" if scheme.double_quant else "")
            rows.append(SizeRow(title, size, bits_in_words(size, opened.numbers), format_color(scheme.name)))
        self.sizes.show_rows(rows)
        blocks = any(scheme.has_choice_of_blocks for scheme in self.fields.schemes)
        self.of_sizes.set_text(f"blocks of {grouped(self.fields.size)}" if blocks else "")

    def _choose(self, place: Place) -> None:
        self.map.choose(place)
        cell = self.errors.grid.cell(*place)
        self.table.follow(cell.names if cell else ())
        self._say_cell()

    def _choose_name(self, name: str) -> None:
        self.map.choose(self.errors.grid.find(name))
        self._say_cell()

    def _say_cell(self) -> None:
        place = self.map.place
        words = self.map.in_words(place) if place is not None else ""
        if not words and (self.map.grid.lines or self.map.grid.outside):
            words = "A click on a cell, or the arrows, tell what is lost there."
        self.cell.setText(words)

    # -- files --------------------------------------------------------------------------------------------------------

    def _export(self) -> None:
        """Asks where to, and writes all that was measured there."""
        dialog = QFileDialog(self.window(), "Export the errors", "quantized.csv", "Comma-separated values (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda name: self.write_csv(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write_csv(self, path: Path) -> None:
        """Writes a line for each matrix and format, and says how that went."""
        try:
            write_rows(path, self.errors.rows)
        except UserError as error:
            self.message.emit(str(error))
        else:
            self.message.emit(f"Written to {path}.")
