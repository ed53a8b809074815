"""The Quantize page for `screens.py`: each view, and what it shows of a study."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens import Screens

# By hand: a preset, and another format that it is put into.
HAND = {"eight": "", "article": "", "outlier": "nf4", "lopsided": ""}
# A view that shows what a study found.
STUDIES = {"whole": "layers", "outliers": "outliers", "race": "measure"}


def take_quantize(screens: "Screens") -> None:
    """Every state of the page that is wanted."""
    from screens import spin_until

    from tests.studies import kept_study, tiny_studied_model
    from workbench.panes.quantize.hand.view import HandView
    from workbench.panes.quantize.page import VIEWS, QuantizePage

    if not screens.is_wanted("quantize", " ".join((*HAND, *VIEWS, *(f"{view}-empty" for view in STUDIES)))):
        return
    tiny_studied_model()
    screens.window.show_page("quantize")
    page = screens.window.pages["quantize"]
    assert isinstance(page, QuantizePage)
    hand = page.view_of("hand")
    assert isinstance(hand, HandView)
    for preset, name in HAND.items():
        if screens.is_wanted("quantize", preset):
            hand.model.choose_preset(preset)
            if name:
                hand.model.set_format(name)
            screens.take("quantize", preset)
    if screens.is_wanted("quantize", "layer"):
        page.show_view("layer")
        screens.take("quantize", "layer")
    for view, kind in STUDIES.items():
        if screens.is_wanted("quantize", f"{view}-empty"):
            page.show_view(view)
            screens.take("quantize", f"{view}-empty")
        if screens.is_wanted("quantize", view):
            page.show_view(view)
            study = page.studies[view]
            study.follow(kept_study(kind))  # type: ignore[arg-type]
            spin_until(lambda study=study: study.outcome is not None)  # type: ignore[misc]
            screens.take("quantize", view)
    page.show_view("hand")
