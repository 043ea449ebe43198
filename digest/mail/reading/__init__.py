"""How a mail that came in is read, step by step. Nothing here answers, stores or sends."""
