"""The verb `token`: the token of the Hub in the system's keyring, set without being shown, and forgotten."""

import getpass
import sys
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.hub import token as hub_token
from workbench.core.hub.token import LONGEST, TokenState
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json

app = typer.Typer(invoke_without_command=True, add_completion=False, no_args_is_help=False)
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@app.callback()
def token(context: typer.Context, json: Json = False) -> None:
    """Say whether there is a token of the Hub, for gated and private models; `token set` keeps one."""
    if context.invoked_subcommand is None:
        _tell(hub_token.state(), json=json)


@app.command("set")
def set_token(json: Json = False) -> None:
    """Keep a token in the system's keyring: it is asked for unseen, or read from standard input."""
    if sys.stdin.isatty():
        secret = getpass.getpass("Token of the Hub (it is not shown): ")
    else:
        secret = sys.stdin.readline(LONGEST + 1)
    _tell(hub_token.keep(secret), json=json)


@app.command("forget")
def forget_token(json: Json = False) -> None:
    """Delete the token from the system's keyring."""
    hub_token.forget()
    _tell(hub_token.state(), json=json)


def _tell(state: TokenState, *, json: bool) -> None:
    if json:
        terminal.printed(asdict(state))
    else:
        out.print(escape(state.in_words()), soft_wrap=True)
