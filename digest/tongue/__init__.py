"""What can be told of a text by its letters alone: its words, and the language that they are in. Knows no thread's worth."""
