"""How large each hidden feature grew while a model read a text: the file of it, and which features pass a threshold."""

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from workbench.core.problems import UserError
from workbench.numerics.llm_int8 import OUTLIER_THRESHOLD

Fp32 = NDArray[np.float32]

FILE = "activations.npz"
# What a slider may rest on, even steps to the eye on a logarithmic scale, each a number that one would say. Tokens are
# counted for exactly these, 93 counts of two bytes a feature and layer: 12 MB for the starter, most of them zero.
THRESHOLDS: tuple[float, ...] = tuple(
    round(start + step * number, 2)
    for start, step, count in (
        (0.5, 0.05, 10),
        (1.0, 0.1, 20),
        (3.0, 0.25, 12),
        (6.0, 0.5, 12),
        (12.0, 1.0, 18),
        (30.0, 2.5, 12),
        (60.0, 5.0, 9),
    )
    for number in range(count)
)
# LLM.int8(), arXiv 2208.07339, section 4: what is a feature of the model, and no chance of one token.
LEAST_LAYERS, LEAST_TOKENS = 0.25, 0.06
# Inputs kept for products: their first tokens, fewer where layers are many and wide.
KEPT_TOKENS, LEAST_KEPT, KEPT_BYTES = 128, 16, 256_000_000
LARGEST_FP16 = float(np.finfo(np.float16).max)


class Linear(BaseModel):
    """A linear layer: its tensor in the model's files, nothing where it has none, and its output features."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    name: str
    tensor: str = ""
    rows: int
    is_transposed: bool = False  # GPT-2 stores input features by output features


class Site(BaseModel):
    """A place in every layer where a hidden state goes into linear layers."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    key: str
    title: str
    features: int = Field(gt=0)
    linears: tuple[tuple[Linear, ...], ...]  # of each layer


class About(BaseModel):
    """What was read by what."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    model: str
    text: str
    tokens: tuple[str, ...]
    kept_tokens: int
    layers: int = Field(gt=0)
    sites: tuple[Site, ...] = Field(min_length=1)


def kept_tokens(tokens: int, layers: int, features: Sequence[int]) -> int:
    """How many tokens' inputs are kept at all sites of all layers together."""
    fit = KEPT_BYTES // (2 * layers * sum(features))
    return min(tokens, KEPT_TOKENS, max(LEAST_KEPT, fit))


def nearest_step(threshold: float) -> int:
    """The place among THRESHOLDS of the one nearest to it."""
    return int(np.abs(np.log(np.array(THRESHOLDS) / threshold)).argmin())


# -- writing -----------------------------------------------------------------------------------------------------------


class Writer:
    """Takes a layer's hidden states as they come and holds no more than the largest magnitudes of all."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self._largest: dict[str, dict[int, Fp32]] = {}
        self._where: dict[str, dict[int, NDArray[np.uint16]]] = {}

    def add(self, site: str, layer: int, values: Fp32, kept: int) -> None:
        """`values` are a layer's hidden states, shape (tokens, features), all finite; the first `kept` are stored."""
        sizes = np.abs(values)
        self._largest.setdefault(site, {})[layer] = sizes.max(axis=0)
        self._where.setdefault(site, {})[layer] = sizes.argmax(axis=0).astype(np.uint16)
        self._put(f"{site}.{layer}.counts", counts_of(sizes))
        held = np.clip(values[:kept], -LARGEST_FP16, LARGEST_FP16).astype(np.float16)
        self._put(f"{site}.{layer}.inputs", held, zipfile.ZIP_STORED)  # noise: it does not get smaller

    def finish(self, about: About) -> None:
        for site in about.sites:
            layers = range(about.layers)
            self._put(f"{site.key}.largest", np.stack([self._largest[site.key][layer] for layer in layers]))
            self._put(f"{site.key}.where", np.stack([self._where[site.key][layer] for layer in layers]))
        self._put("about", np.frombuffer(about.model_dump_json().encode(), np.uint8))

    def _put(self, name: str, array: NDArray[Any], how: int | None = None) -> None:
        entry = zipfile.ZipInfo(f"{name}.npy")
        entry.compress_type = self._zip.compression if how is None else how
        with self._zip.open(entry, "w", force_zip64=True) as member:
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A file that appears when the block is done, or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def counts_of(sizes: Fp32) -> NDArray[np.uint16]:
    """How many tokens of each feature reach each of THRESHOLDS: shape (thresholds, features).

    `sizes` are magnitudes, shape (tokens, features), of at most 65 535 tokens.
    """
    features = sizes.shape[1]
    steps = len(THRESHOLDS)
    reached = np.searchsorted(np.array(THRESHOLDS, np.float32), sizes, side="right")
    reached *= features
    reached += np.arange(features)
    by_step = np.bincount(reached.reshape(-1), minlength=(steps + 1) * features).reshape(steps + 1, features)
    return by_step[::-1].cumsum(axis=0)[::-1][1:].astype(np.uint16)


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """A feature that passes a threshold somewhere; shares are of the layers, and of all tokens in all layers."""

    number: int
    largest: float
    layers: int
    layer_share: float
    token_share: float

    @property
    def is_widespread(self) -> bool:
        """Whether it reaches the threshold in as many layers and tokens as the paper asks of an outlier feature."""
        return self.layer_share >= LEAST_LAYERS and self.token_share >= LEAST_TOKENS


