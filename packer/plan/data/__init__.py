"""Tables of measured facts that the rules of `packer.plan` look up."""
