"""One use case a file: receives ports, returns results; no terminal, no flags."""
