"""What is done with the chosen run, or with those that are compared."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from workbench.bridge.job_control import JobControl
from workbench.bridge.tasks import run_task
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.runs.removal import size_of, trained_further
from workbench.core.runs.row import RunRow
from workbench.panes.parts import save_as
from workbench.panes.runs.overview.delete_question import Answer, DeleteQuestion
from workbench.panes.runs.overview.parts import OverviewParts

HTML = {".html": "Web page (*.html)"}


class RunActions:
    """Acts for the view that it is made by."""

    def __init__(self, view: OverviewParts, control: JobControl) -> None:
        self._view = view
        self._control = control

    def connect_all(self) -> None:
        """Once the view has its parts."""
        view, changes, details = self._view, self._view.changes, self._view.details
        self._control.state_changed.connect(self._show_hindrance)
        self._control.checking_changed.connect(self._show_hindrance)
        details.wanted.connect(self.do)
        details.notes_written.connect(changes.write_notes)
        details.renamed.connect(lambda path, name: changes.change_label(path, lambda label: label.named(name)))
        details.tag_added.connect(lambda path, tag: changes.change_label(path, lambda label: label.tagged(tag)))
        details.tag_taken.connect(lambda path, tag: changes.change_label(path, lambda label: label.without(tag)))
        changes.said.connect(view.said)
        changes.failed.connect(view.show_error)
        changes.changed.connect(view.read_anew)
        changes.arrived.connect(self._await)
        self._show_hindrance()

    def do(self, name: str) -> None:
        """What a button of the card asks for."""
        actions: dict[str, Callable[[], object]] = {
            "open": self.open,
            "try": self.try_it,
            "export": self.export,
            "resume": self.resume,
            "repeat": self.repeat,
            "reveal": self.reveal,
            "delete": self.delete_chosen,
        }
        actions[name]()

    def _show_hindrance(self) -> None:
        control, words = self._control, ""
        if control.is_checking:
            words = "A run is about to start. Cancel it, or wait for its end."
        elif not control.can_start:
            assert control.run is not None
            words = f"Another run is at work: {control.run.name}. Stop it, or wait for its end."
        self._view.details.set_hindrance(words)

    def _try(self, what: Callable[[], object]) -> bool:
        """Does it, or says why not."""
        try:
            what()
        except UserError as error:
            self._view.show_error(error)
            return False
        self._view.message.hide()
        return True

    # -- going on with one --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Shows the run on the Train page."""
        row = self._view.chosen
        if row is not None and self._try(lambda: self._control.follow(RunFolder(row.path))):
            self._view.go_to.emit("train")

    def try_it(self) -> None:
        row = self._view.chosen
        if row is not None:
            self._view.try_wanted.emit(row.path)

    def export(self) -> None:
        if self._view.chosen is not None:
            self._view.export_wanted.emit()

    def use_recipe(self) -> None:
        """Puts its recipe into the form."""
        row = self._view.chosen
        if row is not None:
            self._view.recipe_wanted.emit(row.path)

    def resume(self) -> None:
        """Goes on with the run, for as many more steps as the button says."""
        view, row = self._view, self._view.chosen
        if row is None:
            return
        pressed = view.details.ways.buttons["resume"]
        had_focus = pressed.hasFocus()
        if had_focus:
            view.table.setFocus()  # a button that is disabled hands it to the next, which a second press would click

        def refuse(error: UserError) -> None:
            view.show_error(error)
            if had_focus and view.table.hasFocus():
                pressed.setFocus()

        def show_resumed() -> None:
            view.message.hide()
            view.read_anew()
            view.go_to.emit("train")

        self._control.resume(RunFolder(row.path), view.details.ways.steps, refuse, show_resumed)

    def repeat(self) -> None:
        row = self._view.chosen
        if row is not None and not row.error:
            self._view.show_repeat()
            self._view.repeat.begin(row)

    def rename(self) -> None:
        self._view.details.rename()

    # -- its folder ---------------------------------------------------------------------------------------------------

    def reveal(self) -> None:
        """Opens its folder in the system's own program."""
        row = self._view.chosen
        if row is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.path))):
            self._view.show_error(UserError("No program opens folders here.", remedy=f"The run lies in {row.path}."))

    def copy_path(self) -> None:
        row = self._view.chosen
        if row is not None:
            QGuiApplication.clipboard().setText(str(row.path))
            self._view.said.emit(f"Copied: {row.path}")

    def import_run(self) -> None:
        """Asks for a run folder from elsewhere and takes it in."""
        dialog = QFileDialog(self._view.window(), "Import a run folder")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self._view.changes.import_run(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _await(self, path: Path) -> None:
        """Chooses the run that has come, once it is listed."""
        self._view.await_row(path)

    # -- the bin ------------------------------------------------------------------------------------------------------

    def delete_chosen(self) -> None:
        """Asks about the chosen run, whatever is ticked."""
        row = self._view.chosen
        if row is not None:
            self._ask([row])

    def delete(self) -> None:
        """The table's Del: the chosen run."""
        self.delete_chosen()

    def delete_compared(self) -> None:
        """Asks about all that are ticked."""
        letters = self._view.letters.letters
        self._ask([row for row in self._view.model.rows if row.path in letters])

    def _ask(self, rows: list[RunRow]) -> None:
        view = self._view
        alive = next((row for row in rows if row.state.is_alive), None)
        if alive is not None:
            view.show_error(UserError(f"Run {alive.called} is at work.", remedy="Stop it first, or cancel it."))
            return
        paths = [row.path for row in rows]
        details = view.details.details if len(rows) == 1 and rows[0] is view.chosen else None
        users = sorted({user for path in paths for user in trained_further(RunFolder(path), view.model.rows)})

        def answer(wanted: Answer) -> None:
            if wanted == "checkpoints":
                view.changes.keep_adapter(paths[0])
            else:
                view.changes.delete(paths)

        def ask(size_bytes: int) -> None:
            question = DeleteQuestion(view.theme, rows, size_bytes, details, users, answer, view.window())
            question.finished.connect(question.deleteLater)
            question.open()

        run_task(lambda: sum(map(size_of, paths)), ask, view.show_error, parent=view)

    # -- a report -----------------------------------------------------------------------------------------------------

    def report(self) -> None:
        """Asks where to, and writes one HTML file of what is compared, or of the chosen run."""
        view = self._view
        letters = view.letters.letters
        paths = list(letters) if len(letters) > 1 else [row.path for row in (view.chosen,) if row is not None]
        if not paths:
            view.said.emit("There is no run to report of.")
            return
        name = "comparison.html" if len(paths) > 1 else f"{paths[0].name}.html"
        save_as.ask_where(view, "Save report", name, HTML, lambda path: self.write_report(paths, path))

    def write_report(self, paths: list[Path], path: Path) -> None:
        """Writes it beside the window; `said` says where it is."""
        view = self._view
        run_task(
            lambda: _written(paths, path),
            lambda _: view.said.emit(f"Written to {path}."),
            view.show_error,
            parent=view,
        )

    # -- the menu of a row --------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """All that can be done with the chosen run, as its buttons have it and more."""
        view = self._view
        menu = QMenu(view)
        row = view.chosen
        if row is None:
            return menu
        buttons = view.details.ways.buttons
        for name, act in (
            ("try", self.try_it),
            ("open", self.open),
            ("export", self.export),
            ("resume", self.resume),
            ("repeat", self.repeat),
        ):
            action = menu.addAction(buttons[name].text())
            action.setEnabled(buttons[name].isEnabled())
            action.triggered.connect(act)
        menu.addSeparator()
        ticked = row.path in view.letters.letters
        menu.addAction("Compare no more" if ticked else "Compare").triggered.connect(lambda: view.turn(row))
        menu.addAction("Rename").triggered.connect(self.rename)
        into_form = menu.addAction("Use its recipe in the form")
        into_form.setEnabled(not row.error)
        into_form.triggered.connect(self.use_recipe)
        menu.addAction("Show its folder").triggered.connect(self.reveal)
        menu.addAction("Copy its path").triggered.connect(self.copy_path)
        menu.addSeparator()
        many = len(view.letters.letters)
        delete = menu.addAction(f"Delete {many}" if many > 1 else "Delete")
        delete.triggered.connect(self.delete_compared if many > 1 else self.delete_chosen)
        delete.setEnabled(many > 1 or not row.state.is_alive)
        return menu


def _written(paths: list[Path], path: Path) -> None:
    """Raises UserError."""
    from workbench.core.runs.comparison_report import write_comparison
    from workbench.core.runs.report import write_report
    from workbench.core.runs.result import RunResult

    results = [RunResult.read(RunFolder(folder)) for folder in paths]
    if len(results) > 1:
        write_comparison(path, results)
    else:
        write_report(path, results[0])
