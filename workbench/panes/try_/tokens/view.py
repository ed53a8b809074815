"""The view Tokens of the Try page."""

from workbench.panes.try_.view import TryView


class TokensView(TryView):
    """An answer, token by token."""

    name = "tokens"
    title = "Tokens"
