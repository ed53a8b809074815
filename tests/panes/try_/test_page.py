"""The Try page: four views on one chat, each with its form and its tools in the header."""

from collections.abc import Iterator

import pytest

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.panes.look.theme import Theme
from workbench.panes.try_.page import VIEWS, TryPage


@pytest.fixture
def page(theme: Theme) -> Iterator[TryPage]:
    made = TryPage(ChatControl(), RunList(), JobControl(), GpuWatch(), theme)
    made.resize(1218, 704)
    made.show()
    yield made
    made.window_closes()
    made.close()


def test_that_each_view_comes_up_with_its_form_and_its_tools(page: TryPage) -> None:
    for name in VIEWS:
        page.show_view(name)
        assert page.view is not None
        assert page.view.name == name
        assert page.choice.value() == name
        assert page.form is page.view.form
        assert [other for other, view in page.views.items() if view.tools.isVisible()] == [name]
