"""The main window: it wires pages, rail and status bar together, and decides nothing."""

import base64
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from workbench.bridge.settings import WindowSettings
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Choice
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.page import Page
from workbench.window.crash_dialog import FaultCatcher
from workbench.window.followed_run import FollowedRun
from workbench.window.navigation import Rail
from workbench.window.pages import KEYS, PAGES, Shared
from workbench.window.status_bar import StatusBar

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QPaintEvent

    from workbench.panes.train.page import TrainPage


# What a window manager's frame and title bar take beside the window's own size, in pixels at most.
FRAME_WIDTH, FRAME_HEIGHT = 16, 40


class MainWindow(QMainWindow):
    """Every page, one at a time; pages are made when they are first needed, or when there is time.

    Signals: first_painted() once the first page is on the screen, settled() once every page is there.
    """

    first_painted = Signal()
    settled = Signal()

    def __init__(self, shared: Shared, values: WindowSettings, trouble: str) -> None:
        super().__init__()
        self._shared = shared
        self.theme, self.store, self.control, self.gpu, self.run_list = shared[:5]
        self.settings, self.fetches, self.chat, self.exports, self.queue = shared[5:]
        self.values, self._trouble = values, trouble
        self.pages: dict[str, Page] = {}
        self._is_painted = False
        self.setWindowTitle("QLoRA Workbench")
        self.setAcceptDrops(True)
        self.faults = FaultCatcher(self)
        self.rail = Rail(self.theme)
        self.stack = QStackedWidget()
        self.status = StatusBar(self.theme, self.control, self.gpu, self.fetches, self.exports, self.chat)
        self._followed = FollowedRun(self.control, self.run_list, self.status, self)
        middle = in_row(self.rail, (self.stack, 1), gap=0)
        central = QWidget()
        in_column((middle, 1), self.status, gap=0, of=central)
        self.setCentralWidget(central)
        self.setMinimumSize(880, 560)
        self._place()
        self._wire()
        self.show_page(self.values.page if self.values.page in PAGES else "model")

    def _place(self) -> None:
        screen = self.screen().availableGeometry()
        self.resize(min(1366, screen.width() - FRAME_WIDTH), min(738, screen.height() - FRAME_HEIGHT))
        if self.values.geometry:
            try:
                self.restoreGeometry(QByteArray(base64.b64decode(self.values.geometry)))
            except ValueError:
                self._trouble = self._trouble or "The window's place was not kept in a form that can be read."

    def _wire(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.status.job_clicked.connect(lambda: self.show_page("train"))
        self.status.arrival_clicked.connect(self._show_arrivals)
        self.status.chat_clicked.connect(lambda: self.show_page("try"))
        self.status.export_clicked.connect(self._show_export)
        self.gpu.changed.connect(self._card_changed)
        self._followed.taken.connect(lambda: self.show_page("train"))
        self.control.state_changed.connect(self._job_changed)
        self.rail.projector.clicked.connect(self._turn_projector)
        self.rail.projector.setChecked(self.theme.projector)
        self.rail.theme_switch.clicked.connect(self._turn_theme)
        self.rail.settings.clicked.connect(self._open_settings)
        self.rail.help.clicked.connect(self._open_help)

    def _wire_keys(self) -> None:
        # After the first paint: the 255 names of QKeySequence and the keys themselves take 3 ms.
        from PySide6.QtGui import QKeySequence, QShortcut

        functions: dict[str, Callable[[], object]] = {
            **{key: partial(self.show_page, name) for name, key in KEYS.items()},
            "Ctrl+Return": self._act,
            "Ctrl+Enter": self._act,
            "Ctrl+Q": self.close,
            "F1": self._open_help,
        }
        for keys, function in functions.items():
            QShortcut(QKeySequence(keys), self).activated.connect(function)

    # -- pages --------------------------------------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        """Brings a page up, making it where it is not there yet."""
        page = self._page(name)
        has_focus = self.stack.isAncestorOf(self.focusWidget() or self)
        self.rail.show_page(name)
        self.stack.setCurrentWidget(page)
        if has_focus:  # what had the keyboard is not in sight any more
            self.rail.buttons[name].setFocus(Qt.FocusReason.OtherFocusReason)
        if self._is_painted:
            page.shown_first()
        self.values = self.values.model_copy(update={"page": name})

    def _page(self, name: str) -> Page:
        if name not in self.pages:
            page = PAGES[name].make(self._shared)
            page.header.title.setText(PAGES[name].title)
            self.pages[name] = page
            self._add(page)
            page.badge_changed.connect(self.rail.buttons[name].show_badge)
            page.go_to.connect(self.show_page)
            page.recipe_wanted.connect(self._use_recipe)
            page.try_wanted.connect(self._try_run)
            self.rail.buttons[name].show_badge(page.badge)
        return self.pages[name]

    def _add(self, page: Page) -> None:
        """A stack shows its first page at once, and lays it out before it has a size or a style: 4 ms for nothing."""
        layout = page.layout()
        assert layout is not None
        layout.setEnabled(False)
        self.stack.addWidget(page)
        layout.setEnabled(True)

    def _make_next(self) -> None:
        """One page between two turns of the event loop, until all are there."""
        missing = next((name for name in PAGES if name not in self.pages), None)
        if missing is None:
            self.settled.emit()
            return
        self._page(missing)
        QTimer.singleShot(0, self, self._make_next)

    @property
    def train_page(self) -> "TrainPage":
        from workbench.panes.train.page import TrainPage

        page = self._page("train")
        assert isinstance(page, TrainPage)
        return page

    def _act(self) -> None:
        """What the page's primary button does, else a training."""
        page = self.stack.currentWidget()
        if not (isinstance(page, Page) and page.act()) and self.control.can_start:
            self.show_page("train")
            self.train_page.train()

    def _show_arrivals(self) -> None:
        from workbench.panes.model.page import ModelPage

        self.show_page("model")
        page = self.pages["model"]
        assert isinstance(page, ModelPage)
        page.show_hub()

    def _show_export(self) -> None:
        from workbench.panes.runs.page import EXPORT, RunsPage

        self.show_page("runs")
        page = self.pages["runs"]
        assert isinstance(page, RunsPage)
        page.show_view(EXPORT)

    def keyPressEvent(self, event: "QKeyEvent") -> None:
        """What nobody took: whoever drops a file has the keyboard on the rail, and takes it back with Ctrl+Z."""
        from PySide6.QtGui import QKeySequence

        page = self.stack.currentWidget()
        again = event.keyCombination() == Qt.Modifier.CTRL | Qt.Modifier.SHIFT | Qt.Key.Key_Z
        if isinstance(page, Page) and (again or event.matches(QKeySequence.StandardKey.Redo)):
            page.redo()
        elif isinstance(page, Page) and event.matches(QKeySequence.StandardKey.Undo):
            page.undo()
        else:
            super().keyPressEvent(event)

    # -- life ---------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: "QPaintEvent") -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.faults.install()
        self._wire_keys()
        self.first_painted.emit()
        self.status.start()
        self.gpu.start()
        self.run_list.start()
        self._followed.find(self.values.last_run)
        self.fetches.find()
        self.exports.find()
        self.queue.start()
        self.pages[self.values.page].shown_first()
        if self._trouble:
            self.tell(self._trouble)
        QTimer.singleShot(0, self, self._make_next)

    def _job_changed(self) -> None:
        started = self.control.history.started
        self.gpu.watch_pid(started.pid if started and self.control.is_busy else None)
        if self.control.run is not None:
            self.values = self.values.model_copy(update={"last_run": self.control.run.name})
        self.run_list.refresh()

    def _card_changed(self) -> None:
        # Which types a card computes in is known to the engine alone: it checks again at the start.
        device = None if self.gpu.cards else rules.Device("cpu", "CPU", supports_bf16=True)
        self.store.set_device(device)

    def closeEvent(self, event: "QCloseEvent") -> None:
        if self.control.is_busy:
            from workbench.window.closing import leave_run

            try:
                leaves = leave_run(self.control, self.theme, self)
            except UserError as error:
                self.tell(str(error))
                leaves = False
            if not leaves:
                event.ignore()
                return
        geometry = base64.b64encode(bytes(self.saveGeometry().data())).decode()
        # Pages keep what they learn in the file themselves: only the window's own values are laid over it.
        mine = self.values.model_dump(include={"theme", "projector", "page", "last_run"})
        self.settings.change(**mine, geometry=geometry)
        self.store.flush()
        for page in self.pages.values():
            page.window_closes()
        self.faults.remove()
        self.status.stop()
        self.run_list.stop()
        self.gpu.stop()
        self.fetches.close()
        self.chat.close()
        self.exports.close()
        self.queue.close()
        self.control.close()
        super().closeEvent(event)

    def tell(self, words: str) -> None:
        """Says something that has no page of its own."""
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(QMessageBox.Icon.NoIcon, "QLoRA Workbench", words, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # -- things dropped or opened -------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: "QDragEnterEvent") -> None:
        urls = event.mimeData().urls()
        if urls and all(url.isLocalFile() for url in urls):
            event.acceptProposedAction()

    def dropEvent(self, event: "QDropEvent") -> None:
        """Whoever drops may be gone before what is dropped was asked for: then there is nothing in it."""
        event.acceptProposedAction()
        self.open_paths([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def open_path(self, path: Path) -> None:
        """Opens a recipe, a run folder, a model folder, a data file or a folder of them."""
        self.open_paths([path])

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Opens what was dropped: as `open_path`, or several data files as one dataset."""
        from workbench.panes.data.page import DataPage
        from workbench.panes.model.page import ModelPage
        from workbench.window.dropped import kind_of

        try:
            match kind_of(paths):
                case "run":
                    self.control.follow(RunFolder.open(paths[0]))
                    self.show_page("train")
                case "recipe":
                    self.store.open(paths[0])
                    self.show_page("train")
                case "model":
                    self.show_page("model")
                    page = self.pages["model"]
                    assert isinstance(page, ModelPage)
                    page.open_folder(paths[0])
                case "data":
                    self.show_page("data")
                    data = self.pages["data"]
                    assert isinstance(data, DataPage)
                    data.open_files(paths)
        except UserError as error:
            self.tell(str(error))

    def _try_run(self, run: Path) -> None:
        """Has the Try page ask the base model and what this run made of it."""
        from workbench.panes.try_.page import TryPage

        page = self._page("try")
        assert isinstance(page, TryPage)
        self.show_page("try")
        page.talk_to(run)

    def _use_recipe(self, wanted: Path | Recipe) -> None:
        """Puts a run's recipe, or one made of it, into the form; the run itself stays as it is."""
        try:
            if isinstance(wanted, Recipe):
                self.store.replace(wanted)
            else:
                self.store.open(wanted)
        except UserError as error:
            self.tell(str(error))
        else:
            self.show_page("train")

    # -- the foot of the rail -----------------------------------------------------------------------------------------

    def _turn_projector(self) -> None:
        self.theme.set_projector(not self.theme.projector)
        self.rail.projector.setChecked(self.theme.projector)
        self.values = self.values.model_copy(update={"projector": self.theme.projector})

    def _turn_theme(self) -> None:
        self._choose_theme("light" if self.theme.is_dark else "dark")

    def _choose_theme(self, choice: Choice) -> None:
        self.theme.choose(choice)
        self.values = self.values.model_copy(update={"theme": choice})

    def _open_settings(self) -> None:
        from workbench.window.settings_menu import SettingsMenu

        menu = SettingsMenu(self.theme, self._choose_theme, self.tell, self)
        at = self.rail.settings
        menu.popup(at.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _open_help(self) -> None:
        from workbench.window.help_dialog import HelpDialog

        HelpDialog(self.theme, self).open()
