"""Where llama.cpp is looked for on this machine; it is not part of the program."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# A folder with llama.cpp's own libraries, or one with the npm package node-llama-cpp in its node_modules.
VARIABLE = "WORKBENCH_LLAMA_CPP"
_PROGRAMS = ("llama-server", "llama-cli")
SYSTEM = {"win32": "win", "darwin": "mac"}.get(sys.platform, "linux")


def library_folders() -> Iterator[Path]:
    """Where libraries of llama.cpp may lie: the folder named, those of npm and Python packages, beside its programs."""
    for folder in roots():
        yield from (folder, folder / "lib", folder / "bin")
        yield from sorted(folder.glob(f"node_modules/@node-llama-cpp/{SYSTEM}-*/bins/*"))
    try:
        found = importlib.util.find_spec("llama_cpp")
    except (ImportError, ValueError):
        found = None
    for place in (found.submodule_search_locations or ()) if found else ():
        yield Path(place, "lib")
    for program in filter(None, map(shutil.which, _PROGRAMS)):
        folder = Path(program).resolve().parent
        yield from (folder, folder.parent / "lib")


def roots() -> list[Path]:
    """The folder that the variable names, and those where npm puts what is installed with --global."""
    named, node = os.environ.get(VARIABLE, ""), shutil.which("node")
    found = [Path(named).expanduser()] if named else []
    for path in dict.fromkeys((Path(node), Path(node).resolve())) if node is not None else ():
        found += [path.parent, path.parent.parent / "lib"]
    if roaming := os.environ.get("APPDATA", ""):  # of Windows
        found.append(Path(roaming, "npm"))
    return found
