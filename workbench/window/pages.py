"""The pages in the order of the rail: what each is called, its icon, and how it is made.

A page's title stands in the rail and in its header, and its place is its key: Ctrl+1 is the first.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from workbench.bridge.chat_control import ChatControl
    from workbench.bridge.export_control import ExportControl
    from workbench.bridge.fetch_queue import FetchQueue
    from workbench.bridge.gpu_watch import GpuWatch
    from workbench.bridge.job_control import JobControl
    from workbench.bridge.queue_control import QueueControl
    from workbench.bridge.recipe_store import RecipeStore
    from workbench.bridge.run_list import RunList
    from workbench.bridge.settings import Settings
    from workbench.panes.look.theme import Theme
    from workbench.panes.parts.page import Page


class Shared(NamedTuple):
    """What the window and its pages stand on together."""

    theme: "Theme"
    store: "RecipeStore"
    control: "JobControl"
    gpu: "GpuWatch"
    run_list: "RunList"
    settings: "Settings"
    fetches: "FetchQueue"
    chat: "ChatControl"
    exports: "ExportControl"
    queue: "QueueControl"


class PageEntry(NamedTuple):
    """A page before it is made, which imports it: only the first that is shown is imported before the first paint."""

    name: str
    title: str
    icon: str
    make: "Callable[[Shared], Page]"


def _model(shared: Shared) -> "Page":
    from workbench.panes.model.page import ModelPage

    return ModelPage(shared.store, shared.gpu, shared.theme, shared.settings, shared.fetches)


def _data(shared: Shared) -> "Page":
    from workbench.panes.data.page import DataPage

    return DataPage(shared.store, shared.theme, shared.settings)


def _train(shared: Shared) -> "Page":
    from workbench.panes.train.page import TrainPage

    return TrainPage(shared.store, shared.control, shared.gpu, shared.theme)


def _try(shared: Shared) -> "Page":
    from workbench.panes.try_.page import TryPage

    return TryPage(shared.chat, shared.run_list, shared.control, shared.gpu, shared.theme)


def _runs(shared: Shared) -> "Page":
    from workbench.panes.runs.page import RunsPage

    return RunsPage(shared.run_list, shared.control, shared.exports, shared.queue, shared.settings, shared.theme)


def _bits(shared: Shared) -> "Page":
    from workbench.panes.bits.page import BitsPage

    return BitsPage(shared.theme)


def _quantize(shared: Shared) -> "Page":
    from workbench.panes.quantize.page import QuantizePage

    return QuantizePage(shared.theme)


def _memory(shared: Shared) -> "Page":
    from workbench.panes.memory.page import MemoryPage

    return MemoryPage(shared.store, shared.gpu, shared.theme)


SECTIONS = {
    "Way through": (
        PageEntry("model", "Model", "cube", _model),
        PageEntry("data", "Data", "database", _data),
        PageEntry("train", "Train", "chart-line-up", _train),
        PageEntry("try", "Try", "chat-circle-text", _try),
        PageEntry("runs", "Runs", "clock-counter-clockwise", _runs),
    ),
    "Laboratory": (
        PageEntry("bits", "Bits", "squares-four", _bits),
        PageEntry("quantize", "Quantize", "stack", _quantize),
        PageEntry("memory", "Memory", "cpu", _memory),
    ),
}
PAGES = {page.name: page for pages in SECTIONS.values() for page in pages}
KEYS = {name: f"Ctrl+{number}" for number, name in enumerate(PAGES, 1)}
