"""The verb `chat`: a run or a model asked, by itself or beside others of the same base."""

import os
import subprocess
import sys
from typing import Annotated, Any

import psutil
import typer
from rich.console import Console
from rich.markup import escape

from workbench.core.chat.metrics import is_json, is_json_container, token_f1
from workbench.core.chat.prompts import read_prompts
from workbench.core.chat.speakers import anywhere, speakers_of
from workbench.core.job.chat_kinds import Answered, ChatLoaded, ChatRequest, QuestionDone, QuestionRefused, QuestionSent
from workbench.core.job.events import Event
from workbench.core.job.history import History
from workbench.core.job.question import LARGEST_SEED, MOST_NEW_TOKENS, MOST_STRENGTH, AnswerSettings, Asking, Question
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.units import bytes_in_words
from workbench.verbs import follow as terminal
from workbench.verbs.json_option import Json
from workbench.verbs.talk import Talk, pace_in_words, printable

# A file or a pipe has no width of its own.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
INTERRUPTED = 130


def chat(
    model: Annotated[
        str, typer.Argument(metavar="RUN|MODEL", help="A run, a checkpoint or adapter folder, a model or a Hub id.")
    ],
    beside: Annotated[
        list[str] | None,
        typer.Option("--beside", metavar="RUN|base", help="Also answers: the base, or a run of it; repeatable."),
    ] = None,
    strength: Annotated[
        float, typer.Option("--strength", min=0, max=MOST_STRENGTH, metavar="S", help="The adapter's scale; 0 is off.")
    ] = 1.0,
    prompt: Annotated[str | None, typer.Option("--prompt", metavar="T", help="What is asked.")] = None,
    prompts: Annotated[
        str | None,
        typer.Option("--prompts", metavar="FILE", help="Prompts: a line each of a .txt, or rows with their answers."),
    ] = None,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", min=1, max=MOST_NEW_TOKENS, metavar="N", help="The longest answer.")
    ] = 256,
    temperature: Annotated[
        float, typer.Option("--temperature", min=0, max=10, metavar="T", help="0 takes the likeliest token.")
    ] = 0.0,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=LARGEST_SEED, metavar="N", help="The same seed, the same answer.")
    ] = 1,
    json: Json = False,
) -> None:
    """Ask a run or a model; without a prompt, on a terminal, talk to it: Ctrl-C stops an answer, twice ends."""
    if prompt is not None and prompts is not None:
        raise UserError("--prompt and --prompts are both given.", remedy="Ask one prompt, or those of a file.")
    sides = speakers_of(anywhere(model), [anywhere(name) for name in beside or []])
    if strength != 1 and all(side.adapter is None for side in sides):
        raise UserError(f"{sides[0].title} has no adapter whose strength could be set.", remedy="Leave out --strength.")
    asked = _asked(prompt, prompts, sides[0].recipe or Recipe())
    if not asked and (json or not sys.stdin.isatty()):
        raise UserError("Nothing is asked.", remedy="Add --prompt, or --prompts with a file.")
    settings = AnswerSettings(strength=strength, temperature=temperature, max_tokens=max_tokens, seed=seed)
    run = create_study(
        ChatRequest(
            model=anywhere(model),
            beside=tuple(anywhere(name) for name in beside or []),
            owner_pid=os.getpid(),
            owner_began=psutil.Process().create_time(),
        )
    )
    if not asked:
        _end(run, terminal.run_to_its_end(run, lambda folder, process: Talk(folder, process, settings)))
    question = Question(number=1, prompts=tuple(asked), settings=settings)
    history = terminal.run_to_its_end(run, lambda folder, process: _Asker(folder, process, question))
    found = facts(history)
    refused = [event for event in history.findings if isinstance(event, QuestionRefused)]
    if refused and len(refused) == len(found["answers"]):
        run.remove()
        raise UserError(refused[0].what, why=refused[0].why, remedy=refused[0].remedy)
    if json and found["answers"]:
        terminal.printed(found)
    elif found["answers"]:
        show(history)
    for event in refused:
        terminal.errors.print(escape(f"{printable(event.prompt)}: {event.in_words()}"), soft_wrap=True)
    was_interrupted = any(row["finish"] == "interrupted" for row in found["answers"])
    _end(run, history, terminal.REFUSED if refused else INTERRUPTED if was_interrupted else 0)


def _asked(prompt: str | None, prompts: str | None, recipe: Recipe) -> list[Asking]:
    if prompts is not None:
        return read_prompts(prompts, recipe.data)
    return [] if prompt is None else [Asking(text=prompt)]


def _end(run: RunFolder, history: History, code: int = 0) -> None:
    run.remove()
    terminal.refuse(history)
    raise typer.Exit(terminal.exit_code(run, history) or code)


