"""A source distribution compiled in a build root: its requirements, its back end, and what helps old ones."""
