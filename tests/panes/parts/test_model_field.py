"""The field for a model: what is kept on this machine is offered, what is found is opened, what is wrong is said."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.panes.shown import forget
from tests.tensors import bf16, write_model
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.model.kept import kept_models
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.model_field import ModelField, add_model_row
from workbench.panes.parts.page import FormGroup

LONG = "a-very-long-name-of-a-model-that-does-not-fit-anywhere-at-all"


def keep(home: Path, *names: str) -> list[Path]:
    (home / "models").mkdir(parents=True, exist_ok=True)
    return [write_model(home / "models" / name, {"a.safetensors": {"w": bf16(np.ones((2, 2)))}}) for name in names]


def settle() -> None:
    assert wait_for_tasks(60)
    QApplication.processEvents()


def test_that_models_with_weights_are_kept_models_and_other_folders_are_not(home: Path, cache: Path) -> None:
    assert kept_models() == []
    path = keep(home, "mine")[0]
    (home / "models" / "half").mkdir()
    assert [(model.name, model.path) for model in kept_models()] == [("mine", path)]


def test_that_the_starter_is_opened_first_and_only_once(theme: Theme, home: Path, cache: Path) -> None:
    paths = keep(home, "another", places.STARTER)
    field = ModelField(theme)
    told: list[object] = []
    field.picked.connect(told.append)
    field.look_around()
    field.look_around()
    settle()
    assert told == [paths[1]]
    assert field.path == paths[1]
    assert field.choice.currentText() == places.STARTER
    forget(field)


def test_that_what_is_open_already_stays_open(theme: Theme, home: Path, cache: Path, tmp_path: Path) -> None:
    keep(home, "mine")
    field = ModelField(theme)
    field.open(tmp_path / "else", "Something else")
    field.look_around()
    settle()
    assert field.path == tmp_path / "else"
    assert field.choice.currentText() == "Something else"
    assert field.choice.count() == 2
    forget(field)


def test_that_none_is_told_where_no_model_is_kept(theme: Theme, home: Path, cache: Path) -> None:
    field = ModelField(theme)
    told: list[object] = []
    field.picked.connect(told.append)
    field.look_around()
    settle()
    assert told == [None]
    assert field.path is None
    forget(field)


def test_that_the_open_model_chosen_again_is_opened_again(theme: Theme, tmp_path: Path) -> None:
    field = ModelField(theme)
    told: list[object] = []
    field.picked.connect(told.append)
    field.open(tmp_path)
    field.say(UserError(f"{tmp_path} has changed.", remedy="Open it again."))
    field.choice.activated.emit(0)
    assert told == [tmp_path, tmp_path]
    assert field.problem.isHidden()
    forget(field)


def test_that_a_problem_stands_below_the_field_and_goes_again(theme: Theme, tmp_path: Path) -> None:
    field = ModelField(theme)
    field.show()
    field.open(tmp_path / LONG / "x.safetensors")
    field.say(UserError(f"There is nothing at {field.path}.", remedy="Check the path."))
    assert field.problem.isVisible()
    assert field.problem.text().endswith("Check the path.")
    assert field.choice.property("state") == "danger"
    field.say(None)
    assert not field.problem.isVisible()
    assert not field.choice.property("state")
    forget(field)


def test_that_long_names_are_shortened_and_told_whole(theme: Theme, tmp_path: Path) -> None:
    field = ModelField(theme)
    field.open(tmp_path / LONG)
    assert len(field.choice.currentText()) < 25
    assert LONG in field.choice.toolTip()
    forget(field)


def test_that_in_a_form_the_buttons_stand_beside_the_label(theme: Theme) -> None:
    group = FormGroup(theme, "Tensor")
    field = ModelField(theme)
    add_model_row(group, field)
    group.resize(theme.px(298), theme.px(80))
    group.show()
    QApplication.processEvents()
    left = field.mapTo(group, field.rect().topLeft()).x()
    for button in (field.find_folder, field.find_file):
        assert button.mapTo(group, button.rect().topRight()).x() < left
        assert button.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert field.choice.width() == field.width()
    forget(group)


def test_that_it_is_reached_by_the_keyboard(theme: Theme, tmp_path: Path) -> None:
    window = QWidget()
    field = ModelField(theme)
    field.setParent(window)
    for name in ("one", "two"):
        field.open(tmp_path / name)
    window.show()
    window.activateWindow()
    QApplication.processEvents()
    field.setFocus()
    QTest.keyClick(field.choice, Qt.Key.Key_Up)
    assert field.path == tmp_path / "one"
    forget(window)