class _Asker(terminal.Follower):
    """Asks one question and ends the chat; Ctrl-C stops the answer, a second one cancels, a third one kills."""

    def __init__(self, run: RunFolder, process: subprocess.Popen[bytes], question: Question) -> None:
        super().__init__(run, process)
        self._wanted = len(question.prompts)
        self._is_loaded = False
        self._answered = 0
        run.give(Order(order="ask", question=question))

    def _show(self, event: Event) -> None:
        match event:
            case ChatLoaded():
                self._is_loaded = True
                self._wanted *= len(event.sides)
                self._advance(0, self._wanted, "", "Answering")
            case Answered() | QuestionRefused():
                self._answered += 1
                self._advance(self._answered, self._wanted, f"{self._answered} of {self._wanted} answers")
            case QuestionDone():
                self.run.give(Order(order="stop"))
            case _:
                super()._show(event)

    def _interrupt(self) -> None:
        if self._is_loaded and not self._interrupts:
            self._interrupts += 1
            self.run.give(Order(order="interrupt"))
            terminal.errors.print("The answer is stopped. Ctrl-C again ends at once.")
        else:
            self._interrupts = max(1, self._interrupts)
            super()._interrupt()


def facts(history: History) -> dict[str, Any]:
    """What `chat --json` prints."""
    loaded = next((event for event in history.findings if isinstance(event, ChatLoaded)), None)
    done = next((event for event in history.findings if isinstance(event, QuestionDone)), None)
    sent = {_key(event): event for event in history.findings if isinstance(event, QuestionSent)}
    order = [entry.side for entry in loaded.sides] if loaded else []
    ended = [event for event in history.findings if isinstance(event, Answered | QuestionRefused)]
    ended.sort(key=lambda event: (event.place, order.index(event.side) if event.side in order else len(order)))
    return {
        "answers": [_row(event, sent.get(_key(event))) for event in ended],
        "tokens_per_second": round(done.tokens / done.seconds, 2) if done and done.seconds else None,
        "peak_memory_bytes": done.peak_bytes if done else None,
        "base": {"folder": loaded.folder, "hash": loaded.base_hash, "stored_as": loaded.stored_as} if loaded else None,
        "sides": [entry.model_dump() for entry in loaded.sides] if loaded else [],
    }


def _key(event: Answered | QuestionRefused | QuestionSent) -> tuple[int, str]:
    return event.place, event.side


def _row(event: Answered | QuestionRefused, sent: QuestionSent | None) -> dict[str, Any]:
    common = {"prompt": event.prompt, "side": event.side}
    if isinstance(event, QuestionRefused):
        nothing = {"text": None, "tokens": 0, "seconds": 0.0, "finish": "refused", "expected": None, "exact": None}
        return common | nothing | {"token_f1": None, "valid_json": None, "problem": event.in_words()}
    return common | {
        "text": event.text,
        "tokens": len(event.ids),
        "seconds": round(event.seconds, 4),
        "finish": event.finish,
        "expected": event.expected,
        "exact": event.is_exact,
        "token_f1": None if event.expected is None else round(token_f1(event.text, event.expected), 4),
        "valid_json": is_json(event.text),
        "first_token_seconds": round(event.first_token_seconds, 4),
        "base": event.base_hash,
        "adapter": event.adapter_sha256 or None,
        "strength": event.strength,
        "ids": event.ids,
        "sent": {"text": sent.text, "ids": sent.ids} if sent else None,
    }


def show(history: History) -> None:
    """The answers for people: each prompt, then what each side says to it."""
    answers = [event for event in history.findings if isinstance(event, Answered)]
    for place in sorted({event.place for event in answers}):
        here = [event for event in answers if event.place == place]
        out.print(f"[bold]{escape(printable(here[0].prompt))}[/bold]", soft_wrap=True)
        for event in here:
            verdict = {True: ", as expected", False: ", not as expected", None: ""}[event.is_exact]
            out.print(f"[dim]{escape(event.side)}: {pace_in_words(event)}{verdict}[/dim]", soft_wrap=True)
            out.print(escape(printable(event.text)), soft_wrap=True)
        out.print()
    known = [event for event in answers if event.is_exact is not None]
    for side in dict.fromkeys(event.side for event in known):
        of_side = [event for event in known if event.side == side]
        right = sum(bool(event.is_exact) for event in of_side)
        f1 = sum(token_f1(event.text, event.expected or "") for event in of_side) / len(of_side)
        whole = sum(is_json(event.text) for event in of_side)
        told = f", {whole} valid JSON" if any(is_json_container(event.expected or "") for event in of_side) else ""
        out.print(
            escape(f"{side}: {right} of {len(of_side)} exactly as expected, token F1 {f1:.2f}{told}"), soft_wrap=True
        )
    peak = max((event.peak_bytes for event in answers), default=0)
    out.print(f"[dim]{bytes_in_words(peak)} of memory at most[/dim]")
