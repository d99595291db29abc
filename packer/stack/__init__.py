"""A stack that runs on one engine: the containers of a project, and nothing else of the machine's."""
