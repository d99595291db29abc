"""Where generated files go, relative to the project."""

from __future__ import annotations

__all__ = [
    "COMPOSE",
    "COMPOSE_DEVELOPMENT",
    "COMPOSE_PRODUCTION",
    "DEPLOY",
    "DOCKERFILE",
    "DOCKERIGNORE",
    "GUNICORN",
    "HADOLINT",
    "HEADER",
    "MYSQL",
    "NGINX",
    "NGINX_PAGES",
    "PINNED",
    "REPOSITORIES",
    "SINGLE",
    "SITE_PACKAGES",
]

DEPLOY = "deploy"
DOCKERFILE = "Dockerfile"
DOCKERIGNORE = ".dockerignore"
COMPOSE = "compose.yaml"
COMPOSE_DEVELOPMENT = "compose.override.yaml"
COMPOSE_PRODUCTION = "compose.prod.yaml"
HADOLINT = ".hadolint.yaml"
GUNICORN = f"{DEPLOY}/gunicorn.conf.py"
NGINX = f"{DEPLOY}/nginx"
NGINX_PAGES = f"{NGINX}/pages"
MYSQL = f"{DEPLOY}/mysql.cnf"
PINNED = f"{DEPLOY}/requirements.txt"
REPOSITORIES = f"{DEPLOY}/requirements-git.txt"
SITE_PACKAGES = f"{DEPLOY}/site-packages"
SINGLE = f"{DEPLOY}/single"
HEADER = "Written by pack generate: edit freely; pack generate merges its own changes into yours."
"""The first line of a generated file, in its own form of comment."""
