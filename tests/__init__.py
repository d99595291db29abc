"""Tests of pack. Only what they share is imported from here; `tests.testbed` is it."""
