"""Tests; a package, so that test files of different rooms may share a name."""
