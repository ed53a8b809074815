"""Names of Parquet files as datasets of the Hub have them, by configuration and part."""

import pytest

from workbench.core.hub.parquet_names import chosen, sorted_by_split
from workbench.core.problems import UserError


@pytest.mark.parametrize(
    ("name", "config", "split"),
    [
        ("data/train-00000-of-00001.parquet", "default", "train"),
        ("data/train-00000-of-00001-0a1b2c3d4e5f6a7b.parquet", "default", "train"),
        ("data/train_sft-00000-of-00002.parquet", "default", "train_sft"),
        ("plain_text/test-00000-of-00001.parquet", "plain_text", "test"),
        ("default/train/0000.parquet", "default", "train"),
        ("de/partial-train/0000.parquet", "de", "train"),
        ("train.parquet", "default", "train"),
        ("questions-dev.parquet", "default", "validation"),
        ("validation/part.parquet", "default", "validation"),
        ("rows.parquet", "default", "train"),
        ("data/en/rows.parquet", "en", "train"),
    ],
)
def test_that_a_name_says_configuration_and_part(name: str, config: str, split: str) -> None:
    assert sorted_by_split([name, "README.md", "rows.py"]) == {config: {split: [name]}}


def test_that_the_only_configuration_or_the_default_is_meant() -> None:
    assert chosen("org/rows", ["de/train/0000.parquet"], "", "train") == ("de", ["de/train/0000.parquet"])
    names = ["de/train/0000.parquet", "default/train/0000.parquet"]
    assert chosen("org/rows", names, "", "train") == ("default", ["default/train/0000.parquet"])


def test_that_without_a_part_all_of_them_are_meant() -> None:
    names = ["data/test-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"]
    assert chosen("org/rows", names, "", "") == ("default", names)


@pytest.mark.parametrize(
    ("names", "config", "split", "said"),
    [
        (["rows.csv", "rows.py"], "", "train", "org/rows has no Parquet files."),
        (["a/rows.parquet", "b/rows.parquet"], "", "train", "org/rows has the configurations a, b."),
        (["rows.parquet"], "", "test", 'org/rows has no part "test"; it has the part train.'),
    ],
)
def test_that_what_is_not_there_is_named(names: list[str], config: str, split: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        chosen("org/rows", names, config, split)
    assert caught.value.what == said
