"""What was made, put into a repository of the Hugging Face Hub in one commit, and compared with what is there then."""

import io
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

from huggingface_hub import CommitOperationAdd, CommitOperationDelete
from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

from workbench.core.export.hub_card import Uploaded, card
from workbench.core.export.hub_files import CARD, is_a_path, layout, without_paths
from workbench.core.hub import client
from workbench.core.hub.listing import listed
from workbench.core.hub.uploads import Destination, create, destination, uploading
from workbench.core.job import checkpoints
from workbench.core.job.export_kinds import UploadedToHub
from workbench.core.model.adapter_folder import CONFIG
from workbench.core.problems import UserError
from workbench.core.units import counted
from workbench.engine.export.sent_file import SentFile
from workbench.engine.export.step import Check, Step
from workbench.engine.job.job import Ordered
from workbench.engine.model.model_source import model_source


class HubStep(Step):
    """Sends its files as git LFS, which says what is there already, so that a second try goes on from the first."""

    _place: Destination
    _commit: str

    def make(self, staging: Path) -> None:
        request = self.work.request
        self.work.phase("look up", self.planned.item)
        self._sums: dict[str, tuple[str, str]] = {}
        self._place = place = destination(self.work.subject.hub_name, private=request.hub_private)
        if place.is_private and not request.hub_private:
            self.work.job.notice(f"{place.id} is there already, and stays private.")
        files = layout({item: self.work.path_of(item) for item in request.hub_sends})
        disable_progress_bars()
        # It sends what is read here by LFS, and says each time that it does.
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        create(place)
        with ExitStack() as opened:
            sent = {name: opened.enter_context(self._opened(name, path)) for name, path in files.items()}
            text = card(self._about(place, files)).encode()
            sent[CARD] = opened.enter_context(SentFile(io.BytesIO(text), self.work.job.obey))
            self._send(place, sent)

    def check(self, made: Path) -> Iterator[Check]:
        there = {file.name: file.sum for file in listed(self._place.id, self._commit).files}
        wrong = [name for name, sums in self._sums.items() if there.get(name) not in sums]
        who = "private" if self._place.is_private else "open to all"
        files = counted(len(self._sums), "file")
        found = f"{files} stand at {self._place.address}, {who}, with the sums of those here."
        yield Check("files", not wrong, f"{wrong[0]} is not on the Hub as it is here." if wrong else found)

    # -- sending -------------------------------------------------------------------------------------------------------

    def _opened(self, name: str, path: Path) -> SentFile:
        if name.rpartition("/")[2] == CONFIG:
            text = without_paths(name, path.read_text(encoding="utf-8"))
            return SentFile(io.BytesIO(text.encode()), self.work.job.obey)
        return SentFile(path.open("rb"), self.work.job.obey)

    def _send(self, place: Destination, sent: dict[str, SentFile]) -> None:
        """Sends every file, and makes the one commit that shows them all. Raises UserError and Ordered."""
        total = sum(file.size for file in sent.values())
        self.work.phase("upload", self.planned.item, total)
        api = client.api()
        additions: list[CommitOperationAdd] = []
        done = 0
        with uploading(place.id):
            for name, file in sent.items():
                # Its sum is taken here.
                addition = CommitOperationAdd(path_in_repo=name, path_or_fileobj=cast(BinaryIO, file))
                self._sums[name] = (addition.upload_info.sha256.hex(), file.git_sum())
                file.tell_of = lambda place, before=done: self.work.progress(before + place)
                try:
                    api.preupload_lfs_files(place.id, [addition], free_memory=False)
                except RuntimeError as error:
                    if isinstance(error.__cause__, Ordered):
                        raise error.__cause__ from None
                    raise
                file.tell_of = None
                done += file.size
                self.work.progress(done)
                additions.append(addition)
            # What an earlier upload has left would be read together with this one's.
            old = [CommitOperationDelete(path_in_repo=name) for name in place.files if name not in sent]
            made = api.create_commit(
                place.id,
                [*additions, *old],
                commit_message=f"{self.work.subject.name}, by QLoRA Workbench",
            )
        self._commit = made.oid
        if old:
            self.work.job.notice(f"{counted(len(old), 'file')} of the earlier upload are in its history alone now.")
        self.work.job.emit(
            UploadedToHub(
                item=self.planned.item,
                title=self.planned.title,
                repository=place.id,
                address=place.address,
                commit=made.oid,
                is_private=place.is_private,
                files=len(sent),
                total_bytes=total,
                sent_bytes=sum(file.sent_bytes for file in sent.values()),
            )
        )

    # -- the card ------------------------------------------------------------------------------------------------------

    def _about(self, place: Destination, files: dict[str, Path]) -> Uploaded:
        subject = self.work.subject
        run, adapter, recipe = subject.run, subject.adapter, subject.speaker.recipe
        history = run.history() if run is not None else None
        if adapter is not None:
            base = adapter.base
        else:
            assert recipe is not None, "a model without its run is not exported"
            _, base = model_source(self.work.job, recipe.model)
        step = history.steps[-1].step if history is not None and history.steps else 0
        if run is not None and adapter is not None:
            step = next((number for number, path in checkpoints.steps(run.checkpoints) if path == adapter.path), step)
        adapter_gguf = self.work.made.get("adapter-gguf")
        ggufs = {name: path for name, path in files.items() if name.endswith(".gguf")}
        return Uploaded(
            id=place.id,
            name=subject.name,
            base=base,
            licence=self._licence(base),
            has_adapter=CONFIG in files,
            has_model="config.json" in files,
            ggufs=tuple(name for name, path in ggufs.items() if path != adapter_gguf),
            adapter_gguf=next((name for name, path in ggufs.items() if path == adapter_gguf), ""),
            recipe=recipe,
            history=history,
            step=step,
            measured=list(self.work.measured.values()),
        )

    @staticmethod
    def _licence(base: str) -> str:
        """Of the base, where the Hub tells it."""
        if is_a_path(base):
            return ""
        try:
            return listed(base).licence
        except UserError:
            return ""


STEP = HubStep
