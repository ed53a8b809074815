"""The view Strength of the Try page."""

from workbench.panes.try_.view import TryView


class StrengthView(TryView):
    """The adapter's scale, from nothing to more than was trained."""

    name = "strength"
    title = "Strength"
