"""An image on this machine as the foundation of another: its Python found, described, and run for its bytecode."""
