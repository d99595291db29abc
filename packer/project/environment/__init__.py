"""The environment variables that the application reads."""

from packer.project.environment.examples import ExampleVariable, read_examples
from packer.project.environment.reader import read_environment

__all__ = ["ExampleVariable", "read_environment", "read_examples"]
