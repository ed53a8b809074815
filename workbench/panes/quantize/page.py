"""The Quantize page: what fewer bits do to numbers, to a layer, to a whole model, to its products and its answers."""

from workbench.bridge.study_control import StudyControl
from workbench.panes.charts.picture_files import ask_for_picture
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import Segmented, button
from workbench.panes.parts.lab_view import LabView, Views
from workbench.panes.parts.page import Page

SAVE_WORDS = "Save picture"
VIEWS = {"hand": "By hand", "layer": "A layer", "whole": "Whole model", "outliers": "Outliers", "race": "Race"}


class QuantizePage(Page):
    """Five views, each made when it is first shown; what takes long is a study, which goes on without the window."""

    sentence = "What fewer bits do to real numbers."

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        assert self.form is not None
        self.form.action_bar.hide()
        self.views: dict[str, LabView] = {}
        self.studies: dict[str, StudyControl] = {}
        self.stack = Views()
        in_column(self.stack, of=self.picture)
        self.choice = Segmented(list(VIEWS.items()), "View")
        self.choice.set_value("hand")
        self.choice.chosen.connect(self.show_view)
        self.save_button = button(SAVE_WORDS, theme, "image")
        self.save_button.setAccessibleName(SAVE_WORDS)
        self.save_button.setToolTip("Save what is shown as a picture or a drawing")
        self.save_button.clicked.connect(self._save_picture)
        self.header.add(self.choice)
        self.header.add(self.save_button)

    @property
    def view(self) -> LabView | None:
        """The one that is shown; None before the page comes up."""
        shown = self.stack.currentWidget()
        return shown if isinstance(shown, LabView) else None

    def shown_first(self) -> None:
        self.show_view(self.choice.value())

    def show_view(self, name: str) -> None:
        """Brings a view up, making it where it is not there yet."""
        view = self.view_of(name)
        self.choice.set_value(name)
        self.stack.setCurrentWidget(view)
        self.use_form(view.form)
        view.shown_first()

    def view_of(self, name: str) -> LabView:
        if name not in self.views:
            view = self._make(name)
            view.message.connect(self.header.say)
            self.views[name] = view
            self.stack.addWidget(view)
        return self.views[name]

    def _make(self, name: str) -> LabView:
        match name:
            case "layer":
                from workbench.panes.quantize.layer.view import LayerView

                return LayerView(self.theme)
            case "whole":
                from workbench.panes.quantize.whole.view import WholeView

                return WholeView(self.theme, self._study(name))
            case "outliers":
                from workbench.panes.quantize.outliers.view import OutliersView

                return OutliersView(self.theme, self._study(name))
            case "race":
                from workbench.panes.quantize.race.view import RaceView

                return RaceView(self.theme, self._study(name))
            case _:
                from workbench.panes.quantize.hand.view import HandView

                return HandView(self.theme)

    def _study(self, name: str) -> StudyControl:
        return self.studies.setdefault(name, StudyControl(self))

    def arranged(self) -> None:
        # In the projector a form's button stands in the header too.
        self.save_button.setText("" if self.theme.projector else SAVE_WORDS)
        if self.view is not None:
            self.view.is_wide = self.is_wide
            self.view.arranged()

    def window_closes(self) -> None:
        for study in self.studies.values():
            study.close()

    def _save_picture(self) -> None:
        if self.view is not None:
            ask_for_picture(self.view, self.theme, self.header.say, f"Quantize {self.view.title}")
