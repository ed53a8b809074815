"""Rows streamed through the tokenizer: reading, encoding and writing at once, a few batches at a time in memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from workbench.core.data.row import DataRow
from workbench.core.recipe.recipe import DataSettings
from workbench.core.tokens.prepared.row_writer import MadeBatch, Read, RowWriter, make
from workbench.core.tokens.prepared.waiting import waited
from workbench.core.tokens.tokenizing import RowTokenizer

ROWS_AT_ONCE = 512
CHARACTERS_AT_ONCE = 1 << 20
# The encoder works without Python's lock: while it is at one batch, another is rendered, and a third is read.
BATCHES_AT_ONCE = 3
THREADS = 2

Progress = Callable[[int, int], None]  # bytes of the files and rows that are done; may raise to end the work


def stream(
    reads: Iterable[Read],
    tokenizer: RowTokenizer,
    data: DataSettings,
    writer: RowWriter,
    source: int,
    bytes_before: Callable[[Read], int],
    progress: Progress,
) -> None:
    """Writes the rows of file list `source` as tokens, in their order.

    `bytes_before` says how many bytes of the files lie before a row.
    """
    pending: deque[tuple[Future[MadeBatch], int]] = deque()
    done_bytes = 0

    def finish() -> None:
        nonlocal done_bytes
        future, reached = pending.popleft()
        writer.add(source, waited(future, lambda: progress(done_bytes, writer.rows)))
        done_bytes = max(done_bytes, reached)
        progress(done_bytes, writer.rows)

    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="tokenize")
    try:
        for batch in _batches(reads):
            pending.append((pool.submit(make, tokenizer, data, batch), bytes_before(batch[-1])))
            if len(pending) >= BATCHES_AT_ONCE:
                finish()
        while pending:
            finish()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _batches(reads: Iterable[Read]) -> Iterator[list[Read]]:
    batch: list[Read] = []
    characters = 0
    for read in reads:
        batch.append(read)
        if isinstance(read[1], DataRow):
            characters += read[1].characters
        if len(batch) >= ROWS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
