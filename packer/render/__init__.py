"""Plan -> texts, by Jinja2 from `templates/`."""
