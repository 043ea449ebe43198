"""How fast it is, measured: `python -m bench` runs it all. Ratios count; absolute figures are this machine's."""
