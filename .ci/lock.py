"""Write `.ci/requirements.txt`: what continuous integration installs, with hashes of every file.

    pip install uv && python .ci/lock.py

Versions come from `constraints.txt`. torch and what its CUDA builds bring along are left out: they
are installed first, from whichever index serves a build for the machine.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEFT_OUT = re.compile(r"(torch|triton|nvidia-|cuda-)")
WITH_EXTRAS = re.compile(r"([\w.-]+)\[[^\]]+\]")
COMMAND = (
    *("uv", "pip", "compile", "-q", "pyproject.toml", "--extra", "dev", "-c", "constraints.txt"),
    *("--python-version", "3.11", "--generate-hashes", "--no-strip-extras"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
)


def main() -> None:
    """Compile, leave out, write."""
    compiled = subprocess.run(COMMAND, cwd=ROOT, check=True, capture_output=True, text=True)
    lines = [line for each in _requirements(compiled.stdout) for line in _spelled(each)]
    (ROOT / ".ci" / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _requirements(text: str) -> list[str]:
    found = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    return [each.strip() for each in found if not LEFT_OUT.match(each)]


def _spelled(requirement: str) -> list[str]:
    """Return a requirement, and without its extras too: pip asks for the hash of either."""
    match = WITH_EXTRAS.match(requirement)
    return [requirement] if match is None else [requirement, match[1] + requirement[match.end() :]]


if __name__ == "__main__":
    main()
