"""The settings that belong to a precision: double quantization, compute type, outlier threshold."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.memory import ledger
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import FOUR_BIT, settings
from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS, bits_per_weight
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.form_rows import SettingRow

DOUBLE_QUANT, COMPUTE, THRESHOLD = "model.double_quant", "model.compute_dtype", "model.int8_threshold"
# Widths of the fields and shares of the columns, as drawn.
FIELDS = {DOUBLE_QUANT: (40, 285), COMPUTE: (156, 280), THRESHOLD: (64, 210)}


class PrecisionSettings(QFrame):
    """A card of three settings, each with a sentence; what does not apply is greyed and keeps its place."""

    def __init__(self, store: RecipeStore, theme: Theme) -> None:
        super().__init__()
        self._store = store
        self._theme = theme
        self._shape: ModelShape | None = None
        self.setProperty("role", "card")
        self.rows: dict[str, SettingRow] = {}
        self.words: dict[str, _Words] = {}
        self._is_narrow = False
        self._tops: list[QHBoxLayout] = []
        self._columns = in_row(*((self._column(path), share) for path, (_, share) in FIELDS.items()), of=self)
        store.changed.connect(self._changed)
        theme.follow(self._restyle)
        self._show()

    def _column(self, path: str) -> QVBoxLayout:
        row = SettingRow(self._store, self._theme, path, stays=True)
        words = _Words(_possible(path))
        self.rows[path], self.words[path] = row, words
        top = in_row((row.label, 1), row, gap=8)
        self._tops.append(top)
        row.problem.installEventFilter(self)
        # A problem wraps over the whole column, in the place of the sentence.
        return in_column(top, words, row.problem, 1, gap=4)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._show_words()
        return super().eventFilter(watched, event)

    def _show_words(self) -> None:
        for path, row in self.rows.items():
            self.words[path].setVisible(row.problem.isHidden() and not self._is_narrow)

    def set_narrow(self, is_narrow: bool) -> None:
        """In little width the fields stand below their words, and the tooltips alone have the sentences."""
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            directions = QHBoxLayout.Direction
            for top in self._tops:
                top.setDirection(directions.TopToBottom if is_narrow else directions.LeftToRight)
            self._restyle()
            self._show_words()

    def show_shape(self, shape: ModelShape | None) -> None:
        """Takes the model that the sentences speak of."""
        self._shape = shape
        self._show()

    def _changed(self, paths: list[str]) -> None:
        for path, row in self.rows.items():
            if path in paths:
                row.refresh()
        self._show()

    def _show(self) -> None:
        recipe = self._store.recipe
        for path, row in self.rows.items():
            row.show_problems(self._store.problems)
            applies = recipe.applies(path)
            row.field.setEnabled(applies)
            row.label.setEnabled(applies)
            row.label.words.setEnabled(applies)
            if not applies:
                self.words[path].setText(_applies_to(path))
            elif path == DOUBLE_QUANT:
                self.words[path].setText(_doubled(self._shape, recipe.model.precision))
            else:
                self.words[path].setText(_first(path))

    def _restyle(self) -> None:
        px = self._theme.px
        self._columns.setContentsMargins(px(14), px(9), px(14), px(8))
        self._columns.setSpacing(px(24))
        for top in self._tops:
            top.setSpacing(0 if self._is_narrow else 8)
        for path, (width, _) in FIELDS.items():
            self.rows[path].setFixedWidth(px(width))
            self.rows[path].label.setMinimumHeight(self._theme.size("size.control"))


class _Words(QLabel):
    """A sentence that keeps room for the longest it may have to say."""

    def __init__(self, possible: Sequence[str]) -> None:
        super().__init__()
        self._possible = possible
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setProperty("role", "fact")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reserve()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._reserve()

    def _reserve(self) -> None:
        box, flags = self.rect(), int(Qt.TextFlag.TextWordWrap)
        box.setHeight(1000)
        heights = (self.fontMetrics().boundingRect(box, flags, text).height() for text in self._possible)
        highest = max(heights)
        if highest != self.minimumHeight():
            self.setMinimumHeight(highest)


def _first(path: str) -> str:
    """The first clause of a setting's help: the tooltip has all of it."""
    return settings()[path].help.partition(";")[0].rstrip(".") + "."


def _applies_to(path: str) -> str:
    names = [FORMATS[name].title for name in settings()[path].applies["model.precision"]]
    return f"Applies to {' and '.join(names)} alone."


def _doubled(shape: ModelShape | None, precision: str) -> str:
    once, twice = bits_per_weight(precision), bits_per_weight(precision, double_quant=True)
    words = f"Quantizes the absmax constants too: {once:g} becomes {twice:.4g} bits a weight"
    if shape is None or not shape.linear_parameters:
        return f"{words}."
    saved = ledger.weights_bytes(shape, precision, False)[0] - ledger.weights_bytes(shape, precision, True)[0]
    return f"{words}, {bytes_in_words(saved)} less here."


def _possible(path: str) -> list[str]:
    if path == DOUBLE_QUANT:
        return [_doubled(None, FOUR_BIT[0]) + " 0.00 GB less here.", _applies_to(path)]
    return [_first(path), _applies_to(path)] if settings()[path].applies else [_first(path)]
