"""The study on disk: SQLite, append and look up, never rewrite an answer."""
