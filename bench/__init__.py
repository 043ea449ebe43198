"""How fast it is, measured: `python -m bench` runs them all. Ratios count; absolute figures are this machine's."""
