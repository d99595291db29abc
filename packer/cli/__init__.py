"""Typer commands, one a file, thin. `wiring` is the only place where ports meet adapters."""
