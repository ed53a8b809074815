"""The dialog that chooses the rows of the Bits page, their order, and formats of one's own."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from workbench.numerics.format_text import read_format
from workbench.numerics.named_formats import NUMBER_FORMATS, UINT8
from workbench.numerics.neighbours import limits_of, wasted_codes
from workbench.numerics.number import Number
from workbench.numerics.number_format import FormatError, NumberFormat
from workbench.panes.bits.shown.model import USUAL_FORMATS, BitsModel
from workbench.panes.bits.shown.words import value_text
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Switch, button, icon_button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox

SLUG = int(Qt.ItemDataRole.UserRole)
# What a kind of format is described by: key of numerics.format_text, words, what stands there at first.
KINDS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "float": (
        "Floating point",
        (("exponent", "Exponent bits", "4"), ("fraction", "Fraction bits", "3"), ("bias", "Bias", "")),
    ),
    "twos": ("Two's complement", (("exponent", "Exponent bits", "6"), ("mantissa", "Mantissa bits", "10"))),
    "integer": ("Integer", (("bits", "Bits", "8"), ("scale", "Scale", "1/127"), ("zero", "Zero point", "0"))),
    "nf4": ("NF4", (("absmax", "Absmax", "1"),)),
    "fp4": ("FP4 of bitsandbytes", (("absmax", "Absmax", "1"),)),
}
SPECIALS = (("ieee", "Infinities and NaNs"), ("nan", "One NaN"), ("none", "Numbers only"))


class RowsDialog(QDialog):
    """Ticks are rows; what is changed here is seen at once, and undone like any other change."""

    def __init__(self, theme: Theme, model: BitsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self._known: dict[str, NumberFormat] = {}
        self.setWindowTitle("Rows")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setAccessibleName("Formats, ticked where they are shown")
        self.list.setProperty("role", "ticks")
        self.list.itemChanged.connect(self._apply)
        self.up = icon_button("Move up", theme, "caret-up")
        self.down = icon_button("Move down", theme, "caret-down")
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.standard = button("The usual rows", theme, kind="flat")
        self.standard.clicked.connect(self._take_standard)
        below = in_row(self.up, self.down, 1, self.standard)
        framed = QFrame()
        framed.setProperty("role", "card")
        in_column(self.list, margins=(4, 4, 4, 4), of=framed)
        left = in_column(label("Rows", "heading"), (framed, 1), below, gap=6)
        self.maker = FormatMaker(theme)
        self.maker.made.clicked.connect(self._make)
        columns = in_row((left, 1), (self.maker, 1), gap=24)
        done = button("Done", theme, kind="primary")
        done.clicked.connect(self.accept)
        in_column((columns, 1), in_row(1, done), gap=12, margins=(18, 16, 18, 14), of=self)
        self.resize(theme.px(640), theme.px(440))
        self._fill()

    def _fill(self) -> None:
        """The rows in their order, then what else there is."""
        rows = self._model.formats
        others = [*NUMBER_FORMATS.values(), UINT8, *self._model.own]
        shown = {format_.slug for format_ in rows}
        entries = rows + [format_ for format_ in others if format_.slug not in shown]
        self._known = {format_.slug: format_ for format_ in entries}
        chosen = self.list.currentRow()
        self.list.blockSignals(True)
        self.list.clear()
        for format_ in self._known.values():
            item = QListWidgetItem(format_.name)
            item.setData(SLUG, format_.slug)
            item.setSizeHint(QSize(0, self._theme.px(25)))
            item.setToolTip(plain_tip(format_.title or f"{format_.bits} bits"))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if format_.slug in shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setCurrentRow(max(0, chosen))

    def ticked(self) -> list[NumberFormat]:
        items = [self.list.item(index) for index in range(self.list.count())]
        return [self._known[item.data(SLUG)] for item in items if item.checkState() == Qt.CheckState.Checked]

    def _apply(self, item: QListWidgetItem | None = None) -> None:
        formats = self.ticked()
        if formats:
            self._model.set_formats(formats)
        elif item is not None:
            item.setCheckState(Qt.CheckState.Checked)  # the last row stays

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        target = row + by
        if row < 0 or not 0 <= target < self.list.count():
            return
        self.list.blockSignals(True)
        self.list.insertItem(target, self.list.takeItem(row))
        self.list.blockSignals(False)
        self.list.setCurrentRow(target)
        self._known = {self.list.item(at).data(SLUG): self._known[self.list.item(at).data(SLUG)]
                       for at in range(self.list.count())}  # fmt: skip
        self._apply()

    def _take_standard(self) -> None:
        self._model.set_formats(USUAL_FORMATS)
        self._fill()

    def _make(self) -> None:
        format_ = self.maker.format()
        if format_ is not None:
            self._model.add_format(format_)
            self._fill()


class FormatMaker(QWidget):
    """The fields of a format of one's own; what it would be is said below while they are typed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.name = QLineEdit("Mine")
        self.kind = ChoiceBox(theme)
        for key, (words, _) in KINDS.items():
            self.kind.addItem(words, key)
        self.specials = ChoiceBox(theme)
        for key, words in SPECIALS:
            self.specials.addItem(words, key)
        self.subnormals = Switch(theme)
        self.subnormals.setChecked(True)
        self.sign = Switch(theme)
        self.sign.setChecked(True)
        self.fields: dict[str, QLineEdit] = {}
        self._labels: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, theme.size("size.form_label"))
        self._grid.setColumnStretch(1, 1)
        self._add("name", "Name", self.name)
        self._add("kind", "Kind", self.kind)
        for key in ("exponent", "fraction", "mantissa", "bias", "bits", "scale", "zero", "absmax"):
            field = QLineEdit()
            field.textEdited.connect(self._refresh)
            self.fields[key] = field
            self._add(key, "", field)
        self.fields["bias"].setPlaceholderText("2^(bits-1) - 1")
        self._add("specials", "Largest exponent", self.specials)
        self._add("subnormals", "Subnormals", self.subnormals)
        self._add("sign", "Sign", self.sign)
        self.words = label("", "small", wraps=True)
        self.made = button("Add as a row", theme, "plus")
        in_column(
            label("A format of your own", "heading"),
            self._grid,
            self.words,
            1,
            (self.made, 0, Qt.AlignmentFlag.AlignLeft),
            gap=6,
            of=self,
        )
        self.kind.currentIndexChanged.connect(self._choose_kind)
        self.specials.currentIndexChanged.connect(self._refresh)
        self.name.textEdited.connect(self._refresh)
        self.subnormals.toggled.connect(self._refresh)
        self.sign.toggled.connect(self._refresh)
        self._choose_kind()

    def _add(self, key: str, words: str, field: QWidget) -> None:
        row = self._grid.rowCount()
        made = label(words, "label")
        self._labels[key] = made
        field.setAccessibleName(words)
        self._grid.addWidget(made, row, 0)
        self._grid.addWidget(field, row, 1)

    def _choose_kind(self) -> None:
        kind = str(self.kind.currentData())
        asked = {key: (words, first) for key, words, first in KINDS[kind][1]}
        for key, field in self.fields.items():
            field.setVisible(key in asked)
            self._labels[key].setVisible(key in asked)
            if key in asked:
                words, first = asked[key]
                self._labels[key].setText(words)
                field.setAccessibleName(words)
                field.setText(first)
        for key, widget in (("specials", self.specials), ("subnormals", self.subnormals)):
            widget.setVisible(kind == "float")
            self._labels[key].setVisible(kind == "float")
        self.sign.setVisible(kind in ("float", "integer"))
        self._labels["sign"].setVisible(kind in ("float", "integer"))
        self._refresh()

    def description(self) -> str:
        """As numerics.format_text reads it."""
        kind = str(self.kind.currentData())
        parts = [kind]
        for key, _, _ in KINDS[kind][1]:
            text = self.fields[key].text().strip()
            if text or key != "bias":
                parts.append(f"{key}={text}")
        if kind == "float":
            parts.append(f"specials={self.specials.currentData()}")
            parts.append(f"subnormals={'yes' if self.subnormals.isChecked() else 'no'}")
            parts.append(f"sign={'yes' if self.sign.isChecked() else 'no'}")
        if kind == "integer":
            parts.append(f"signed={'yes' if self.sign.isChecked() else 'no'}")
        return ":".join(parts)

    def format(self) -> NumberFormat | None:
        """None where it cannot be."""
        try:
            return read_format(self.name.text().strip(), self.description())
        except FormatError:
            return None

    def _refresh(self) -> None:
        try:
            format_ = read_format(self.name.text().strip(), self.description())
        except FormatError as error:
            self._show_words(str(error), is_problem=True)
            return
        ends, wasted = limits_of(format_), wasted_codes(format_)
        lowest, largest = value_text(Number.of(ends.lowest), 10), value_text(Number.of(ends.largest), 10)
        smallest = value_text(Number.of(ends.smallest), 10)
        spare = f" {wasted} codes say nothing new." if wasted else ""
        self._show_words(
            f"{format_.bits} bits, {format_.value_count} values from {lowest} to {largest}; "
            f"the smallest above zero is {smallest}.{spare}",
            is_problem=False,
        )

    def _show_words(self, text: str, *, is_problem: bool) -> None:
        polish(self.words, role="problem" if is_problem else "small")
        self.words.setText(text)
        self.made.setEnabled(not is_problem)
