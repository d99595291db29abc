"""The production half of a project's Python code, read once: what stands where, what names mean, what constants are.

The readers of facts (environment, services, routes, writable places, …) ask these values instead of walking syntax
trees themselves. Nothing is imported or run.
"""
