"""What stands under More in the form of the Race view: a short training in each precision, and the seed."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from workbench.core import places
from workbench.core.job.study_kinds import MeasureRequest
from workbench.core.problems import shortened
from workbench.core.units import counted, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Switch, icon_button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox, IntegerField, lock, put_fact, words_with
from workbench.panes.parts.page import FormGroup

LONGEST_NAME = 24
LARGEST_SEED = 2_147_483_647
USUAL_STEPS, MOST_STEPS = 20, 10_000
USUAL_DATA = "shopping"


class TrainingGroup(FormGroup):
    """Whether each precision is trained, for how many steps, on what.

    Signals:
        changed: Something else is asked for now.
    """

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "A short training")
        self._is_busy = False
        self.trains = Switch(theme)
        self.trains.setAccessibleName("Train in each precision")
        self.trains.setToolTip(
            "Trains a LoRA in each precision from the same seed, and lays the losses over each other"
        )
        self.trains.clicked.connect(self._change)
        self.steps = IntegerField()
        self.steps.setAccessibleName("Steps of training")
        self.steps.setRange(1, MOST_STEPS)
        self.steps.setValue(USUAL_STEPS)
        put_fact(self.steps, "in each precision")
        self.steps.valueChanged.connect(self._change)
        self.data = ChoiceBox(theme)
        self.data.setAccessibleName("Data to train on")
        for name in places.built_in_datasets():
            self.data.addItem(name, name)
        self.find_data = icon_button("Find a dataset file", theme, "file")
        self.find_data.clicked.connect(self._find_data)
        self.seed = IntegerField()
        self.seed.setAccessibleName("Seed")
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setValue(1)
        put_fact(self.seed, "for all of them")
        self.seed.valueChanged.connect(self._change)
        self.add_row(label("Train", "label"), self.trains)
        self.add_row(label("Steps", "label"), self.steps)
        self.add_row(words_with("Data", self.find_data), self.data)
        self.add_row(label("Seed", "label"), self.seed)
        self._follow()

    # -- what was chosen ----------------------------------------------------------------------------------------------

    @property
    def train_steps(self) -> int:
        """0 where nothing is trained."""
        return self.steps.value() if self.trains.isChecked() else 0

    @property
    def chosen_data(self) -> str:
        return str(self.data.currentData()) if self.trains.isChecked() else USUAL_DATA

    @property
    def words(self) -> str:
        """In a line: "10 steps of training, seed 1"."""
        steps = self.train_steps
        trained = f"{counted(steps, 'step')} of training" if steps else "no training"
        return f"{trained}, seed {grouped(self.seed.value())}"

    def show_request(self, request: MeasureRequest) -> None:
        self.seed.setValue(request.seed)
        self.trains.setChecked(request.train_steps > 0)
        if request.train_steps:
            self.steps.setValue(request.train_steps)
            self.show_data(request.data)
        self._follow()

    def show_data(self, data: str) -> None:
        """Shows a dataset as the chosen one."""
        self.data.choose(data, shortened(Path(data).name, LONGEST_NAME))
        self.data.setToolTip(plain_tip(data))

    def show_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        for field in (self.seed, self.steps, self.data):
            lock(field, is_busy)
        self.trains.setEnabled(not is_busy)
        self._follow()

    # -- hands --------------------------------------------------------------------------------------------------------

    def _change(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """What says how to train is there where something is trained."""
        for made in (self.steps, self.data, self.find_data):
            made.setEnabled(self.trains.isChecked() and not self._is_busy)

    def _find_data(self) -> None:
        from workbench.core.data.formats.known import suffixes  # what reads files is not part of the first paint

        endings = " ".join(f"*{suffix}" for suffix in (*suffixes(), ".gz", ".zst"))
        kinds = f"Datasets ({endings});;All files (*)"
        found, _kind = QFileDialog.getOpenFileName(self.window(), "Find a dataset", str(Path.home()), kinds)
        if found:
            self.show_data(found)
            self._change()
