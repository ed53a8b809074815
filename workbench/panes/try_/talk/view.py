"""The view Talk of the Try page."""

from workbench.panes.try_.view import TryView


class TalkView(TryView):
    """One question to the base and the tuned model, side by side."""

    name = "talk"
    title = "Talk"
