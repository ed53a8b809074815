"""Makes a picture of every page and state of the window: `python3 packaging/screens DIR [WORD ...]`.

Offscreen and in a home of its own, with the runs kept in tests/data/journals, light and dark, on screens of 1366x768
and 1920x1080 less a title bar, and for a projector on both. With words, only states whose name holds one of them;
`--look WORD`, as often as wanted, takes only looks whose name holds one of these. `--compare OLD NEW [WORD ...]` names
the pictures of two folders that are not the same to the pixel, and ends with 1 where there is one.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Returns 1 where the window met a fault, Qt had something to say, or pictures differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="where the pictures go; with --compare, those before")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--look", action="append", default=[])
    parser.add_argument("--compare", action="store_true")
    given = parser.parse_args(arguments)
    directory = given.directory.resolve()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.path.insert(0, str(ROOT))
    if given.compare:
        from compare import compare

        if not given.words:
            parser.error("--compare takes two folders")
        folders = directory, Path(given.words[0]).resolve()
        for folder in folders:
            if not folder.is_dir():
                parser.error(f"there is no folder {folder}")
        return compare(*folders, given.words[1:])
    from states import take_all

    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="workbench-screens-") as home:
        os.environ["WORKBENCH_HOME"] = home
        os.environ["HF_HOME"] = f"{home}/huggingface"  # not the models of whoever takes the pictures
        return take_all(directory, given.words, given.look)


def with_packages() -> str:
    """The interpreter that has the program's packages, as main.py finds it."""
    folder = str(ROOT / "packaging")
    sys.path.insert(0, folder)
    from bootstrap import Environment, Project, prepared_python

    sys.path.remove(folder)
    return prepared_python(Project(ROOT), Environment(ROOT / ".venv"), "test")


if __name__ == "__main__":
    python = with_packages()
    if python != sys.executable:
        os.execv(python, [python, *sys.argv])
    sys.exit(main(sys.argv[1:]))
