"""A layer as quantization sees it: its weights and the levels, the errors, the blocks, and one block's bytes."""

from pathlib import Path

from workbench.bridge.tasks import run_task
from workbench.core.model.families.known import first_weights
from workbench.core.model.stored_tensor import StoredTensor, open_tensors
from workbench.core.problems import UserError
from workbench.core.quantized.layer_study import LayerStudy
from workbench.core.quantized.tensor import why_not
from workbench.core.quantized.tensor_facts import TensorFacts
from workbench.core.units import grouped
from workbench.numerics.quantization_scheme import Scheme
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Card
from workbench.panes.parts.lab_view import LabView
from workbench.panes.quantize.layer.cards import BlockCard, HistogramCard, MapCard
from workbench.panes.quantize.layer.errors import ErrorRow, ErrorTable
from workbench.panes.quantize.layer.form import FormatGroup, ShowGroup, TensorGroup
from workbench.panes.quantize.layer.reader import LayerReader

EMPTY = "Choose a model at the left, or find a folder or a safetensors file: its weights will be drawn here."
NO_MODEL = "No model is kept on this machine yet. Find a model folder or a safetensors file at the left."
# Of the height: the histogram, errors with map, the block.
SHARES, WIDE_SHARES = (43, 40, 20), (40, 34, 34)


