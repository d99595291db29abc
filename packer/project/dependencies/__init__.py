"""The project's dependencies: every manifest and lock format, read exactly; choices and surprises said aloud."""

from packer.project.dependencies.reader import DependencyReader
from packer.project.dependencies.sources import DependencyReading

__all__ = ["DependencyReader", "DependencyReading"]
