"""A GGUF file that was chosen as a model: a button that makes of it a model folder, which can be trained."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.bridge.study_control import StudyControl
from workbench.bridge.tasks import run_task
from workbench.core import sources
from workbench.core.job.phases import PHASE_WORDS
from workbench.core.job.run_folder import RunState
from workbench.core.job.study_kinds import Converted, ConvertRequest
from workbench.core.model import gguf_file
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import breakable, button, label


class Conversion(QWidget):
    """Hidden unless the chosen model is a GGUF file; call `close_study` before it goes, which leaves it running.

    Signals:
        converted: The folder that a file has become.
    """

    converted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._file: Path | None = None
        self._asked = 0
        self.control = StudyControl(self)
        self.control.advanced.connect(lambda _events: self._say())
        self.control.state_changed.connect(self._change)
        self.start = button("Convert it to a model folder", theme, "arrow-right")
        self.start.setToolTip("Writes it as BF16 safetensors among the kept models, whole or not at all")
        self.start.clicked.connect(self._start)
        self.cancel = button("Cancel", theme, "x")
        self.cancel.clicked.connect(self.control.cancel)
        self.words = label("", "fact", wraps=True)
        in_column(in_row((self.start, 1), self.cancel, gap=6), self.words, gap=6, of=self)
        self._say()

    def look(self, source: str) -> None:
        """Offers itself where a model's source is a GGUF file, or a folder with one and no model."""
        self._asked += 1
        self._file = None
        self._say()
        path = sources.model_path(source)
        if path is not None:
            run_task(
                partial(_convertible, path),
                partial(self._take, self._asked),
                lambda _error: None,
                parent=self,
            )

    def close_study(self) -> None:
        self.control.close()

    def _take(self, asked: int, file: Path | None) -> None:
        if asked == self._asked:
            self._file = file
            self._say()

    def _start(self) -> None:
        if self._file is None:
            return
        try:
            gguf_file.check(self._file)
            target = gguf_file.converted_to(self._file)
            if target.exists():
                self.converted.emit(str(target))
                return
            self.control.start(ConvertRequest(model=str(self._file), out=str(target)))
        except UserError as error:
            self.words.setText(breakable(str(error)))
        except OSError as error:
            self.words.setText(breakable(f"{self._file} cannot be read: {error.strerror or error}."))

    def _change(self) -> None:
        found = next((each for each in self.control.findings if isinstance(each, Converted)), None)
        if self.control.outcome is not None and found is not None:
            self.converted.emit(found.folder)
        self._say()

    def _say(self) -> None:
        is_busy, outcome = self.control.is_busy, self.control.outcome
        self.setVisible(is_busy or self._file is not None)
        self.start.setEnabled(not is_busy)
        self.cancel.setVisible(is_busy)
        said = ""
        if is_busy:
            phase = self.control.phase
            said = f"{PHASE_WORDS[phase.name]} …" if phase is not None else "Starting …"
        elif outcome is not None and outcome.state is RunState.CRASHED and self._is_about_it():
            said = " ".join(filter(None, (outcome.what, outcome.why, outcome.remedy)))
        self.words.setText(breakable(said))
        self.words.setVisible(bool(said))

    def _is_about_it(self) -> bool:
        request = self.control.request
        return isinstance(request, ConvertRequest) and request.model == str(self._file)


def _convertible(path: Path) -> Path | None:
    """The GGUF file that a source means, on a thread that may wait for a disk."""
    try:
        return None if (path / "config.json").is_file() else gguf_file.gguf_in(path)
    except OSError:
        return None
