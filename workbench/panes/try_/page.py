"""The Try page: what a model answers, beside what it answered before it was trained."""

from pathlib import Path

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.core.chat.speakers import BASE
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import Segmented
from workbench.panes.parts.lab_view import Views
from workbench.panes.parts.page import Page
from workbench.panes.try_.form.choices import Choices
from workbench.panes.try_.view import Given, OnPage, TryView

VIEWS = {"talk": "Talk", "tokens": "Tokens", "table": "Table", "strength": "Strength", "evaluation": "Evaluation"}


class TryPage(Page):
    """Five views, each made when it is first shown, on one loaded chat and one choice of what answers."""

    sentence = "One question, two models: what the adapter changed."

    def __init__(self, chat: ChatControl, runs: RunList, control: JobControl, gpu: GpuWatch, theme: Theme) -> None:
        super().__init__(theme)
        assert self.form is not None
        self.form.action_bar.hide()
        self.chat = chat
        self.choices = Choices(runs, self)
        self._on_page = OnPage(theme, chat, self.choices, runs, control, gpu)
        self.views: dict[str, TryView] = {}
        self.stack = Views()
        in_column(self.stack, of=self.picture)
        self.choice = Segmented(list(VIEWS.items()), "View")
        self.choice.set_value("talk")
        self.choice.chosen.connect(self.show_view)
        self.header.add(self.choice)
        chat.state_changed.connect(self._show_badge)

    @property
    def view(self) -> TryView | None:
        """The one that is shown; None before the page comes up."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, TryView) else None

    def shown_first(self) -> None:
        self.show_view(self.choice.value())

    def show_view(self, name: str) -> None:
        """Brings a view up, making it where it is not there yet."""
        view = self.view_of(name)
        self.choice.set_value(name)
        for other in self.views.values():
            other.tools.setVisible(other is view)
        self.stack.setCurrentWidget(view)
        self.use_form(view.form)
        view.shown_first()

    def talk_to(self, run: Path) -> None:
        """Has a run answer, with its base beside it."""
        self.choices.choose(str(run), (BASE,))
        self.show_view("talk")

    def view_of(self, name: str) -> TryView:
        if name not in self.views:
            view = self._make(name)
            view.message.connect(self.header.say)
            view.go_to.connect(self.go_to)
            view.view_wanted.connect(self.show_view)
            view.tokens_wanted.connect(self.show_tokens)
            self.views[name] = view
            view.tools.hide()
            self.header.add(view.tools)
            self.stack.addWidget(view)
        return self.views[name]

    def show_tokens(self, given: Given) -> None:
        """Has an answer looked at token by token."""
        from workbench.panes.try_.tokens.view import TokensView

        self.show_view("tokens")
        view = self.view
        assert isinstance(view, TokensView)
        view.look_at(given)

    def _make(self, name: str) -> TryView:
        match name:
            case "tokens":
                from workbench.panes.try_.tokens.view import TokensView

                return TokensView(self._on_page)
            case "table":
                from workbench.panes.try_.table.view import TableView

                return TableView(self._on_page)
            case "strength":
                from workbench.panes.try_.strength.view import StrengthView

                return StrengthView(self._on_page)
            case "evaluation":
                from workbench.panes.try_.evaluation.view import EvaluationView

                return EvaluationView(self._on_page)
            case _:
                from workbench.panes.try_.talk.view import TalkView

                return TalkView(self._on_page)

    def act(self) -> bool:
        return self.view is not None and self.view.act()

    def undo(self) -> None:
        if self.view is not None:
            self.view.undo()

    def arranged(self) -> None:
        if self.view is not None:
            self.view.is_wide = self.is_wide
            self.view.arranged()

    def window_closes(self) -> None:
        for view in self.views.values():
            view.window_closes()

    def _show_badge(self) -> None:
        has_failed = self.chat.trouble is not None
        self.set_badge("running" if self.chat.is_answering else "ended badly" if has_failed else "")
