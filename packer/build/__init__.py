"""Plan -> Image: the native builder."""
