"""`python -m digest` is `digest`."""

from digest.cli.main import run

if __name__ == "__main__":
    run()
