"""What is done with the chosen model: downloaded, used, asked for, deleted."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication

from workbench.bridge.fetch_queue import FetchQueue
from workbench.core.model.licences import has_terms
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme
from workbench.panes.model.hub import words
from workbench.panes.model.hub.finder import Finder
from workbench.panes.model.hub.form import HubForm
from workbench.panes.model.hub.kept import DeleteQuestion, KeptRow
from workbench.panes.model.hub.machine import Machine
from workbench.panes.model.hub.picture import HubPicture
from workbench.panes.model.hub.row import HubRow
from workbench.panes.parts.controls import set_icon
from workbench.panes.parts.hub_account import HubAccount


class HubActions(QObject):
    """The primary button with its words, and every other order that a person gives in the view.

    Signals:
        use_wanted: What a recipe calls the model that is to be used.
        form_wanted: Something is to be typed into the form.
    """

    use_wanted = Signal(str)
    form_wanted = Signal()

    def __init__(
        self,
        form: HubForm,
        picture: HubPicture,
        finder: Finder,
        machine: Machine,
        account: HubAccount,
        fetches: FetchQueue,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._form, self._picture, self._finder, self._machine = form, picture, finder, machine
        self._account, self._fetches, self._theme = account, fetches, theme
        self.plan = words.Plan("", "Download")
        self._row: HubRow | None = None
        self._kept: KeptRow | None = None
        self._rate = 0.0  # bytes a second of what came last
        self._asked_for = ""  # the model whose page was opened to ask for it
        form.primary.clicked.connect(self.act)
        picture.table.opened.connect(lambda _index: self.act())
        picture.kept.table.use_wanted.connect(lambda row: self.use_wanted.emit(row.source))
        picture.kept.table.delete_wanted.connect(self.ask_to_delete)
        arriving = picture.arriving
        arriving.pause_wanted.connect(lambda: self._try(fetches.pause))
        arriving.continue_wanted.connect(lambda: self._try(fetches.go_on))
        arriving.cancel_wanted.connect(lambda name: self._try(partial(fetches.cancel, name)))
        arriving.order_wanted.connect(fetches.order)
        picture.details.terms_wanted.connect(self._open_terms)
        picture.details.page_wanted.connect(self._open_page)
        fetches.failed.connect(self._say_failed)
        if fetches.last_failure is not None:  # while nobody looked
            self._say_failed(*fetches.last_failure)
        machine.failed.connect(picture.message.say_error)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._come_back)

    # -- what can be done ---------------------------------------------------------------------------------------------

    def show_row(self, row: HubRow | None, kept: KeptRow | None) -> None:
        """Takes the chosen model; `kept` is what is known of it where it is on this machine."""
        self._row, self._kept = row, kept
        self._show_plan()
        self._show_details()

    def _show_plan(self) -> None:
        row = self._row
        details = self._finder.details.get(row.id) if row is not None else None
        on_the_way = self._fetches.arrivals
        current = self._fetches.current
        if current is not None and current.bytes_per_second:
            self._rate = current.bytes_per_second
        plan = words.plan_for(
            row,
            words.Circumstances(
                has_token=self._account.has_token,
                can_keep_token=self._account.can_keep,
                is_offline=self._machine.is_offline or self._finder.error is not None,
                free_bytes=self._machine.free_bytes,
                here_bytes=details.here_bytes if details is not None else 0,
                arrival=self._fetches.arrival_of(row.id) if row is not None else None,
                before=len(on_the_way),
                before_bytes=self._fetches.remaining_bytes,
                bytes_per_second=self._rate,
            ),
        )
        primary = self._form.primary
        if plan != self.plan or not primary.text():
            metrics = primary.fontMetrics()
            room = self._form.width() - self._theme.px(90)
            primary.setText(metrics.elidedText(plan.words, Qt.TextElideMode.ElideMiddle, room))
            primary.setAccessibleName(plan.words)
            set_icon(primary, self._theme, plan.icon, "text.on_accent")
            primary.setEnabled(bool(plan.act))
            self._form.action_bar.say(plan.facts)
        self.plan = plan

    def _show_details(self) -> None:
        row, foot = self._row, self._picture.details
        if row is None:
            foot.say("", "", has_page=False)
            return
        details = self._finder.details.get(row.id)
        problem = self._finder.problems.get(row.id)
        licence = row.licence if row.state != "here" and self._has_terms(row, details is not None) else ""
        foot.say(
            words.files_of(row, details),
            words.takes_of(row, details, problem),
            licence=f"Licence: {licence}" if licence else "",
            has_page="/" in row.id,
        )

    def _has_terms(self, row: HubRow, has_details: bool) -> bool:
        """Whether its licence should be read before the first download."""
        details = self._finder.details.get(row.id) if has_details else None
        return has_terms(details.licence) if details is not None else False

    # -- doing it -----------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Does what the primary says."""
        row = self._row
        match self.plan.act:
            case "use" if self._kept is not None:
                self.use_wanted.emit(self._kept.source)
            case "download" if row is not None:
                self._picture.message.hide()
                self._fetches.add(row.id, total_bytes=row.download_bytes)
            case "ask" if row is not None:
                self._asked_for = row.id
                self._open_page()
            case "token":
                self.form_wanted.emit()
                self._form.account.ask()

    def follow_network(self) -> None:
        """The Hub may be asked again, or no more: what waits for it goes on, and what is at work holds itself."""
        self._try(self._fetches.go_online)

    def _try(self, order: Callable[[], object]) -> None:
        """Gives an order, or says why it cannot be given."""
        try:
            order()
        except UserError as error:
            self._picture.message.say_error(error)

    def _say_failed(self, name: str, error: UserError) -> None:
        self._picture.message.say("danger", f"{name} was not downloaded. {error.what}", error.why, error.remedy)
        self._picture.message.show()

    def ask_to_delete(self, row: KeptRow) -> None:
        """Asks, unless a run at work needs it, or it is on its way."""
        what = f"{row.name} cannot be deleted now."
        if self._fetches.arrival_of(row.hub_id) is not None:
            self._say(UserError(what, why="It is arriving.", remedy="Cancel its download first."))
            return
        if row.running:
            why = f"{row.running} is at work with it."
            self._say(UserError(what, why=why, remedy="Stop it, or wait for its end."))
            return
        question = DeleteQuestion(self._theme, row, self._picture.window())
        question.confirmed.connect(lambda: self._machine.delete(row))
        question.open()

    def _say(self, error: UserError) -> None:
        """What is refused, above the table."""
        self._picture.message.say("warn", error.what, error.why, error.remedy)
        self._picture.message.show()

    # -- pages of the Hub ---------------------------------------------------------------------------------------------

    def _open_page(self) -> None:
        if self._row is not None:
            self._open(words.page_of(self._row.id))

    def _open_terms(self) -> None:
        if self._row is not None:
            self._open(words.terms_of(self._row.id, self._finder.details.get(self._row.id)))

    def _open(self, address: str) -> None:
        if not QDesktopServices.openUrl(QUrl(address)):
            error = UserError("No program opens pages here.", remedy=f"The page is {address}")
            self._picture.message.say_error(error)

    def _come_back(self, state: Qt.ApplicationState) -> None:
        """From the Hub's page, where access may have been given: it is looked at again."""
        if state == Qt.ApplicationState.ApplicationActive and self._asked_for:
            name, self._asked_for = self._asked_for, ""
            self._finder.doubt(name)
            self._finder.want([name])
