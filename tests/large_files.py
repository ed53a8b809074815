"""What is too large to be read while somebody waits: a data file, and the journal of a run of weeks."""

from pathlib import Path

from workbench.core.job.events import ADAPTER, Step
from workbench.core.job.run_folder import RunFolder

DATA_BYTES = 500_000_000
JOURNAL_BYTES = 60_000_000
BLOCK_ROWS = 5000


def large_rows(path: Path) -> Path:
    """A JSONL file of DATA_BYTES: the same rows over and over."""
    answer = "It is so. " * 15
    rows = [f'{{"prompt": "What is {row} and {row}?", "completion": "{answer}"}}\n' for row in range(BLOCK_ROWS)]
    block = "".join(rows).encode()
    with path.open("wb") as file:
        for _ in range(DATA_BYTES // len(block)):
            file.write(block)
    return path


def huge_journal(run: RunFolder) -> int:
    """Grows a run's journal to JOURNAL_BYTES with steps as the engine writes them; gives how many there are."""
    lines = run.journal.read_bytes().splitlines(keepends=True)
    event = next(event for line in lines if isinstance(event := ADAPTER.validate_json(line), Step))
    text = event.model_dump_json().replace(f'"step":{event.step},', '"step":%d,') + "\n"
    count = JOURNAL_BYTES // len(text)
    with run.journal.open("ab") as file:
        file.write("".join([text % number for number in range(100, count)]).encode())
    return count - 1
