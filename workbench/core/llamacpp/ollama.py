"""A Modelfile: what Ollama has to know of a GGUF file so that it answers as the run does.

Ollama writes conversations by templates of Go's text/template. What a chat template of Jinja puts around each turn is
found by rendering it, and said in that language where the same then comes of every conversation that is tried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.core.data.system import BETWEEN
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure
from workbench.core.tokens.tokenizer import TextTokenizer

MOST_CONTEXT = 8192  # tokens: what a laptop's memory holds beside the weights; Ollama's own is less
# No text that a template would shorten, split or take for a sign.
_SYSTEM, _USER, _ANSWER, _NEXT = "Qsystemq", "Quserq", "Qanswerq", "Qnextq"
_QUOTES = '"""'
_AS_ASKED = f"TEMPLATE {_QUOTES}{{{{ .Prompt }}}}{_QUOTES}"
_UNKNOWN = (
    "# What the chat template writes cannot be said in Ollama's words. Ollama takes the one that is in the GGUF file\n"
    "# where it knows it; look at what `ollama show --template` says before you trust its answers."
)

Turn = Mapping[str, str]


@dataclass(frozen=True)
class Frames:
    """What a chat template puts around turns.

    Attributes:
        start: Before everything, where there is no system text.
        before_system, after_system: Around a system text, with `start`, or within the first question.
        is_within: The system text stands within the first question.
        answering: What an answer is asked for by.
        last_answer: Behind an answer that nothing follows.
    """

    start: str
    before_system: str
    after_system: str
    is_within: bool
    before_user: str
    after_user: str
    before_answer: str
    after_answer: str
    answering: str

    def render(self, turns: Sequence[Turn]) -> str:
        """A conversation that ends with a question, as the Go template writes it."""
        system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
        text = f"{self.before_system}{system}{self.after_system}" if system and not self.is_within else self.start
        for place, turn in enumerate(turns):
            if turn["role"] == "user":
                is_first = bool(system) and self.is_within and place <= 1
                within = f"{self.before_system}{system}{self.after_system}" if is_first else ""
                text += f"{self.before_user}{within}{turn['content']}{self.after_user}"
            elif turn["role"] == "assistant":
                text += f"{self.before_answer}{turn['content']}{self.after_answer}"
        return text + self.answering

    def in_go(self, left_out: str = "") -> str:
        """The template as Ollama reads it; what is `left_out` at the start of a conversation is put there by itself."""
        plain = {name: _go(value) for name, value in self.__dict__.items() if isinstance(value, str)}
        start, before_user = plain["start"].removeprefix(left_out), plain["before_user"]
        if left_out and not plain["start"] and before_user.startswith(left_out):
            # Unless it begins the conversation: before the first question there is a system text at most.
            is_behind = "gt $i 1" if self.is_within else "or $.System (gt $i 0)"
            before_user = f"{{{{ if {is_behind} }}}}{left_out}{{{{ end }}}}{before_user.removeprefix(left_out)}"
        before_system, top, within = plain["before_system"], start, ""
        if self.is_within:
            told = f"{before_system}{{{{ $.System }}}}{plain['after_system']}"
            within = f"{{{{ if and $.System (le $i 1) }}}}{told}{{{{ end }}}}"
        else:
            told = f"{before_system.removeprefix(left_out)}{{{{ .System }}}}{plain['after_system']}"
            top = f"{{{{ if .System }}}}{told}{{{{ else }}}}{start}{{{{ end }}}}"
        user = f"{before_user}{within}{{{{ .Content }}}}{plain['after_user']}"
        answer = f"{plain['before_answer']}{{{{ .Content }}}}{{{{ if not $last }}}}{plain['after_answer']}{{{{ end }}}}"
        return (
            f"{top}{{{{ range $i, $turn := .Messages }}}}{{{{ $last := eq (len (slice $.Messages $i)) 1 }}}}"
            f'{{{{ if eq .Role "user" }}}}{user}{{{{ else if eq .Role "assistant" }}}}{answer}{{{{ end }}}}'
            f'{{{{ if and $last (ne .Role "assistant") }}}}{plain["answering"]}{{{{ end }}}}{{{{ end }}}}'
        )


def modelfile(
    file: str,
    tokenizer: TextTokenizer,
    template: ChatTemplate | None,
    *,
    context: int,
    system: str = "",
    system_in_user: bool = False,
) -> str:
    """The text of a Modelfile for a GGUF file beside it.

    `template` is what the run wraps turns in, `system` what it tells its model first, `system_in_user` whether that
    stands within the first question.
    """
    lines = [f"FROM ./{file}", "", _template_line(tokenizer, template, system_in_user=system_in_user), ""]
    if system:
        lines += [f"SYSTEM {_QUOTES}{system}{_QUOTES}" if _QUOTES not in system else f'SYSTEM "{_flat(system)}"', ""]
    stops = filter(None, map(tokenizer.token, sorted(tokenizer.ends)))
    lines += [f'PARAMETER stop "{stop}"' for stop in stops if '"' not in stop]
    lines += ["PARAMETER temperature 0", f"PARAMETER num_ctx {min(context or MOST_CONTEXT, MOST_CONTEXT)}"]
    return "\n".join(lines) + "\n"


