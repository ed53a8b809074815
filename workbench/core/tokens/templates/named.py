"""The chat template that a recipe chooses: the tokenizer's own, one by name, or one from a file."""

from collections.abc import Mapping
from pathlib import Path

from workbench.core import places
from workbench.core.problems import UserError, nearest, shown
from workbench.core.recipe.recipe import DataSettings
from workbench.core.tokens.templates.chat_template import LONGEST_SOURCE, ChatTemplate, TemplateFailure
from workbench.core.tokens.tokenizer import TextTokenizer

PLAIN = "plain"  # of any tokenizer that has an end token, and of any roles
SUFFIX = ".jinja"


def named_templates() -> dict[str, Path]:
    """The chat templates that come with the program, by name."""
    return {path.stem: path for path in sorted((places.resources() / "templates").glob(f"*{SUFFIX}"))}


def title_of(template: str) -> str:
    """A named template as people write it: "ChatML", "Llama 3"."""
    known = {"chatml": "ChatML", "command-r": "Command R", "phi-3": "Phi-3", "plain": "Plain: prompt, answer"}
    return known.get(template, template.replace("-", " ").capitalize())


def chosen_template(tokenizer: TextTokenizer, data: DataSettings, *, with_tools: bool = False) -> ChatTemplate | None:
    """What the recipe wraps turns in; None where it wraps them in nothing, or there is nothing to wrap them in.

    Of a tokenizer's several templates the default one, and for rows with tools the one that is called tool_use, as
    transformers chooses. Raises UserError.
    """
    if not data.chat_template:
        return None
    if data.template:
        return named_template(tokenizer, data.template)
    own = tokenizer.facts.templates
    if not own:
        return None
    source = own.get("tool_use") if with_tools else None
    source = source or own.get("default")
    if source is None:
        raise UserError(
            f"The model's tokenizer has several chat templates and none of them is its default: {', '.join(own)}.",
            remedy='Set data.template to one by name, such as "chatml", or to a file.',
        )
    return _compiled(source, tokenizer.facts.special_tokens, "The model's chat template")


def named_template(tokenizer: TextTokenizer, name: str) -> ChatTemplate:
    """A template by its name or from its file, with the token before a text that the tokenizer puts there itself.

    Raises UserError.
    """
    source = read_template(name)
    # Without it a template that spells no <s> would leave it out, since what a template spells is taken as it is.
    if tokenizer.bos and tokenizer.adds_before and "bos_token" not in source:
        source = "{{- bos_token -}}" + source
    return ChatTemplate(source, tokenizer.facts.special_tokens)


def read_template(name: str) -> str:
    """What stands in a template, by its name or in a file of that path. Raises UserError where it is none."""
    known = named_templates()
    path = known.get(name, Path(name).expanduser())
    if name not in known and path.suffix != SUFFIX:
        raise UserError(
            f'data.template: there is none called "{shown(name)}".{nearest(name, list(known))}',
            remedy=f"Choose one of {', '.join(known)}, or name a {SUFFIX} file.",
        )
    try:
        with path.open("rb") as file:
            source = file.read(4 * LONGEST_SOURCE + 1).decode("utf-8-sig")
    except OSError as error:
        raise UserError(
            f"data.template: {path} cannot be read: {error.strerror or error}.", remedy="Name a template file."
        ) from None
    except UnicodeDecodeError:
        raise UserError(f"data.template: {path} is not UTF-8.", remedy="Save it as UTF-8.") from None
    _compiled(source, {}, f'data.template: "{shown(name)}"')
    return source


def _compiled(source: str, special_tokens: Mapping[str, str], what: str) -> ChatTemplate:
    try:
        return ChatTemplate(source, special_tokens)
    except TemplateFailure as failure:
        raise UserError(
            f"{what} cannot be read as one: {failure}.", remedy=f'Choose another, such as data.template = "{PLAIN}".'
        ) from None
