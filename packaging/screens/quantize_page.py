"""The Quantize page: each view, and what it shows of a study."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camera import Camera

# By hand: a preset, and another format that it is put into.
HAND = {"eight": "", "article": "", "outlier": "nf4", "lopsided": ""}
# A view that shows what a study found.
STUDIES = {"whole": "layers", "outliers": "outliers", "race": "measure"}


def take_quantize(camera: "Camera") -> None:
    """Every state of the page that is wanted."""
    from camera import spin_until

    from tests.studies import kept_study, tiny_studied_model
    from workbench.panes.quantize.hand.view import HandView
    from workbench.panes.quantize.page import VIEWS, QuantizePage

    if not camera.is_wanted("quantize", " ".join((*HAND, *VIEWS, *(f"{view}-empty" for view in STUDIES)))):
        return
    tiny_studied_model()
    camera.window.show_page("quantize")
    page = camera.window.pages["quantize"]
    assert isinstance(page, QuantizePage)
    hand = page.view_of("hand")
    assert isinstance(hand, HandView)
    for preset, name in HAND.items():
        if camera.is_wanted("quantize", preset):
            hand.model.choose_preset(preset)
            if name:
                hand.model.set_format(name)
            camera.take("quantize", preset)
    if camera.is_wanted("quantize", "layer"):
        page.show_view("layer")
        camera.take("quantize", "layer")
    for view, kind in STUDIES.items():
        if camera.is_wanted("quantize", f"{view}-empty"):
            page.show_view(view)
            camera.take("quantize", f"{view}-empty")
        if camera.is_wanted("quantize", view):
            page.show_view(view)
            study = page.studies[view]
            study.follow(kept_study(kind))  # type: ignore[arg-type]
            spin_until(lambda study=study: study.outcome is not None)  # type: ignore[misc]
            camera.take("quantize", view)
    page.show_view("hand")
