"""The chat job: a model that stays loaded and answers what it is asked, until it is told to go."""

from collections.abc import Callable

import psutil

from workbench.core.chat.speakers import speakers_of
from workbench.core.job.chat_kinds import ChatRequest, SideLoaded
from workbench.core.job.events import Ended
from workbench.core.job.question import Question
from workbench.core.job.scoring import Measurement, Scoring
from workbench.core.problems import UserError
from workbench.engine.chat import packed
from workbench.engine.chat.answering import Answering
from workbench.engine.chat.examining import Examining
from workbench.engine.chat.loading import Loaded, load_all, put_beside
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job, Ordered
from workbench.engine.job.orders import Beside, ToAnswer
from workbench.engine.model.held import held

WAITING_SECONDS = 1.0
# Between what two programs say of when a process began.
SAME_TIME_SECONDS = 1.0


def run(job: Job) -> Ended:
    """Loads, then answers question after question. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, ChatRequest)
    # What was put beside the others before the engine was started once more.
    later = [event.name for event in job.history if isinstance(event, SideLoaded)]
    speakers = speakers_of(request.model, [*request.beside, *later])
    if speakers[0].packed is not None:
        with packed.opened(job, speakers[0]) as answering_alone:
            return _stay(job, request, answering_alone.device, answering_alone.do)
    loaded = load_all(job, speakers)
    answering, examining = Answering(job, loaded), Examining(job, loaded)

    def do(asked: ToAnswer | Beside) -> None:
        if isinstance(asked, Beside):
            put_beside(job, loaded, asked.name)
        else:
            _answer_all(job, answering, examining, loaded, asked)

    return _stay(job, request, loaded.device, do)


def _stay(job: Job, request: ChatRequest, device: Device, do: Callable[[ToAnswer | Beside], None]) -> Ended:
    """Has what is asked done, one after the other, until it is told to go. Raises UserError and Ordered."""
    job.orders.takes_stops = True
    while not (job.orders.is_stopped or job.orders.is_cancelled):
        if job.has_lost_events:
            raise UserError(
                f"The answers cannot be written to {job.run.journal}.",
                why="Whoever asks reads them there; the disk may be full.",
                remedy="Make room, then begin the chat again.",
            )
        if not _is_wanted(request):
            return Ended(state="finished", why="The program that it was loaded for has ended.")
        asked = job.orders.next_asked(WAITING_SECONDS)
        if asked is not None:
            do(asked)
    if job.orders.is_cancelled:
        raise Ordered("cancelled")
    return Ended(state="finished", peak_memory_bytes=device.memory().peak_bytes)


def _answer_all(job: Job, answering: Answering, examining: Examining, loaded: Loaded, first: ToAnswer) -> None:
    """Does what is asked and what waits behind it: on a CPU they share weights that take a moment to make."""
    asked: ToAnswer | Beside | None = first
    with held(loaded.voices.model):
        while asked is not None:
            match asked:
                case Question():
                    answering.answer(asked)
                case Scoring():
                    examining.score(asked)
                case Measurement():
                    examining.measure(asked)
            asked = job.orders.next_asked(0) if job.orders.waits_for_answer else None


def _is_wanted(request: ChatRequest) -> bool:
    """Whether the process that it was loaded for is still there; it needs none where none is named."""
    if not request.owner_pid:
        return True
    try:
        began = psutil.Process(request.owner_pid).create_time()
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
    return abs(began - request.owner_began) < SAME_TIME_SECONDS
