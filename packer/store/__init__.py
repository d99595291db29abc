"""Images at rest: the content-addressed cache, OCI layout, archives for `docker load`, the local image store."""
