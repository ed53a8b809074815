"""The Memory page's form: the model, and what the chosen row does with it on which card."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.bridge.gpu_watch import GpuWatch
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import FOUR_BIT, QUANTIZED, settings
from workbench.core.units import count_in_words
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.memory.card import CardGroup
from workbench.panes.memory.model import MemoryModel
from workbench.panes.memory.sizes import SizesGroup, sizes_title
from workbench.panes.memory.source import ModelChoice, add_choice_row
from workbench.panes.memory.words import fine
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import Segmented, Switch, breakable, label
from workbench.panes.parts.fields import ChoiceBox, IntegerField, put_fact
from workbench.panes.parts.form_rows import choice_in_words
from workbench.panes.parts.page import FormColumn, FormGroup

# What most people choose from; another one of a recipe is added.
OPTIMIZERS = (
    "adamw_torch_fused", "adamw_8bit", "paged_adamw_32bit", "paged_adamw_8bit", "lion_32bit", "lion_8bit", "adafactor",
    "sgd",
)  # fmt: skip
PRECISIONS = ("fp32", "fp16", "bf16", "int8", "nf4", "fp4")


class _Saving(QWidget):
    """A switch with what it saves."""

    def __init__(self, theme: Theme, name: str, tip: str) -> None:
        super().__init__()
        self.switch = Switch(theme)
        self.switch.setAccessibleName(name)
        self.switch.setToolTip(tip)
        self.words = label("", "fact")
        in_row(self.switch, (self.words, 1), gap=6, of=self)

    def say(self, words: str) -> None:
        self.words.setText(words)
        self.switch.setAccessibleDescription(words)


class MemoryForm:
    """Rows of the chosen way; each change goes to the model, and what is true there comes back."""

    def __init__(self, theme: Theme, model: MemoryModel, gpu: GpuWatch, column: FormColumn) -> None:
        self._model = model
        self._theme = theme
        self.source = ModelChoice(theme)
        self.sizes = SizesGroup(theme)
        self.card = CardGroup(model, gpu, theme)
        self.about = self._model_group()
        self.training = self._training_group()
        for group in (self.about, self.sizes, self.training, self.card.group):
            column.add_group(group)
        column.end()
        self.sizes.hide()
        self.source.read.connect(model.show_model)
        self.source.sizes_wanted.connect(self._show_sizes)
        self.sizes.read.connect(lambda shape: model.show_model(shape, sizes_title(shape), ""))
        model.changed.connect(self.refresh)
        self.refresh()

    # -- groups --------------------------------------------------------------------------------------------------------

    def _model_group(self) -> FormGroup:
        theme, group = self._theme, FormGroup(self._theme, "Model")
        add_choice_row(group, self.source)
        self.method = Segmented([("full", "Full"), ("lora", "LoRA")], "Method")
        self.method.setToolTip("All weights, or an adapter beside them that stand still")
        self.method.chosen.connect(lambda value: self._change({"lora.enabled": value == "lora"}))
        self._add(group, "Method", self.method)
        self.precision = ChoiceBox(theme)
        for name in PRECISIONS:
            self.precision.addItem(FORMATS[name].title, name)
        self._wire(self.precision, "model.precision")
        self._add(group, "Precision", self.precision)
        self.double = _Saving(theme, "Double quantization", _help("model.double_quant"))
        self.double.switch.clicked.connect(lambda on: self._change({"model.double_quant": on}))
        self._add(group, "Double quant.", self.double)
        return group

    def _training_group(self) -> FormGroup:
        theme, group = self._theme, FormGroup(self._theme, "Training")
        self.together = Switch(theme, "")
        self.together.setAccessibleName("Batch and sequence the same in every row")
        self.together.setToolTip("Whether a change of batch or sequence goes to every row, or to the chosen one alone")
        self.together.setChecked(self._model.go_together)
        self.together.clicked.connect(self._model.set_together)
        head = group.layout().itemAt(0).layout()  # type: ignore[union-attr]
        assert isinstance(head, QHBoxLayout)
        group.fact.setText("tokens the same in every row")
        head.addWidget(self.together)
        self.rank = self._spin("lora.rank")
        self.batch = self._spin("training.batch_size")
        self.sequence = self._spin("training.max_length")
        put_fact(self.sequence, "tokens")
        self._add(group, "Rank", self.rank)
        self._add(group, "Batch", self.batch)
        self._add(group, "Sequence", self.sequence)
        self.optimizer = ChoiceBox(theme)
        for name in OPTIMIZERS:
            self.optimizer.addItem(choice_in_words(name), name)
        self._wire(self.optimizer, "training.optimizer")
        self._add(group, "Optimizer", self.optimizer)
        self.recompute = _Saving(theme, "Gradient checkpointing", _help("training.gradient_checkpointing"))
        self.recompute.switch.clicked.connect(lambda on: self._change({"training.gradient_checkpointing": on}))
        self._add(group, "Recompute", self.recompute)
        self.tiles = _Saving(
            theme,
            "Logits in tiles",
            "This program's trainer makes the logits in tiles on a card; off, they are whole, as other trainers' are",
        )
        self.tiles.switch.clicked.connect(self._model.set_tiles)
        self._add(group, "Logits in tiles", self.tiles)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        group.add_wide(self.problem)
        return group

    def _add(self, group: FormGroup, words: str, field: QWidget) -> None:
        group.add_row(label(words, "label"), field)

    def _wire(self, box: ChoiceBox, path: str) -> None:
        box.setAccessibleName(settings()[path].title)
        box.setToolTip(_help(path))
        box.activated.connect(lambda row: self._change({path: box.itemData(row)}))

    def _spin(self, path: str) -> IntegerField:
        declared = settings()[path]
        spin = IntegerField()
        spin.setRange(int(declared.minimum or 1), int(declared.maximum or 1))
        spin.setAccessibleName(declared.title)
        spin.setToolTip(declared.help)
        spin.valueChanged.connect(lambda value: self._change({path: value}))
        return spin

    # -- both ways -----------------------------------------------------------------------------------------------------

    def _change(self, changes: dict[str, Any]) -> None:
        try:
            self._model.change(changes)
        except UserError as error:
            self.problem.setText(breakable(str(error)))
            self.problem.show()

    def _show_sizes(self, is_wanted: bool) -> None:
        self.sizes.setVisible(is_wanted)
        if is_wanted and self._model.shape is not None:
            self.sizes.fill(self._model.shape)

    def refresh(self) -> None:
        """Shows the chosen row."""
        model, recipe, shape = self._model, self._model.recipe, self._model.shape
        unit = model.unit
        known = f"{shape.layers} layers, {count_in_words(shape.parameters)}" if shape is not None else ""
        self.about.fact.setText(known)
        is_lora = recipe.lora.enabled
        self.method.set_value("lora" if is_lora else "full")
        _show(self.precision, recipe.model.precision)
        for row, name in enumerate(PRECISIONS):
            item = self.precision.model().item(row)  # type: ignore[attr-defined]
            item.setToolTip("" if is_lora or name not in QUANTIZED else "Trains an adapter: LoRA")
        is_four = recipe.model.precision in FOUR_BIT
        self.double.switch.setChecked(recipe.model.double_quant and is_four)
        self.double.switch.setEnabled(is_four)
        saved = model.saved_bytes("model.double_quant") if is_four else 0
        self.double.say(_saves(saved, unit, is_on=recipe.model.double_quant) if is_four else "of 4-bit weights")
        for spin, value in (
            (self.rank, recipe.lora.rank),
            (self.batch, recipe.training.batch_size),
            (self.sequence, recipe.training.max_length),
        ):
            spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(False)
        self.rank.setEnabled(is_lora)
        targets = recipe.lora.targets
        fact = "all linear" if targets == ("all-linear",) else f"{len(targets)} layers"
        put_fact(self.rank, fact if is_lora else "no adapter")
        put_fact(self.batch, "row" if recipe.training.batch_size == 1 else "rows")
        _show(self.optimizer, recipe.training.optimizer, choice_in_words(recipe.training.optimizer))
        is_on = recipe.training.gradient_checkpointing
        self.recompute.switch.setChecked(is_on)
        self.recompute.say(_saves(model.saved_bytes("training.gradient_checkpointing"), unit, is_on=is_on))
        is_card = model.card.device == "cuda"
        self.tiles.switch.setChecked(model.in_tiles and is_card)
        self.tiles.switch.setEnabled(is_card)
        saved = model.tiles_save_bytes() if is_card else 0
        self.tiles.say(_saves(saved, unit, is_on=model.in_tiles) if is_card else "on a card alone")
        self.together.setChecked(model.go_together)
        self.problem.hide()


def _saves(saved_bytes: int, unit: str, *, is_on: bool) -> str:
    """ "saves 0.31 GB"."""
    if saved_bytes < 0:
        return f"costs {fine(-saved_bytes, unit)} {unit}"
    if not saved_bytes:
        return "changes no peak"
    return f"{'saves' if is_on else 'would save'} {fine(saved_bytes, unit)} {unit}"


def _show(box: ChoiceBox, value: str, words: str = "") -> None:
    if box.findData(value) < 0:
        box.addItem(words or value, value)
    box.setCurrentIndex(box.findData(value))


def _help(path: str) -> str:
    return settings()[path].help
