"""The option --json, as every verb has it."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on standard output.")]
