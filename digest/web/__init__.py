"""The two small web apps on the same pages: what the public sees, and the studio where an editor looks at drafts."""
