"""A base image assembled from signed Debian packages: no Docker, no root, no maintainer script run."""