class LayerView(LabView):
    """A tensor of a model folder in a format, without torch and without more of it in memory than is looked at."""

    name = "layer"
    title = "A layer"

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._tensor: StoredTensor | None = None
        self._study: LayerStudy | None = None
        self._facts: dict[Scheme, TensorFacts] = {}
        self._is_estimate = False  # of the first rows of a large tensor
        self._place: int | None = None  # a weight of the opened block
        self.reader = LayerReader(self)
        self.reader.studied.connect(self._take_study)
        self.reader.measured.connect(self._take_facts)
        self.reader.opened.connect(lambda opened: self.block_card.show_group(opened))
        self.reader.failed.connect(self._fail)
        self._make_form()
        self._lay_out()
        self._show_tensor(None)

    def _make_form(self) -> None:
        self.tensors = TensorGroup(self.theme)
        self.formats = FormatGroup(self.theme)
        self.shown = ShowGroup(self.theme)
        for group in (self.tensors, self.formats, self.shown):
            self.form.add_group(group)
        self.form.rows.setStretchFactor(self.tensors, 1)
        self.form.action_bar.hide()
        self.tensors.model.picked.connect(self._open)
        self.tensors.list.picked.connect(self._show_tensor)
        self.formats.changed.connect(self._show_scheme)
        self.shown.bands_changed.connect(lambda has_bands: self.histogram_card.show_bands(has_bands))
        self.shown.comparison_changed.connect(lambda _schemes: self._compare())

    def _lay_out(self) -> None:
        theme = self.theme
        self.histogram_card = HistogramCard(theme)
        self.error_card = Card(theme, "Error by format", "this tensor")
        self.errors = ErrorTable(theme)
        self.errors.picked.connect(self._pick_scheme)
        self.error_card.set_margins(1, 0, 1, 4)
        self.error_card.body.addWidget(self.errors)
        self.map_card = MapCard(theme)
        self.map_card.map.chosen.connect(self._choose_group)
        self.block_card = BlockCard(theme)
        self._middle = in_row((self.error_card, 6), (self.map_card, 4))
        self._column = in_column(self.histogram_card, self._middle, self.block_card, of=self)
        self.arranged()
        theme.follow(self._restyle)

    def arranged(self) -> None:
        """Where there is more room the block gets a second line of bytes."""
        for place, share in enumerate(WIDE_SHARES if self.is_wide else SHARES):
            self._column.setStretch(place, share)

    def _restyle(self) -> None:
        keep_edge(self._column, self.theme)
        self._middle.setSpacing(self.theme.size("space.card_gap"))

    # -- which tensor -------------------------------------------------------------------------------------------------

    def shown_first(self) -> None:
        self.tensors.model.look_around()

    def open_source(self, path: Path) -> None:
        """Shows the tensors of a model folder or of a safetensors file."""
        self.tensors.model.open(path)

    def _open(self, path: Path | None) -> None:
        if path is None:
            self.histogram_card.say(NO_MODEL)
            return

        def take_tensors(tensors: list[StoredTensor]) -> None:
            if path == self.tensors.model.path:
                self.tensors.show_tensors(tensors)
                first = _first_of(list(self.tensors.list.tensors) or tensors)
                self.tensors.list.show_chosen(first)
                self._show_tensor(first)

        def fail(error: UserError) -> None:
            if path == self.tensors.model.path:
                self.tensors.show_tensors([])
                self._show_tensor(None)
                self.tensors.model.say(error)

        run_task(lambda: open_tensors(path), take_tensors, fail, parent=self)

    def _show_tensor(self, tensor: StoredTensor | None) -> None:
        self.reader.give_up()
        self._tensor, self._place = tensor, None
        self._facts, self._is_estimate = {}, False
        problem = EMPTY if tensor is None else why_not(tensor)
        if tensor is None or problem:
            self._clear(problem)
            return
        if self._study is None:
            self.histogram_card.say("Reading the weights \u2026")
        self.reader.study(tensor, self.formats.scheme)
        self._compare()

    def _clear(self, notice: str) -> None:
        """Nothing but a sentence."""
        self._study = None
        self.histogram_card.say(notice)
        self.map_card.show_study(None)
        self.errors.show_rows([], None)
        self.error_card.scope.setText("")
        self.block_card.show_group(None)

    def _fail(self, error: UserError) -> None:
        self.reader.give_up()
        self._facts = {}
        self._clear(str(error))

    # -- in which format ----------------------------------------------------------------------------------------------

    def _pick_scheme(self, scheme: Scheme) -> None:
        self.formats.show_scheme(scheme)
        self._show_scheme(scheme)

    def _show_scheme(self, scheme: Scheme) -> None:
        if self._tensor is not None and not why_not(self._tensor):
            self.reader.study(self._tensor, scheme)
            self._compare()

    def _compared(self) -> list[Scheme]:
        """Those that are ticked, in blocks of the chosen size, with the chosen one among them."""
        chosen = self.formats.scheme
        size = chosen.block_size if chosen.has_choice_of_blocks else None
        ticked = [
            scheme.with_blocks(size, double_quant=scheme.double_quant) if scheme.has_choice_of_blocks else scheme
            for scheme in self.shown.compare.schemes
        ]
        if chosen in ticked:
            return ticked
        alike = [place for place, scheme in enumerate(ticked) if scheme.name == chosen.name]
        place = alike[-1] + 1 if alike else len(ticked)
        return [*ticked[:place], chosen, *ticked[place:]]

    def _compare(self) -> None:
        """Measures what is not known yet."""
        tensor, schemes = self._tensor, self._compared()
        if tensor is None or why_not(tensor):
            return
        missing = [scheme for scheme in schemes if scheme not in self._facts]
        if missing or self._is_estimate:
            self.reader.measure(tensor, schemes if self._is_estimate else missing)
        self._show_errors(waits=bool(missing))

    def _show_errors(self, *, waits: bool) -> None:
        """While figures are missing, those of before stay: of the same tensor they are not far off."""
        rows = [ErrorRow(scheme, self._facts.get(scheme)) for scheme in self._compared()]
        if waits and self._facts and len(rows) == len(self.errors.rows):
            return
        self.errors.show_rows(rows, self.formats.scheme)

    # -- what was found out -------------------------------------------------------------------------------------------

    def _take_study(self, study: LayerStudy) -> None:
        self._study = study
        so_far = self._so_far(study)
        self.histogram_card.show_study(study)
        self.map_card.show_study(study, so_far)
        if so_far:
            self.map_card.map.choose(0)
            self.block_card.show_group(None)
            return
        if self._place is None:
            usual = study.groups // 2  # the largest is not typical
            self._place = int(study.absmax.argpartition(usual)[usual]) * study.group_size
        index = min(self._place // study.group_size, study.groups - 1)
        self.map_card.map.choose(index)
        self.reader.open(study, index)

    def _so_far(self, study: LayerStudy) -> str:
        """What of a large tensor has been read while the rest is; nothing where all has."""
        if self._tensor is None or study.tensor.numbers == self._tensor.numbers:
            return ""
        rows = self._tensor.numbers // self._tensor.row_length
        return f"the first {grouped(study.rows)} of {grouped(rows)} rows so far"

    def _take_facts(self, facts: list[TensorFacts]) -> None:
        tensor = self._tensor
        if tensor is None:
            return
        self._is_estimate = bool(facts) and facts[0].shape != tensor.shape
        self._facts.update({fact.scheme: fact for fact in facts})
        self.error_card.scope.setText("its first rows so far" if self._is_estimate else "this tensor")
        self._show_errors(waits=False)

    def _choose_group(self, index: int) -> None:
        if self._study is not None and not self._so_far(self._study):
            self._place = index * self._study.group_size
            self.reader.open(self._study, index)


def _first_of(tensors: list[StoredTensor]) -> StoredTensor:
    fitting = [tensor for tensor in tensors if not why_not(tensor) and len(tensor.shape) > 1]
    for ending in ("mlp.gate_proj.weight", *first_weights()):
        for tensor in fitting:
            if tensor.name.endswith(ending):
                return tensor
    return next(iter(fitting), tensors[0])
