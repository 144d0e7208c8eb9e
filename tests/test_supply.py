"""What is installed is what is listed, with the same versions everywhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", flags=re.MULTILINE)
NAME = re.compile(r"[\w.-]+")


def _versions(text):
    return {name.lower().replace("_", "-"): version for name, version in LOCKED.findall(text)}


PINNED = _versions((ROOT / "constraints.txt").read_text(encoding="utf-8"))
HASHED = (ROOT / ".ci" / "requirements.txt").read_text(encoding="utf-8")


def test_versions_with_hashes_are_the_pinned_ones():
    hashed = _versions(HASHED)
    both = hashed.keys() & PINNED.keys()
    assert len(both) > 100
    assert {name: hashed[name] for name in both} == {name: PINNED[name] for name in both}


def test_every_file_that_is_installed_has_a_hash():
    requirements = re.split(r"\n(?=[A-Za-z0-9])", HASHED.strip())
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_every_direct_dependency_is_locked_but_torch_which_comes_first():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [NAME.match(each)[0] for each in project["dependencies"]]
    wanted += [NAME.match(each)[0] for each in project["optional-dependencies"]["dev"]]
    locked = _versions(HASHED)
    missing = {name.lower().replace("_", "-") for name in wanted} - locked.keys()
    assert missing == {"torch", "forgetscope"}
    assert "torch" in PINNED


@pytest.mark.parametrize("name", ["torch", "transformers", "lm-eval", "trl", "numpy"])
def test_the_bill_of_materials_has_the_pinned_version(name):
    bill = json.loads((ROOT / ".ci" / "sbom.cdx.json").read_text(encoding="utf-8"))
    found = {each["name"].lower().replace("_", "-"): each["version"] for each in bill["components"]}
    assert found[name].partition("+")[0] == PINNED[name]


def test_no_address_of_an_index_is_in_the_lock():
    assert "://" not in HASHED
    assert "--index" not in HASHED
