"""A command line held against the real parser, without being run."""

import shlex

import typer

from forgetscope.cli.app import app


def parse(line):
    """Return the values that a line `forgetscope ...` sets; the parser raises what is wrong."""
    program, name, *arguments = shlex.split(line)
    assert program == "forgetscope"
    command = typer.main.get_command(app).commands[name]
    return command.make_context(name, arguments).params
