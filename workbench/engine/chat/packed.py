"""A GGUF file that is talked to by llama.cpp, where that is installed: alone, with nothing beside it."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch

from workbench.core.chat.speakers import Speaker
from workbench.core.job.chat_kinds import ChatLoaded, QuestionDone, QuestionRefused, SideFacts, SideRefused
from workbench.core.job.events import Memory
from workbench.core.job.question import Question
from workbench.core.llamacpp.runtime import Runtime, Sampling
from workbench.core.model.limits import ModelLimits
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.engine.chat.generating import Growing, spelled_by
from workbench.engine.chat.loading import Ground, Side
from workbench.engine.chat.questions import Questions, Ready
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job
from workbench.engine.job.orders import Beside, ToAnswer
from workbench.engine.model import special_tokens

# What is read of a conversation, where the model reads as much: llama.cpp takes the memory for all of it at once.
MOST_POSITIONS = 8192
HASHED_BYTES = 1_000_000  # from both ends of the file


class _Machine(Device):
    """llama.cpp chooses where it computes, in a process of its own."""

    def memory(self) -> Memory:
        process = psutil.Process()
        resident = process.memory_info().rss + sum(child.memory_info().rss for child in process.children())
        return Memory(resident_bytes=resident, resident_peak_bytes=resident)


class PackedAnswering(Questions):
    """Answers with one file, a prompt at a time."""

    def __init__(self, job: Job, ground: Ground, runtime: Runtime) -> None:
        super().__init__(job, ground)
        self._runtime = runtime

    @property
    def device(self) -> Device:
        return self._loaded.device

    def do(self, asked: ToAnswer | Beside) -> None:
        """Answers a question, or says in the journal why something else cannot be done."""
        name = self._loaded.limits.model
        if isinstance(asked, Question):
            self.answer(asked)
        elif isinstance(asked, Beside):
            what = f"Nothing can stand beside {name}, which is a GGUF file."
            self._job.emit(SideRefused(name=asked.name, what=what, remedy="Talk to the run instead."))
        else:
            what = f"{name} is a GGUF file: llama.cpp is not asked for probabilities here."
            (side,) = self._loaded.sides
            refused = QuestionRefused(number=asked.number, side=side, prompt="", what=what, remedy="Ask the run.")
            self._job.emit(refused)
            peak = self._loaded.device.memory().peak_bytes
            self._job.emit(QuestionDone(number=asked.number, tokens=0, seconds=0.0, peak_bytes=peak))

    def _answer_ready(self, question: Question, answering: Sequence[tuple[Side, Sequence[Ready]]]) -> None:
        for side, ready in answering:
            for entry in ready:
                if self._job.orders.is_interrupted:
                    return
                try:
                    self._keep(question, side, entry, self._answer_one(question, side, entry))
                except UserError as error:
                    self._refuse(question, [entry.place], side.name, error)

    def _answer_one(self, question: Question, side: Side, entry: Ready) -> Growing:
        """Raises UserError where llama.cpp fails."""
        settings = question.settings
        self._send(question, side, [entry])
        told = self._telling(question, side, [entry])
        answer = Growing(entry.prompt, entry.most, spelled_by(side.tokenizer, settings, entry.prompt))
        how = Sampling(
            entry.most,
            settings.temperature,
            settings.top_p,
            settings.top_k,
            settings.repetition_penalty,
            settings.seed,
        )
        began = time.perf_counter()
        tokens = self._runtime.ask(entry.prompt.ids, how, ())
        try:
            for token, _ in tokens:
                seconds = time.perf_counter() - began
                text = answer.grow(
                    token, seconds, side.text_tokenizer.ends, is_interrupted=self._job.orders.is_interrupted
                )
                told(0, text, token, answer)
                if answer.finish is not None:
                    break
        finally:
            if isinstance(tokens, Iterator) and hasattr(tokens, "close"):
                tokens.close()
            self._seconds += time.perf_counter() - began
        return answer


@contextmanager
def opened(job: Job, speaker: Speaker) -> Iterator[PackedAnswering]:
    """Loads a file for the block, and says in the journal that it is loaded. Raises UserError and Ordered."""
    path = speaker.packed
    assert path is not None
    began = time.monotonic()
    job.phase("load")
    side = _side(job, speaker, path)
    with Runtime(path, context=MOST_POSITIONS, threads=torch.get_num_threads()) as runtime:
        job.obey()
        machine = _Machine("cpu", f"llama.cpp {runtime.release}", supports_bf16=False)
        limits = ModelLimits(path.name, runtime.tokens, runtime.context)
        ground = Ground(machine, _hash_of(path), limits, {side.name: side})
        job.emit(
            ChatLoaded(
                folder=str(path),
                base_hash=ground.base_hash,
                stored_as=_stored_as(path),
                device=machine.name,
                sides=[SideFacts(side=side.name, title=speaker.title)],
                positions=runtime.context,
                seconds=time.monotonic() - began,
                size_bytes=path.stat().st_size,
                peak_bytes=machine.memory().peak_bytes,
            )
        )
        yield PackedAnswering(job, ground, runtime)


def _side(job: Job, speaker: Speaker, path: Path) -> Side:
    """The tokenizer that the file holds, as transformers reads it; it lies in the chat's own folder then."""
    from transformers import AutoTokenizer

    folder = job.run.path / "tokenizer"
    try:
        tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
        special_tokens.settle(tokenizer, folder, job.notice)
        tokenizer.save_pretrained(folder)
    except (
        Exception
    ) as error:  # of vocabularies that it does not expect, the tokenizers library raises Exception itself
        raise UserError(
            f"The tokenizer in {path.name} cannot be read by transformers.",
            why=shown((str(error).strip().splitlines() or [type(error).__name__])[0], 300),
            remedy="Talk to the model that the file was made of.",
        ) from None
    return Side(speaker, Recipe(), tokenizer, kept_tokenizer.make(folder))


def _hash_of(path: Path) -> str:
    """Of its size, its beginning, where the names and sizes of all tensors stand, and its end."""
    size = path.stat().st_size
    digest = hashlib.sha256(f"{path.name}\0{size}\0".encode())
    with path.open("rb") as file:
        digest.update(file.read(HASHED_BYTES))
        file.seek(max(0, size - HASHED_BYTES))
        digest.update(file.read(HASHED_BYTES))
    return digest.hexdigest()


def _stored_as(path: Path) -> str:
    """How most of its weights are stored: "Q8_0"; "GGUF" where it does not say."""
    from gguf import GGUFReader, LlamaFileType

    field = GGUFReader(path).get_field("general.file_type")  # type: ignore[no-untyped-call,unused-ignore]
    if field is None or field.contents() not in list(LlamaFileType):
        return "GGUF"
    return LlamaFileType(field.contents()).name.removeprefix("MOSTLY_").removeprefix("ALL_")
