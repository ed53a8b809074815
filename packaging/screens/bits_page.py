"""The Bits page: its rows with one format after the other worked out, and what takes their place."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camera import Camera

# Values of the Bits page with the row that is worked out, then what takes the place of the rows.
BITS_ROWS = {
    "tenth": ("0.1", "FP16"),
    "65520": ("65520", "FP16"),
    "nf4": ("0.1", "NF4"),
    "article": ("-0.3", "Article 6+10"),
}
BITS_VIEWS = ("conversions", "quiz", "weight")


def take_bits(camera: "Camera") -> None:
    """Every state of the page that is wanted."""
    from workbench.panes.bits.page import BitsPage
    from workbench.panes.bits.rows.formats import RowsDialog

    window = camera.window
    if not camera.is_wanted("bits", " ".join((*BITS_ROWS, *BITS_VIEWS, "rows-dialog"))):
        return
    window.show_page("bits")
    page = window.pages["bits"]
    assert isinstance(page, BitsPage)
    for state, (text, name) in BITS_ROWS.items():
        if camera.is_wanted("bits", state):
            page.model.set_text(text)
            page.model.select([format_.name for format_ in page.model.formats].index(name))
            camera.take("bits", state)
    page.model.set_text("65520")
    page.model.select([format_.name for format_ in page.model.formats].index("FP16"))
    for state in BITS_VIEWS:
        if camera.is_wanted("bits", state):
            page.show_view(getattr(page, state))
            if state == "weight":
                page.weight.open_source(weights_to_show())
            camera.take("bits", state)
    page.show_view(page.view)
    if camera.is_wanted("bits", "rows-dialog"):
        camera.take_aside("bits-rows-dialog", lambda: RowsDialog(window.theme, page.model, page))


def weights_to_show() -> Path:
    """A model folder of the home, of random weights in BF16."""
    import numpy as np

    from tests.tensors import bf16, write_model
    from workbench.core import places

    folder = places.home() / "random-weights"
    if not folder.exists():
        random = np.random.default_rng(4)
        tensors = {
            f"model.layers.{layer}.self_attn.{kind}_proj.weight": bf16(random.normal(0, 0.04, (96, 128)))
            for layer in range(4)
            for kind in "qkvo"
        }
        write_model(folder, {"model.safetensors": tensors})
    return folder
