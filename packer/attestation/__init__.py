"""What is said of an image beside it: the bill of its materials, and its provenance."""
