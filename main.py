"""Starts QLoRA Workbench on any machine that has Python 3.11: `python3 main.py VERB ...`.

The syntax here is that of Python 3.0: an older Python than 3.11 has to get as far as the sentence meant for it.
"""

import os
import sys


def start() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the line that tells an older Python so
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.stderr.write("QLoRA Workbench needs Python 3.11 or newer, and this is Python " + found + ".\n")
        return 2
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # a frozen program is started again for each worker process
        from workbench.cli import main

        main()
        return 0
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "packaging")  # noqa: PTH100, PTH118, PTH120
    sys.path.insert(0, folder)
    import bootstrap

    sys.path.remove(folder)
    return bootstrap.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
