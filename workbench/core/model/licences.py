"""Licences of models: in words, and whether they are terms that somebody should have read before a download."""

# As the Hub writes them, the commonest of text models first.
_FREE = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "cc0-1.0": "CC0-1.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "gpl-3.0": "GPL-3.0",
    "agpl-3.0": "AGPL-3.0",
    "lgpl-3.0": "LGPL-3.0",
    "mpl-2.0": "MPL-2.0",
    "isc": "ISC",
    "unlicense": "Unlicense",
    "wtfpl": "WTFPL",
}
_WITH_TERMS = {
    "llama3.1": "Llama 3.1",
    "llama3.2": "Llama 3.2",
    "llama3.3": "Llama 3.3",
    "llama3": "Llama 3",
    "llama4": "Llama 4",
    "llama2": "Llama 2",
    "gemma": "Gemma",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "bigscience-openrail-m": "OpenRAIL-M",
    "bigcode-openrail-m": "BigCode OpenRAIL-M",
    "other": "its own",
}
# What to choose from where a licence is asked for.
LICENCES = {
    name: words
    for name, words in (_FREE | _WITH_TERMS).items()
    if name in ("apache-2.0", "mit", "cc-by-4.0", "llama3.1", "llama3.2", "llama3.3", "gemma", "cc-by-nc-4.0", "other")
}
_UNKNOWN = ("", "unknown")


def licence_in_words(name: str) -> str:
    """A licence as people write it; nothing where it is not known."""
    key = name.strip().lower()
    return "" if key in _UNKNOWN else (_FREE | _WITH_TERMS).get(key, name.strip())


def has_terms(name: str) -> bool:
    """Whether a licence asks for more than to be passed on; one that is not known here is taken to."""
    key = name.strip().lower()
    return key not in _UNKNOWN and key not in _FREE
