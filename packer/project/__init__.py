"""FACTS: a source tree becomes a `Project`. Nothing of the project is imported or run."""
