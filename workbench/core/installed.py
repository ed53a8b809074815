"""Which version of a package is installed here."""

from importlib import metadata


def version_of(package: str) -> str:
    """Empty where the package is absent or, after an interrupted installation, has none."""
    try:
        return metadata.version(package) or ""
    except (metadata.PackageNotFoundError, FileNotFoundError):  # the second is what importlib_metadata's finder raises
        return ""
