"""Images on the wire: the distribution protocol, spoken to any registry, with no engine."""
