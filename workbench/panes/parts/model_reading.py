"""What a recipe's model.source means, and what can be read of it."""

from workbench.core import sources
from workbench.core.hub import cache as hub_cache
from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError, shortened
from workbench.panes.parts.form_rows import in_form_words


def read_shape(source: str, revision: str, *, asks: bool) -> ModelShape | None:
    """The shape of a model other than the starter; None where it is not on this machine and is not asked for.

    Raises UserError.
    """
    folder = sources.model_path(source)
    if folder is not None:
        try:
            return model_shape.from_path(folder)
        except OSError as error:
            raise UserError(f"{source} cannot be read: {error.strerror or error}.") from None
    if asks:
        from workbench.core.model import hub_models

        return hub_models.look_up(source, revision)
    kept = hub_cache.snapshot(source, revision)
    try:
        return model_shape.from_path(kept) if kept is not None else None
    except UserError:
        return None  # half a download: the engine fetches what is missing


def in_words(error: UserError, source: str) -> str:
    """An error in sentences, with a model's long name in few letters: its field has all of it."""
    parts = (error.what, error.why, in_form_words(error.remedy))
    sentences = (part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
    return " ".join(sentences).replace(source, shortened(source))
