"""A lock becomes wheels, and wheels become layers: nothing is executed, nothing unpacked to disk."""
