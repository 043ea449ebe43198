"""The archive as pages: what went out, for everybody. Pure: issues and links go in, pages come out; no reader is in any of them."""
