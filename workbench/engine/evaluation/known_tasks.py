"""Tasks that lm-eval itself knows, where their data lie on this machine: in the cache that programs share."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval.tasks import TaskManager

from workbench.core.data.hub_dataset import NotFetched, hub_dataset_files
from workbench.core.hub.repo import DATASETS
from workbench.core.problems import UserError, nearest, shown

# What a group's subtasks are called in its file.
_OF_A_GROUP = "task"
_SPLITS = ("training_split", "validation_split", "test_split", "fewshot_split")


class KnownTask(NamedTuple):
    """A task as lm-eval is given it: a file of its own that reads the data which lie here."""

    name: str
    file: Path


class KnownTasks:
    """lm-eval's tasks by their names; making it reads some thousand files, which takes seconds."""

    def __init__(self, folder: Path) -> None:
        """`folder` takes the files that say where the data lie."""
        self._manager = TaskManager()
        self._folder = folder

    def find(self, name: str) -> list[KnownTask]:
        """The tasks of a name, several where it is that of a group. Raises UserError where one has no data here."""
        if name not in self._manager.all_tasks:
            raise UserError(
                f'lm-eval knows no task "{shown(name)}".{nearest(name, self._manager.all_tasks)}',
                remedy="`lm-eval ls tasks` lists them.",
            )
        return [self._here(task) for task in self._leaves(name)]

    def _leaves(self, name: str) -> list[str]:
        entry = self._manager.task_index[name]
        if entry.kind.name == "TAG":
            return sorted(entry.tags)
        if entry.kind.name != "GROUP":
            return [name]
        found = []
        for child in (entry.cfg or {}).get(_OF_A_GROUP) or []:
            called = child if isinstance(child, str) else child.get("task") or child.get("group")
            if not isinstance(called, str) or called not in self._manager.task_index or not isinstance(child, str):
                raise UserError(
                    f"The group {shown(name)} changes its tasks as it names them, which is not measured here.",
                    remedy="Name its tasks one by one.",
                )
            found += self._leaves(called)
        return list(dict.fromkeys(found))

    def _here(self, name: str) -> KnownTask:
        entry = self._manager.task_index[name]
        config = dict(entry.cfg or {})
        if entry.kind.name != "TASK" or entry.yaml_path is None:
            raise UserError(
                f"The task {shown(name)} is a program of lm-eval, which fetches its data by itself.",
                remedy="Take a task whose data can be fetched first.",
            )
        dataset, part = str(config.get("dataset_path") or ""), str(config.get("dataset_name") or "")
        if not dataset or config.get("custom_dataset"):
            raise UserError(
                f"The task {shown(name)} makes its data by itself, which is not measured here.",
                remedy="Take a task whose data can be fetched first.",
            )
        files = {}
        for split in dict.fromkeys(config[key] for key in _SPLITS if isinstance(config.get(key), str)):
            plain = split.partition("[")[0]  # "train[:100]" is a part of it
            files[plain] = [str(path) for path in _files(name, dataset, part, plain)]
        return KnownTask(name, self._written(name, entry.yaml_path, files))

    def _written(self, name: str, included: Path, files: dict[str, list[str]]) -> Path:
        told: dict[str, Any] = {
            "include": str(included),
            "dataset_path": "parquet",
            "dataset_name": None,
            "dataset_kwargs": {"data_files": files},
        }
        target = self._folder / f"{name}.yaml"
        target.write_text(json.dumps(told), encoding="utf-8")
        return target  # JSON is YAML too


def _files(task: str, dataset: str, part: str, split: str) -> tuple[Path, ...]:
    try:
        return hub_dataset_files(f"{DATASETS}{dataset}", part, split)
    except NotFetched as missing:
        raise UserError(
            f"The data of the task {shown(task)} are not on this machine: {shown(dataset)}.",
            why=missing.why,
            remedy=missing.remedy.replace("; a training does so by itself", ""),
        ) from None
