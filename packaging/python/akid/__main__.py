"""`python -m akid`: the command itself."""

import os
import subprocess
import sys

from akid import binary


def main() -> None:
    """Becomes the command; where a process cannot, runs it."""
    words = [binary(), *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.call(words))
    os.execv(words[0], words)


if __name__ == "__main__":
    main()
