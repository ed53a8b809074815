"""The rows of a recipe's files made into the tokens of a training, on disk: what `prepare` and `train` begin with."""

import errno
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.rows import OpenRows, read_by, settings_at
from workbench.core.data.source import DataSource
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared import cache, tables
from workbench.core.tokens.prepared.kinds import CUT, DUPLICATE, KINDS, LEAKED, NEAR_DUPLICATE, NEAR_LEAKED, bits
from workbench.core.tokens.prepared.packing import best_fit, one_a_sequence
from workbench.core.tokens.prepared.parting import part
from workbench.core.tokens.prepared.report import found_in
from workbench.core.tokens.prepared.row_writer import BANDS, SKETCHES, RowWriter
from workbench.core.tokens.prepared.sequences import write_sequences
from workbench.core.tokens.prepared.streaming import Progress, stream
from workbench.core.tokens.prepared.waiting import apart
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer

_TEMPLATE = ("chat_template", "system_in_user", "system_prompt", "system_turns", "template", "train_on")
WAYS = {
    "marks": "the template marks what the assistant writes",
    "prefixes": "each answer is what the rendering gains by it",
    "a row a turn": "earlier text changes with later turns in this template: each answer is a row of its own",
    "plain": "no template: what follows the prompt is learned",
}


class Preparation:
    """What a recipe's rows would be made into.

    Attributes:
        trained: The rows of the data.
        held_out: Those of a held-out file; None where there is none.
        total_bytes: Of all files.
        parts: A hash of each thing that decides the tokens, by its name in words.
        key: Of all of them.
    """

    def __init__(self, recipe: Recipe, tokenizer: TextTokenizer, progress: Progress) -> None:
        """Opens the files and finds their hashes, by reading them where they are not known. Raises UserError."""
        self._recipe = recipe
        self._tokenizer = RowTokenizer(tokenizer, recipe)
        self.trained = OpenRows(recipe.data)
        path = recipe.evaluation.path
        self.held_out = OpenRows(settings_at(recipe.data, path)) if path else None
        self._sources = [rows.source for rows in (self.trained, self.held_out) if rows is not None]
        self._stamps = [_stamp(source.files) for source in self._sources]
        self.total_bytes = sum(source.size_bytes for source in self._sources)
        self._hashes = [
            _sha256(source, stamp, lambda: progress(0, 0))
            for source, stamp in zip(self._sources, self._stamps, strict=True)
        ]
        self.parts = self._parts(tokenizer)
        self.key = cache.key_of(self.parts)

    def find(self) -> DataPrepared | None:
        """What an earlier preparation of the same has left."""
        return cache.find(self.key)

    def make(self, progress: Progress) -> DataPrepared:
        """Prepares the rows, or waits for another process that is at the same. Raises UserError."""
        try:
            with cache.alone(self.key, lambda: progress(0, 0)):
                found = self.find()
                if found is not None:
                    return found
                with cache.making(self.key) as folder:
                    prepared = self._made(folder, progress)
                    (folder / cache.REPORT).write_text(prepared.model_dump_json(), encoding="utf-8")
        except OSError as error:
            raise _unwritable(error) from None
        found = self.find()
        assert found is not None, "it was made just now"
        return found.model_copy(update={"is_from_cache": False})

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _parts(self, tokenizer: TextTokenizer) -> dict[str, str]:
        recipe, template = self._recipe, self._tokenizer.template
        evaluation = recipe.evaluation
        names = [[path.name for path in source.files] for source in self._sources]
        return {
            "the data": _hash(self._hashes[0], names[0]),
            "the held-out data": _hash(self._hashes[1:], names[1:]),
            "what the columns are for": _hash(read_by(recipe.data)),
            "the template": _hash(
                {name: getattr(recipe.data, name) for name in _TEMPLATE},
                template.source if template is not None else "",
            ),
            "the tokenizer": _hash(tokenizer.facts.sha256),
            "the longest row and packing": _hash(
                recipe.training.max_length, recipe.training.packing, recipe.data.too_long
            ),
            "what is held out": _hash(
                *(evaluation.fraction, evaluation.rows, evaluation.groups, evaluation.seed, recipe.data.duplicates)
            ),
        }

    # -- making --------------------------------------------------------------------------------------------------------

    def _made(self, folder: Path, progress: Progress) -> DataPrepared:
        began = time.perf_counter()
        with RowWriter(folder) as writer:
            done_bytes = self._stream(writer, progress)
            writer.finish()
            for source, stamp in zip(self._sources, self._stamps, strict=True):
                if _stamp(source.files) != stamp:
                    raise _changed(source.name)
            prepared = self._finished(folder, writer, lambda: progress(done_bytes, writer.rows))
        return prepared.model_copy(update={"seconds": time.perf_counter() - began})

    def _stream(self, writer: RowWriter, progress: Progress) -> int:
        """Writes the rows of all files, and returns how many bytes those have."""
        before = 0
        for number, rows in enumerate(filter(None, (self.trained, self.held_out))):
            ends = np.concatenate([[0], np.cumsum([path.stat().st_size for path in rows.source.files])]) + before
            stream(
                rows.each(),
                self._tokenizer,
                self._recipe.data,
                writer,
                number,
                lambda read, ends=ends: int(ends[read[0].file]) + max(0, read[0].offset),  # type: ignore[misc]
                progress,
            )
            before = int(ends[-1])
            progress(before, writer.rows)
        return before

    def _finished(self, folder: Path, writer: RowWriter, tick: Callable[[], None]) -> DataPrepared:
        recipe = self._recipe
        rows = np.fromfile(folder / tables.ROWS, tables.ROW)
        pieces = np.fromfile(folder / tables.PIECES, tables.PIECE)
        apart(lambda: part(rows, folder, recipe), tick)
        counts = {
            number: self._sequences(folder / name, writer, rows, pieces, number, tick)
            for number, name in ((tables.TRAINED, cache.TRAINED), (tables.HELD_OUT, cache.HELD_OUT))
        }
        for name in (SKETCHES, BANDS):
            (folder / name).unlink()
        rows.tofile(folder / tables.ROWS)
        pieces.tofile(folder / tables.PIECES)
        return self._report(rows, pieces, counts, writer)

    def _sequences(
        self,
        path: Path,
        writer: RowWriter,
        rows: NDArray[np.void],
        pieces: NDArray[np.void],
        number: int,
        tick: Callable[[], None],
    ) -> tuple[int, int]:
        """Writes the sequences of a part: how many, and the tokens of the longest.

        `rows` and `pieces` are records of shapes (rows,) and (pieces,); where pieces stand is written into them.
        """
        chosen = np.flatnonzero(rows["part"][pieces["row"]] == number)
        if not len(chosen):
            return 0, 0
        training = self._recipe.training
        lengths = pieces["tokens"][chosen].astype(np.int64)
        if training.packing:
            packing = apart(lambda: best_fit(lengths, training.max_length), tick)
        else:
            packing = one_a_sequence(len(chosen))
        for _ in write_sequences(path, writer.tokens, pieces["start"][chosen], lengths, packing):
            tick()
        sizes = np.diff(packing.firsts)
        ends = np.cumsum(lengths[packing.rows])
        starts = ends - lengths[packing.rows]
        pieces["sequence"][chosen[packing.rows]] = np.repeat(np.arange(packing.sequences), sizes)
        pieces["place"][chosen[packing.rows]] = starts - np.repeat(starts[packing.firsts[:-1]], sizes)
        return packing.sequences, int(np.add.reduceat(lengths[packing.rows], packing.firsts[:-1]).max())

    def _report(
        self,
        rows: NDArray[np.void],
        pieces: NDArray[np.void],
        counts: dict[int, tuple[int, int]],
        writer: RowWriter,
    ) -> DataPrepared:
        """`rows` and `pieces` are records of shapes (rows,) and (pieces,)."""
        of_data, trained = rows["source"] == 0, rows["part"] == tables.TRAINED
        bad = bits([name for name, kind in KINDS.items() if kind.is_bad])
        tokens = int(rows["tokens"][trained].sum())
        sequences, longest_sequence = counts[tables.TRAINED]

        def having(names: list[str], among: NDArray[np.bool_]) -> int:
            """How many of the rows `among`, shape (rows,), have one of the kinds."""
            return int(np.count_nonzero(among & (rows["kinds"] & np.uint64(bits(names)) != 0)))

        source = self.trained.source
        return DataPrepared(
            unit=source.unit,
            key=self.key,
            folder="",
            files=[path.name for path in source.files][:100],
            size_bytes=self.total_bytes,
            data_sha256=self._hashes[0],
            parts=self.parts,
            shape=self.trained.mapping.shape.name,
            mapping=self.trained.mapping.sentence,
            template=self._template_in_words(),
            way="; ".join(WAYS[way] for way in sorted(writer.ways, key=lambda name: -writer.ways[name])),
            rows=int(np.count_nonzero(of_data)),
            used=int(np.count_nonzero(trained)),
            bad=int(np.count_nonzero(of_data & (rows["kinds"] & np.uint64(bad) != 0))),
            tokens=tokens,
            trained_tokens=int(rows["trained"][trained].sum()),
            longest_tokens=int(rows["whole"][trained].max(initial=0)),
            cut_rows=having(list(CUT), trained),
            sequences=sequences,
            longest_sequence_tokens=longest_sequence,
            fill=tokens / (sequences * self._recipe.training.max_length) if sequences else 0.0,
            held_out=int(np.count_nonzero(rows["part"] == tables.HELD_OUT)),
            held_out_rows=int(np.count_nonzero(~of_data)),
            held_out_sequences=counts[tables.HELD_OUT][0],
            duplicates=having([DUPLICATE], of_data),
            near_duplicates=having([NEAR_DUPLICATE], of_data),
            leaked=having([LEAKED, NEAR_LEAKED], np.ones(len(rows), bool)),
            near_leaked=having([NEAR_LEAKED], np.ones(len(rows), bool)),
            found=list(found_in(rows, lambda source, file: self._sources[source].files[file].name, writer.said_of)),
            notes=[note for source in self._sources for note in source.notes],
            seconds=0.0,
        )

    def _template_in_words(self) -> str:
        if self._tokenizer.template is None:
            return f"none: {self._tokenizer.form}"
        return self._recipe.data.template or "the tokenizer's own"


def _changed(name: str) -> UserError:
    return UserError(f"{name} changed while it was read.", remedy="Start again once it is written.")


def _stamp(files: tuple[Path, ...]) -> str:
    try:
        return cache.stamp(files)
    except OSError as error:
        name = Path(str(error.filename)).name
        raise UserError(f"{name} cannot be read: {error.strerror}.", remedy="Check that it is still there.") from None


def _sha256(source: DataSource, stamp: str, tick: Callable[[], None]) -> str:
    known = cache.known_sha256(stamp)
    if known is None:
        known = apart(source.sha256, tick)
        cache.keep_sha256(source.files, stamp, known)
    return known


def _hash(*values: object) -> str:
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _unwritable(error: OSError) -> UserError:
    if error.errno == errno.ENOSPC or "No space left" in str(error):
        return UserError(
            "There is no room on the disk for the prepared rows.",
            why="They take about 9 bytes a token as they are made, and 8 afterwards.",
            remedy="Make room, or set WORKBENCH_HOME to a folder on another disk.",
        )
    return UserError(
        f"The prepared rows cannot be written: {error.strerror or error}.",
        remedy="Grant writing there, or set WORKBENCH_HOME to another folder.",
    )
