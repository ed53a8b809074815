"""The Model page: what to fine-tune, and in how many bits it is held."""

from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.tasks import run_task
from workbench.core import hub_cache, hub_models, ledger, model_shape, preflight
from workbench.core.model_shape import ModelShape
from workbench.core.problems import UserError
from workbench.core.python_lines import python_lines
from workbench.core.recipe import FOUR_BIT, settings
from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS, bits_per_weight
from workbench.panes.cards import Card, Tag
from workbench.panes.code_card import CodeCard
from workbench.panes.controls import ElidedLabel, button, label
from workbench.panes.form_rows import SettingRow, SettingRows
from workbench.panes.model_source import ModelSource
from workbench.panes.page import Disclosure, FormGroup, Page
from workbench.panes.precision_cards import CardFacts, PrecisionCards
from workbench.panes.rule_notice import RuleNotice
from workbench.panes.theme import Theme
from workbench.panes.weights_chart import WeightsChart

# Weights that take more than this share of what is free leave too little to train with.
TIGHT_SHARE = 0.8
SHOWN_HERE = ("model.double_quant", "model.compute_dtype", "model.int8_threshold")


class ModelPage(Page):
    """Chooses model, precision and compute type; says what each would take."""

    name = "model"
    title = "Model"
    sentence = "Choose what to fine-tune, and in how many bits it is held."
    icon = "cube"

    def __init__(self, store: RecipeStore, gpu: GpuWatch, theme: Theme, config: object = None) -> None:
        super().__init__(theme)
        del config  # recent models are those in the shared cache
        self._store = store
        self._gpu = gpu
        self.shape: ModelShape | None = None
        self._asked: dict[str, ModelShape] = {}
        self._read_source = ""
        self.tag = Tag(theme)
        self.header.add(self.tag)
        self._build_form()
        self._build_picture()
        store.changed.connect(self._store_changed)
        gpu.changed.connect(self._show_sizes)
        self._read()
        self._show()

    # -- building -----------------------------------------------------------------------------------------------------

    def _build_form(self) -> None:
        assert self.form is not None
        self.source = ModelSource(self.theme)
        self.source.chosen.connect(self._choose)
        self.source.wanted.connect(self._look_up)
        self.form.add_group(self.source)
        said = QWidget()
        layout = QVBoxLayout(said)
        layout.setContentsMargins(0, 0, 0, 0)
        head = QHBoxLayout()
        head.addWidget(label("What config.json says", "heading"))
        head.addStretch(1)
        self.family = label("", "fact")
        head.addWidget(self.family)
        layout.addLayout(head)
        self.facts = QGridLayout()
        self.facts.setHorizontalSpacing(8)
        self.facts.setVerticalSpacing(7)
        self.facts.setColumnStretch(1, 1)
        layout.addLayout(self.facts)
        self.form.add_group(said)
        self.rows = SettingRows(self._store, self.theme)
        more = Disclosure(self.theme, "More: revision, attention, device")
        group = FormGroup(self.theme, "Loading")
        self.rows.add(group, "model.revision", "model.attention", "model.device")
        group.hide()
        more.toggled.connect(group.setVisible)
        self.form.add_group(more)
        self.form.add_group(group)
        self.form.end()
        self.use = button("Use this model", self.theme, "arrow-right", "primary")
        self.use.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the words
        self.use.clicked.connect(lambda: self.go_to.emit("data"))
        self.form.action_bar.add(self.use, stretch=1)

    def _build_picture(self) -> None:
        gap = self.theme.size("space.card_gap")
        layout = QVBoxLayout(self.picture)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(gap)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("Precision of the frozen weights", "heading"))
        head.addWidget(label("fewer bits, less memory, more rounding", "small"))
        head.addStretch(1)
        layout.addLayout(head)
        self.cards = PrecisionCards(self.theme)
        self.cards.chosen.connect(self._choose_precision)
        layout.addWidget(self.cards)
        self.rule = RuleNotice(self._store, self.theme)
        layout.addWidget(self.rule)
        layout.addWidget(self._choices())
        lower = QHBoxLayout()
        lower.setSpacing(gap)
        chart_card = Card(self.theme, "Memory of the weights")
        chart_card.add_to_head(_legend(self.theme, "memory.weights", "quantized layers"))
        chart_card.add_to_head(_legend(self.theme, "memory.unquantized", "embeddings, head, norms"))
        self.chart = WeightsChart(self.theme)
        self.chart.chosen.connect(self._choose_precision)
        chart_card.body.addWidget(self.chart, 1)
        foot = QHBoxLayout()
        foot.addWidget(ElidedLabel("Training needs more than weights: adapters, activations, logits.", "small"), 1)
        link = button("See Memory", self.theme, kind="link")
        link.clicked.connect(lambda: self.go_to.emit("memory"))
        foot.addWidget(link)
        chart_card.body.addLayout(foot)
        self.code = CodeCard(self.theme)
        lower.addWidget(chart_card, 3)
        lower.addWidget(self.code, 2)
        layout.addLayout(lower, 1)

    def _choices(self) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        line = QHBoxLayout(card)
        line.setContentsMargins(14, 10, 14, 10)
        line.setSpacing(24)
        self._choice_help = {}
        for path in SHOWN_HERE:
            row = SettingRow(self._store, self.theme, path)
            self.rows.rows[path] = row
            part = QVBoxLayout()
            part.setSpacing(4)
            top = QHBoxLayout()
            top.addWidget(row.label, 1)
            top.addWidget(row)
            row.setMaximumWidth(self.theme.px({"model.double_quant": 40, "model.compute_dtype": 170}.get(path, 80)))
            part.addLayout(top)
            words = label(settings()[path].help, "fact", wraps=True)
            self._choice_help[path] = words
            part.addWidget(words)
            part.addStretch(1)
            line.addLayout(part, 1)
        return card

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Reads the shape of the recipe's model, where it is on this machine or has been asked for."""
        source = self._store.recipe.model.source
        self._read_source = source
        self.source.show_source(source)
        self.source.show_problem("")
        self.shape = None
        try:
            if source == "starter":
                self.shape = model_shape.starter()
                return
            folder = preflight.model_path(source) or hub_cache.snapshot(source, self._store.recipe.model.revision)
            if folder is not None:
                self.shape = model_shape.from_folder(folder)
            else:
                self.shape = self._asked.get(source)
        except UserError as error:
            self.source.show_problem(str(error))

    def shown_first(self) -> None:
        run_task(hub_models.cached, self.source.show_cached, lambda error: None, parent=self)

    def _look_up(self, model_id: str) -> None:
        if not model_id:
            self.source.show_problem("Write a model's id, such as org/name.")
            return
        self._choose(model_id)
        self.source.ask.setEnabled(False)
        self.source.ask.setText("Asking")
        revision = self._store.recipe.model.revision

        def done(shape: ModelShape) -> None:
            self._asked[model_id] = shape
            self._answered()
            if self._store.recipe.model.source == model_id and self.shape is None:
                self.shape = shape
                self._show()

        def failed(error: UserError) -> None:
            self._answered()
            self.source.show_problem(str(error))

        run_task(lambda: hub_models.look_up(model_id, revision), done, failed, parent=self)

    def _answered(self) -> None:
        self.source.ask.setEnabled(True)
        self.source.ask.setText("Look it up")

    # -- choosing -----------------------------------------------------------------------------------------------------

    def open_folder(self, path: Path) -> None:
        """Takes a model folder that was dropped on the window."""
        self._choose(str(path))

    def _choose(self, source: str) -> None:
        try:
            self._store.set("model.source", source)
        except UserError as error:
            self.source.show_problem(str(error))

    def _choose_precision(self, name: str) -> None:
        values: dict[str, Any] = {"model.precision": name}
        if name in ("fp16", "bf16"):
            values["model.compute_dtype"] = name  # half-precision weights are multiplied as they are stored
        self._store.set_many(values)

    # -- showing ------------------------------------------------------------------------------------------------------

    def _store_changed(self, paths: list[str]) -> None:
        if self._store.recipe.model.source != self._read_source or "model.revision" in paths:
            self._read()
        self._show()

    def _show(self) -> None:
        recipe, shape = self._store.recipe, self.shape
        self.cards.set_value(recipe.model.precision)
        self.chart.set_value(recipe.model.precision)
        self.code.show_code(python_lines(recipe, shape))
        self._show_choices()
        self._show_facts()
        self._show_sizes()
        if shape is not None and shape.is_local:
            self.tag.show_state("On this machine", "success")
        elif shape is not None or not self.source.problem.text():
            self.tag.show_state("Will be downloaded", "info", "download-simple")
        else:
            self.tag.show_state("Cannot be read", "danger")
        self.set_badge("ready" if shape is not None or not self.source.problem.text() else "")

    def _show_choices(self) -> None:
        recipe = self._store.recipe
        for path in SHOWN_HERE:
            row = self.rows.rows[path]
            # These keep their place: what does not apply is greyed, and says when it does.
            row.setVisible(True)
            row.label.setVisible(True)
            applies = recipe.applies(path)
            row.field.setEnabled(applies)
            words = settings()[path].help
            if not applies:
                names = [FORMATS[name].title for name in settings()[path].applies["model.precision"]]
                words = f"Applies to {' and '.join(names)} alone."
            elif path == "model.double_quant" and self.shape is not None and recipe.model.precision in FOUR_BIT:
                once = sum(ledger.weights_bytes(self.shape, recipe.model.precision, False))
                twice = sum(ledger.weights_bytes(self.shape, recipe.model.precision, True))
                words = f"{words} {bytes_in_words(once - twice)} less here."
            self._choice_help[path].setText(words)

    def _show_facts(self) -> None:
        while self.facts.count():
            item = self.facts.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        if self.shape is None:
            quiet = label("Known once the model is on this machine, or the Hub was asked.", "fact", wraps=True)
            self.facts.addWidget(quiet, 0, 0, 1, 2)
            self.family.setText("")
            return
        self.family.setText(f"{self.shape.family} family" if self.shape.family else "")
        for row, (name, strong, rest) in enumerate(model_shape.in_words(self.shape)):
            self.facts.addWidget(label(name, "label"), row, 0)
            line = QWidget()
            layout = QHBoxLayout(line)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(5)
            layout.addWidget(label(strong, "medium"))
            layout.addWidget(ElidedLabel(rest, "fact"), 1)
            self.facts.addWidget(line, row, 1)
        self.facts.setColumnMinimumWidth(0, self.theme.size("size.form_label"))

    def _show_sizes(self) -> None:
        recipe, shape = self._store.recipe, self.shape
        free, place = self._free()
        known = shape is not None and shape.parameters > 0
        sizes: dict[str, tuple[int, int]] = {}
        facts = {}
        for name in FORMATS:
            doubled = recipe.model.double_quant and name in FOUR_BIT
            bits = bits_per_weight(name, double_quant=doubled)
            if known and shape is not None:
                sizes[name] = ledger.weights_bytes(shape, name, doubled)
            size = sum(sizes.get(name, (0, 0)))
            facts[name] = CardFacts(size, bits, _verdict(size, free))
        self.cards.show_facts(facts)
        self.chart.show_sizes(sizes, free, f"{free / 1e9:.1f} GB free {place}" if sizes else "")
        chosen = facts[recipe.model.precision]
        where = "on the card" if self._gpu.cards else "in memory"
        size_words = f", {bytes_in_words(chosen.size_bytes)} {where}" if chosen.size_bytes else ""
        name = shape.name if shape is not None else recipe.model.source
        shown = name if len(name) < 36 else f"{name[:16]}…{name[-18:]}"
        assert self.form is not None
        self.form.action_bar.say(f"{shown} in {FORMATS[recipe.model.precision].title}{size_words}")

    def _free(self) -> tuple[int, str]:
        if self._gpu.cards:
            card = self._gpu.cards[0]
            return card.total_bytes - card.used_bytes + card.ours_bytes, "on this card"
        return int(psutil.virtual_memory().available), "in this machine"


def _verdict(size_bytes: int, free_bytes: int) -> str:
    if not size_bytes:
        return ""
    if size_bytes > free_bytes:
        return "too large"
    return "tight" if size_bytes > TIGHT_SHARE * free_bytes else "fits"


class _Mark(QWidget):
    def __init__(self, theme: Theme, color: str) -> None:
        super().__init__()
        self._theme, self._color = theme, color
        self.setFixedSize(theme.px(11), theme.px(11))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.color(self._color))


def _legend(theme: Theme, color: str, words: str) -> QWidget:
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    layout.addWidget(_Mark(theme, color))
    layout.addWidget(label(words, "small"))
    return made
