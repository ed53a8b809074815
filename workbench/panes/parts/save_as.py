"""A file that a person asks for: where to, then whole or not at all, and how that went in a sentence."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.problems import UserError
from workbench.core.whole_file import save_whole

CSV = {".csv": "Comma-separated values (*.csv)"}


def ask_where(view: QWidget, title: str, name: str, kinds: Mapping[str, str], write: Callable[[Path], None]) -> None:
    """Asks where to, beginning with `name`, and calls `write` with the path.

    `kinds` are endings with their words. Of several, the ending says what is written: a name with another gets that of
    the kind that is chosen.
    """
    dialog = QFileDialog(view.window(), title, name, ";;".join(kinds.values()))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if len(kinds) == 1:
        dialog.setDefaultSuffix(next(iter(kinds)).removeprefix("."))

    def chosen(name: str) -> None:
        path = Path(name)
        if len(kinds) > 1 and path.suffix.lower() not in kinds:
            words = dialog.selectedNameFilter()
            path = path.with_name(path.name + next(ending for ending in kinds if kinds[ending] == words))
        write(path)

    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def save(path: Path, content: str | bytes) -> str:
    """Writes the file, and gives a sentence that says so. Raises UserError."""
    save_whole(path, content, remedy="Choose another folder.")
    return f"Written to {path}."


def save_and_say(path: Path, content: str | bytes, say: Callable[[str], None]) -> None:
    """Writes the file, and says that it is there or why it is not."""
    try:
        words = save(path, content)
    except UserError as error:
        words = str(error)
    say(words)
