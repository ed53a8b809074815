"""The Memory page: its rows, the story at its end, the article's sums, a model that does not fit."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camera import Camera

STATES = ("rows", "story", "article", "tight", "sizes")


def take_memory(camera: "Camera") -> None:
    """Every state of the page that is wanted."""
    from workbench.core.memory.scenarios import STEPS
    from workbench.panes.memory.page import MemoryPage
    from workbench.panes.memory.source import SIZES

    if not camera.is_wanted("memory", " ".join(STATES)):
        return
    window = camera.window
    window.show_page("memory")
    page = window.pages["memory"]
    assert isinstance(page, MemoryPage)
    page.open_model("Llama-3-8B")
    if camera.is_wanted("memory", "rows"):
        camera.take("memory", "rows")
    if camera.is_wanted("memory", "story"):
        page.ways.story.begin()
        for _ in STEPS:
            page.ways.story.go(1)
        camera.take("memory", "story")
        page.ways.show_rows()
    if camera.is_wanted("memory", "article"):
        page.ways.show_article(True)
        camera.take("memory", "article")
        page.ways.show_rows()
    if camera.is_wanted("memory", "tight"):
        page.open_model("Mixtral-8x7B")
        page.model.choose(1)
        camera.take("memory", "tight")
    if camera.is_wanted("memory", "sizes"):
        choice = page.controls.source.choice
        choice.setCurrentIndex(choice.findData(SIZES))
        choice.activated.emit(choice.currentIndex())
        camera.take("memory", "sizes")
