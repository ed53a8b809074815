"""The phases of a run in words, and the order in which they come."""

from workbench.core.job.events import Phase, PhaseName
from workbench.core.units import bytes_in_words, counted, duration_in_words

PHASE_WORDS: dict[PhaseName, str] = {
    "start": "Starting PyTorch",
    "look up": "Asking the Hub",
    "download": "Downloading",
    "tokenize": "Turning rows into tokens",
    "load": "Loading the weights",
    "quantize": "Loading and quantizing the weights",
    "sample": "Answering the sample prompts",
    "score": "Answering the held-out rows",
    "train": "Training",
    "evaluate": "Evaluating",
    "save": "Saving",
    "measure": "Measuring",
    "observe": "Reading the text",
    "dry run": "Trying two steps at the longest sequence",
    "export": "Writing",
    "check": "Reading it back",
    "upload": "Uploading",
}

# What a strip of phases shows, in the order of a run: its word, and the phases that belong to it.
STRETCHES: tuple[tuple[str, tuple[PhaseName, ...]], ...] = (
    ("Start", ("start",)),
    ("Download", ("look up", "download")),
    ("Tokenize", ("tokenize",)),
    ("Load", ("load", "quantize", "dry run")),
    ("Answer", ("sample", "score")),
    ("Train", ("train", "evaluate")),
    ("Answer", ("sample", "score")),
    ("Save", ("save",)),
)


def stretch_of(name: PhaseName, *, has_trained: bool) -> int:
    """The place of a phase in STRETCHES; answering comes before training and after it."""
    places = [place for place, (_, names) in enumerate(STRETCHES) if name in names]
    return places[-1] if has_trained else places[0]


def how_far(phase: Phase) -> str:
    """A phase and its count: "Loading and quantizing the weights, 120 of 272 tensors"."""
    words = PHASE_WORDS[phase.name]
    if not phase.total:
        return words
    if phase.unit == "bytes":
        return f"{words}, {bytes_that_came(phase)}"
    return f"{words}, {phase.done} of {phase.total} {phase.unit}".rstrip()


def bytes_that_came(phase: Phase) -> str:
    """How far it is: "120 MB of 988 MB, 21 MB/s, about 40 seconds left, file 2 of 8", "1 MB of 3 MB, 900 rows"."""
    words = [f"{bytes_in_words(phase.done)} of {bytes_in_words(phase.total)}"]
    if phase.rate:
        words.append(f"{bytes_in_words(phase.rate)}/s")
    if phase.seconds_left:
        words.append(f"{duration_in_words(phase.seconds_left)} left")
    if phase.rows:
        words.append(counted(phase.rows, "row"))
    if phase.files > 1:
        words.append(f"file {phase.file_number} of {phase.files}")
    return ", ".join(words)
