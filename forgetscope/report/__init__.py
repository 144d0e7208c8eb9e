"""The report: a view of the diagnosis first, then HTML, PNG, Markdown and JSON."""
