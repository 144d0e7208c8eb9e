"""The package of docs/plugins.md, laid out as an installer would."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "plugins.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def install(
    folder: Path,
    points: Mapping[str, Mapping[str, str]],
    *,
    code: str,
    name: str = "acme-forgetscope",
    version: str = "1.2",
    module: str = "acme",
) -> None:
    """Write a module and the metadata of its package into a folder of the path."""
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, names in points.items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in names.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def install_documented(folder: Path) -> None:
    """Install the package exactly as the page has it."""
    (declared,) = map(tomllib.loads, blocks("toml"))
    project = declared["project"]
    install(
        folder,
        project["entry-points"],
        code="\n".join(blocks("python")),
        name=project["name"],
        version=project["version"],
    )
