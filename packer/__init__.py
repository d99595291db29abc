"""`pack`: from a Python web project to production images and a running stack."""

__all__ = ["__version__"]

__version__ = "0.1.0"