def _template_line(tokenizer: TextTokenizer, template: ChatTemplate | None, *, system_in_user: bool) -> str:
    if template is None:
        return _AS_ASKED
    found = frames(template, tokenizer.eos, system_in_user=system_in_user)
    if found is None:
        return _UNKNOWN
    # Ollama puts the token that begins a text there by itself, where the GGUF file says so.
    return f"TEMPLATE {_QUOTES}{found.in_go(tokenizer.bos if tokenizer.adds_before else '')}{_QUOTES}"


def frames(template: ChatTemplate, end: str, *, system_in_user: bool = False) -> Frames | None:
    """What a chat template puts around turns; None where that depends on more than whose turn it is.

    `end` is the token that ends a text.
    """
    try:
        found = _found(template, end, system_in_user=system_in_user)
        if found is None or any(_QUOTES in text for text in found.__dict__.values() if isinstance(text, str)):
            return None
        tried = _TRIED if system_in_user or _takes_system(template) else _WITHOUT_SYSTEM
        is_same = all(_rendered(template, turns, system_in_user) == found.render(turns) for turns in tried)
    except TemplateFailure:
        return None
    return found if is_same else None


_TRIED: tuple[tuple[Turn, ...], ...] = tuple(
    tuple({"role": role, "content": content} for role, content in turns)
    for turns in (
        (("user", "What is 2 and 2?"),),
        (("system", "Be brief.\nAnd kind."), ("user", "Grüße, 日本?")),
        (("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d\ne"), ("user", "f")),
        (("system", "s"), ("user", "a"), ("assistant", "{b}"), ("user", "c"), ("assistant", "d"), ("user", "e")),
    )
)
_WITHOUT_SYSTEM = tuple(turns for turns in _TRIED if turns[0]["role"] != "system")


def _takes_system(template: ChatTemplate) -> bool:
    try:
        template.render(_TRIED[1], for_answer=True)
    except TemplateFailure:
        return False
    return True


def _found(template: ChatTemplate, end: str, *, system_in_user: bool) -> Frames | None:
    def around(*turns: tuple[str, str], for_answer: bool = True) -> list[str] | None:
        """What stands around the contents of the turns."""
        given = [{"role": role, "content": content} for role, content in turns]
        text, parts = template.render(given, for_answer=for_answer).text, list[str]()
        for _, content in turns:
            before, found, text = text.partition(content)
            if not found:
                return None
            parts.append(before)
        return [*parts, text]

    user, answer = ("user", _USER), ("assistant", _ANSWER)
    one, plain = around(user), around(user, for_answer=False)
    more, ended = around(user, answer, ("user", _NEXT)), around(user, answer, for_answer=False)
    if one is None or plain is None or more is None or ended is None:
        return None
    # Some write the end of the text where no answer is asked for.
    after_user = plain[1] if one[1].startswith(plain[1]) else plain[1].removesuffix(end)
    after_answer = ended[2] if more[2].startswith(ended[2]) else ended[2].removesuffix(end)
    before_user = more[2].removeprefix(after_answer)
    if not (
        one[1].startswith(after_user)
        and more[1].startswith(after_user)
        and more[2].startswith(after_answer)
        and one[0].endswith(before_user)
    ):
        return None
    start = one[0].removesuffix(before_user)
    before_system, after_system, is_within = "", BETWEEN, True
    if not system_in_user and _takes_system(template):
        told = around(("system", _SYSTEM), user)
        if told is None:
            return None
        is_within = told[0].startswith(one[0]) and not told[1].endswith(before_user)
        before_system = told[0].removeprefix(one[0]) if is_within else told[0]
        after_system = told[1] if is_within else told[1].removesuffix(before_user)
    return Frames(
        start,
        before_system,
        after_system,
        is_within,
        before_user,
        after_user,
        more[1].removeprefix(after_user),
        after_answer,
        one[1].removeprefix(after_user),
    )


def _rendered(template: ChatTemplate, turns: Sequence[Turn], system_in_user: bool) -> str:
    first = turns[0]
    if first["role"] == "system" and system_in_user:
        asked = {"role": "user", "content": f"{first['content']}{BETWEEN}{turns[1]['content']}"}
        turns = [asked, *turns[2:]]
    return template.render(list(turns), for_answer=True).text


def _go(text: str) -> str:
    """Text as Go's templates write it as it is."""
    return text.replace("{{", '{{ "{{" }}')


def _flat(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "'").replace("\n", " ")
