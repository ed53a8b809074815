"""The chat job: a model that stays loaded and answers what it is asked, until it is told to go."""

from contextlib import ExitStack

import psutil

from workbench.core.chat.speakers import speakers_of
from workbench.core.job.chat_kinds import ChatRequest
from workbench.core.job.events import Ended
from workbench.engine.chat.answering import Answering
from workbench.engine.chat.loading import load_all
from workbench.engine.job.job import Job, Ordered
from workbench.engine.model.held import held

WAITING_SECONDS = 1.0
# Between what two programs say of when a process began.
SAME_TIME_SECONDS = 1.0


def run(job: Job) -> Ended:
    """Loads, then answers question after question. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, ChatRequest)
    loaded = load_all(job, speakers_of(request.model, request.beside))
    answering = Answering(job, loaded)
    job.orders.takes_stops = True
    while not job.orders.is_stopped:
        if job.orders.is_cancelled:
            raise Ordered("cancelled")
        if not _is_wanted(request):
            return Ended(state="finished", why="The program that it was loaded for has ended.")
        question = job.orders.next_question(WAITING_SECONDS)
        with ExitStack() as stack:
            if question is not None:
                # On a CPU they take a moment to make, so questions that wait share them.
                stack.enter_context(held(loaded.voices.model))
            while question is not None:
                answering.answer(question)
                question = job.orders.next_question(0) if job.orders.has_question else None
    if job.orders.is_cancelled:
        raise Ordered("cancelled")
    return Ended(state="finished", peak_memory_bytes=loaded.device.memory().peak_bytes)


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
