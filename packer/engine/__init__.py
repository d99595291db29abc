"""A Docker Engine, by the docker SDK."""
