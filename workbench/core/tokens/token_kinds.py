"""What can keep a row from being learned once it is tokens, and what is told of rows that are: two closed lists."""

from typing import NamedTuple

from workbench.core.data.row_kinds import RowKind


class Finding(NamedTuple):
    """What is told of a row that is learned: a name of FINDINGS, and what it is about in this row."""

    kind: str
    detail: str = ""


class Fault(NamedTuple):
    """Why a row is not learned: a name of FAULTS, and what it is in this row."""

    kind: str
    detail: str = ""

    @property
    def advice(self) -> str:
        """What a person can do about it."""
        return FAULTS[self.kind].remedy


class Settling(NamedTuple):
    """A setting that makes such rows learned as they were meant: its path and value, and what it does in words."""

    title: str
    path: str
    value: bool | str


def _by_name(*kinds: RowKind) -> dict[str, RowKind]:
    return {kind.name: kind for kind in kinds}


# Its form ends every answer with the tokenizer's own end, and takes whatever roles there are.
_OTHER_TEMPLATE = 'Choose another template, such as data.template = "plain".'

FAULTS = _by_name(
    RowKind(
        "system refused",
        "have a system turn, which the template takes none of",
        "Set data.system_in_user = true: the system text then stands before the first question.",
    ),
    RowKind(
        "assistant first",
        "begin with the assistant, which the template takes only after a question",
        'Choose another template, such as data.template = "plain"; or give a data.system_prompt and set '
        "data.system_in_user = true: the assistant then answers that.",
    ),
    RowKind("template failure", "are not taken by the chat template", _OTHER_TEMPLATE),
    RowKind("too long", "are longer than the longest row", "Raise training.max_length, or cut them: data.too_long."),
    RowKind(
        "nothing to learn",
        "have no token to learn from within the longest row",
        "Raise training.max_length, or set data.too_long = cut_start, which keeps a row's end.",
    ),
    RowKind(
        "context alone",
        "have a weight of 0 at each answer that would be learned",
        "Set a weight of 1 where an answer is to be learned, or leave them out.",
    ),
    RowKind(
        "beyond the vocabulary",
        "hold tokens that the model has no embedding for",
        "Take the tokenizer that belongs to the model, or write the rows without these tokens. Where they are meant, "
        "enlarge the model first (resize_token_embeddings of transformers) and train it whole, lora.enabled = false: "
        "its new rows know nothing yet.",
    ),
)

FINDINGS = _by_name(
    RowKind("cut at the end", "are cut at their end", "Raise training.max_length to learn them whole."),
    RowKind("cut at the start", "are cut at their start", "Raise training.max_length to learn them whole."),
    RowKind(
        "turns left out",
        "have answers that are too long, or of which nothing is left to learn; their other answers are learned",
        "Raise training.max_length.",
    ),
    RowKind(
        "answer changed",
        "have an answer that the template does not write whole",
        'Choose a template that writes all of it, such as data.template = "plain".',
    ),
    RowKind("trimmed", "have an answer whose space at its edges the template leaves out"),
    RowKind(
        "key not shown",
        "have parts of a turn that the template does not write",
        "Choose a template that writes them, or write them into the text of the turn.",
    ),
    RowKind(
        "turn not shown",
        "have a turn that the template does not write",
        "Choose a template that writes it. For a system turn, data.system_in_user = true helps.",
    ),
    RowKind(
        "no end",
        "have an answer without an end token: the model does not learn to stop",
        _OTHER_TEMPLATE,
    ),
    RowKind("two ends", "have a second end token behind an answer, which is not learned"),
    RowKind(
        "end before the answer",
        "have an end token right before an answer, so that the model would be asked after an end",
        _OTHER_TEMPLATE,
    ),
    RowKind(
        "asked otherwise",
        "have a beginning of the answer in what is asked that is not learned with it",
        "Write that beginning into the answers, or choose another template.",
    ),
    RowKind(
        "special in the text",
        "have text that the tokenizer takes for a special token",
        "Take it out, unless it is meant.",
    ),
    RowKind(
        "joined",
        "have a token that holds the end of the prompt and the beginning of the answer",
        "End prompts with a line break, or begin answers with a space.",
    ),
    RowKind("unknown", "hold characters that the tokenizer has no token for"),
)

_PLAINLY = Settling("Use the plain template", "data.template", "plain")
# What settles a kind by one setting, where one does.
SETTLED_BY = {
    "system refused": Settling("Put it into the question", "data.system_in_user", True),
    "assistant first": _PLAINLY,
    "template failure": _PLAINLY,
    "no end": _PLAINLY,
}
