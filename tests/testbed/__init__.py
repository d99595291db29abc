"""What integration tests and benchmarks need from the machine: system packages, and private Docker Engines.

Only the standard library is used here: `tests/run.py` starts before anything is installed.
"""
