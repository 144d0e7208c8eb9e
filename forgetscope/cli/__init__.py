"""The command line: parse, call, show; the only place that prints."""
