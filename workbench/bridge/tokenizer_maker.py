"""The tokenizer of a model made ready for the window, in a process of its own that goes with the window."""

from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from workbench.core.job import launch
from workbench.core.tokens import kept_tokenizer

GONE_MILLISECONDS = 2000


class TokenizerMaker(QObject):
    """Makes one tokenizer at a time; asked for another, it leaves the one before.

    Signals:
        made: The model folder (a Path) whose tokenizer is kept now.
        failed: The model folder, and the UserError that says why it has none.
    """

    made = Signal(object)
    failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        # Of the model whose tokenizer is being made.
        self.folder: Path | None = None

    def make(self, folder: Path) -> None:
        """Begins with a folder's tokenizer, unless that is under way."""
        if folder == self.folder:
            return
        self.close()
        program, *arguments = kept_tokenizer.command(folder)
        process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in launch.environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(lambda _code, _status: self._end(process, folder))
        process.errorOccurred.connect(lambda _error: self._end(process, folder))
        self._process, self.folder = process, folder
        process.start(program, arguments)

    def _end(self, process: QProcess, folder: Path) -> None:
        if process is not self._process:
            return
        printed = bytes(process.readAllStandardOutput().data())
        is_made = process.exitStatus() is QProcess.ExitStatus.NormalExit and process.exitCode() == 0
        self._process, self.folder = None, None
        process.deleteLater()
        if is_made and process.error() is not QProcess.ProcessError.FailedToStart:
            self.made.emit(folder)
        else:
            self.failed.emit(folder, kept_tokenizer.why_not_made(folder, printed))

    def close(self) -> None:
        """Leaves what is under way; nothing of it is kept."""
        process, self._process, self.folder = self._process, None, None
        if process is not None and process.state() != QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(GONE_MILLISECONDS)