@dataclass(frozen=True)
class Magnitudes:
    """What was seen at one site: the largest magnitudes, the tokens they belong to, and the tokens by threshold."""

    site: Site
    tokens: int
    largest: Fp32  # shape (layers, features)
    where: NDArray[np.uint16]  # shape (layers, features)
    counts: NDArray[np.uint16]  # shape (thresholds, layers, features)

    @cached_property
    def top(self) -> float:
        return float(self.largest.max())

    @cached_property
    def outliers(self) -> frozenset[int]:
        """The outlier features by the rule of the paper, at its threshold."""
        step = THRESHOLDS.index(OUTLIER_THRESHOLD)
        return frozenset(feature.number for feature in self.passing(step) if feature.is_widespread)

    def passing(self, step: int) -> list[Feature]:
        """The features that reach a threshold, by its place among THRESHOLDS, in any layer: the widest spread first."""
        counts = self.counts[step]
        layers = (counts > 0).sum(axis=0)
        shares = counts.sum(axis=0, dtype=np.int64) / (len(counts) * self.tokens)
        largest = self.largest.max(axis=0)
        found = [
            Feature(number, float(largest[number]), int(layers[number]), layers[number] / len(counts), shares[number])
            for number in np.flatnonzero(layers).tolist()
        ]
        return sorted(found, key=lambda feature: (-feature.layers, -feature.token_share, feature.number))


@dataclass(frozen=True)
class Seen:
    """The file of a study; its arrays are read by need, those of one site at a time."""

    path: Path
    about: About

    def magnitudes(self, site: Site) -> Magnitudes:
        """Raises UserError."""
        with _opened(self.path) as archive:
            shape = (self.about.layers, site.features)
            counts = np.empty((len(THRESHOLDS), *shape), np.uint16)
            for layer in range(self.about.layers):
                counts[:, layer] = _array(archive, f"{site.key}.{layer}.counts", np.uint16, counts[:, layer].shape)
            return Magnitudes(
                site,
                len(self.about.tokens),
                _array(archive, f"{site.key}.largest", np.float32, shape),
                _array(archive, f"{site.key}.where", np.uint16, shape),
                counts,
            )

    def inputs(self, site: Site, layer: int) -> Fp32:
        """The hidden states of the first tokens, shape (tokens, features). Raises UserError."""
        with _opened(self.path) as archive:
            shape = (self.about.kept_tokens, site.features)
            return _array(archive, f"{site.key}.{layer}.inputs", np.float16, shape).astype(np.float32)


def open_seen(path: Path) -> Seen:
    """Raises UserError."""
    with _opened(path) as archive:
        return Seen(path, About.model_validate_json(_array(archive, "about", np.uint8, None).tobytes()))


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Whatever is wrong with the file, or with what is read of it in the block, is a sentence."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise UserError(
            "What the model made of the text is gone.", why=f"{path} is not there.", remedy="Read the text again."
        ) from None
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Check its permissions, or read the text again.",
        ) from None
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError) as error:
        why = f"{type(error).__name__}: {str(error).splitlines()[0][:120] if str(error) else ''}".rstrip(": ")
        raise UserError(f"{path} is damaged.", why=f"{why}.", remedy="Read the text again.") from None


def _array(archive: zipfile.ZipFile, name: str, kind: type[np.generic], shape: tuple[int, ...] | None) -> NDArray[Any]:
    """An array of such a type and shape, None where it may be any; never a pickle. Raises ValueError and KeyError."""
    with archive.open(f"{name}.npy") as member:
        found: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
    if found.dtype != kind or (shape is not None and found.shape != shape):
        raise ValueError(f"{name} is {found.dtype} {found.shape}, not {kind.__name__} {shape}")
    return found
