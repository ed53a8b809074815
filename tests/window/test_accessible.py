"""What a screen reader is told: of every control on every page, in every state, its name and what it is."""

from collections.abc import Callable

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QTableView,
    QTextEdit,
    QToolButton,
    QWidget,
)

from tests.window.states import every_state, stops
from workbench.core.recipe.recipe import settings
from workbench.panes.bits.line.number_line import NumberLine
from workbench.panes.bits.rows.strip import BitStrip
from workbench.panes.bits.weight.heat import HeatMap
from workbench.panes.charts.memory_bar import MemoryBar
from workbench.panes.data.lengths_chart import LengthsChart
from workbench.panes.data.seen.token_flow import TokenFlow
from workbench.panes.memory.bars import ScenarioBars
from workbench.panes.memory.curve import StepCurve
from workbench.panes.model.precision_cards import PrecisionCard
from workbench.panes.model.weights_chart import WeightsChart
from workbench.panes.parts.controls import Segment, Switch
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.form_rows import SettingRow
from workbench.panes.quantize.hand.lines import NumberLines
from workbench.panes.quantize.hand.table import StepsTable
from workbench.panes.quantize.layer.bytes import ByteStrip
from workbench.panes.quantize.layer.histogram import LevelHistogram
from workbench.panes.quantize.layer.map import BlockMap
from workbench.panes.quantize.outliers.map import OutlierMap
from workbench.panes.quantize.whole.map import ErrorMap
from workbench.panes.try_.strength.rows import StrengthRows
from workbench.panes.try_.tokens.flow import ScoreFlow
from workbench.window.main_window import MainWindow
from workbench.window.navigation import RailButton

Open = Callable[[], MainWindow]
Role = QAccessible.Role
# The first kind that fits is meant.
ROLES: tuple[tuple[tuple[type[QWidget], ...], Role], ...] = (
    ((BitStrip,), Role.SpinBox),
    ((RailButton, PrecisionCard, Segment), Role.RadioButton),
    ((Switch,), Role.CheckBox),
    ((QComboBox,), Role.ComboBox),
    ((QAbstractSpinBox,), Role.SpinBox),
    ((QSlider,), Role.Slider),
    ((QLineEdit, QPlainTextEdit, QTextEdit), Role.EditableText),
    ((QTableView,), Role.Table),
    ((QListView,), Role.List),
    ((ScenarioBars, StepCurve), Role.Chart),
    ((MemoryBar, WeightsChart, NumberLine, HeatMap, QGraphicsView), Role.Chart),
    ((TokenFlow, LengthsChart, ScoreFlow, StrengthRows), Role.Chart),
    ((NumberLines, StepsTable, LevelHistogram, BlockMap, ByteStrip, ErrorMap, OutlierMap), Role.Chart),
)


def role_of(control: QWidget) -> Role:
    for kinds, role in ROLES:
        if isinstance(control, kinds):
            return role
    assert isinstance(control, QAbstractButton), control
    if isinstance(control, QPushButton | QToolButton) and control.menu() is not None:
        return Role.ButtonMenu
    return Role.CheckBox if control.isCheckable() else Role.Button


def test_that_every_control_has_its_name_and_its_role_in_every_state(open_window: Open) -> None:
    window = open_window()
    window.resize(1366, 738)
    wrong: dict[str, str] = {}
    seen = 0
    for state in every_state(window):
        for control in stops(window):
            told = QAccessible.queryAccessibleInterface(control)
            name, role = told.text(QAccessible.Text.Name), told.role()
            seen += 1
            if not name.strip() or role != role_of(control):
                wrong[f"{type(control).__name__} {control.objectName()} {name!r} {role}"] = state
    assert wrong == {}
    assert seen > 200


def test_that_a_setting_is_called_by_its_title_and_its_value_told_apart(open_window: Open) -> None:
    window = open_window()
    window.show_page("train")
    named = [row for row in window.pages["train"].findChildren(SettingRow) if isinstance(row.field, ChoiceBox)]
    assert len(named) >= 3
    for row in named:
        told = QAccessible.queryAccessibleInterface(row.field)
        assert told.text(QAccessible.Text.Name) == settings()[row.path].title
        assert told.text(QAccessible.Text.Value) == row.field.currentText()
        assert told.text(QAccessible.Text.Description) == row.setting.help


def test_that_a_choice_among_several_says_whether_it_is_the_chosen_one(open_window: Open) -> None:
    window = open_window()
    for page in ("data", "model"):
        window.show_page(page)
        for made in window.pages[page].findChildren(Segment):
            told = QAccessible.queryAccessibleInterface(made)
            assert bool(told.state().checked) == made.isChecked()
            assert told.state().checkable
    segment = next(made for made in window.pages["data"].findChildren(Segment) if not made.isChecked())
    window.show_page("data")
    QAccessible.queryAccessibleInterface(segment).actionInterface().doAction("Press")
    assert segment.isChecked()
