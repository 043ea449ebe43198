"""digest: the best thread of the week, as an email that people look forward to."""

__version__ = "0.1.0"
