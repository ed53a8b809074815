"""Which version of a package is installed here."""

from importlib import metadata

from workbench.core.problems import UserError


def version_of(package: str) -> str:
    """Empty where the package is absent or, after an interrupted installation, has none."""
    try:
        return metadata.version(package) or ""
    except (metadata.PackageNotFoundError, FileNotFoundError):  # the second is what importlib_metadata's finder raises
        return ""


def refuse_without(package: str, extra: str, what: str) -> None:
    """Refuses what cannot be done without a package that only an extra brings. Raises UserError."""
    if not version_of(package):
        raise UserError(
            f"{what} needs {package}, which is not installed.",
            remedy=f'Install it: python -m pip install "qlora-workbench[{extra}]"',
        )
