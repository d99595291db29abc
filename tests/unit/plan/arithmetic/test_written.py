"""The figures of files that somebody changed."""

from __future__ import annotations

import yaml

from packer.plan.arithmetic import Figure, StackFigures, planned_figures
from packer.plan.arithmetic.compose_document import ComposeService, compose_services
from packer.plan.arithmetic.gunicorn_text import gunicorn_numbers
from packer.plan.arithmetic.nginx_text import Directive, directives, web_figures
from packer.plan.arithmetic.written import WrittenFile, WrittenFiles, written_figures
from packer.plan.planner import make_plan
from packer.plan.settings import Settings
from packer.plan.stack import plan_stack
from packer.project.inspect import inspect
from packer.project.tree import MemoryTree
from packer.render.compose import render_compose
from packer.render.gunicorn import render_gunicorn
from packer.render.nginx import Discovery, render_nginx

CODE = """
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config['SQLALCHEMY_DATABASE_URI'] = os.environ['DATABASE_URL']
"""
PROJECT = inspect(MemoryTree({"app.py": CODE, "requirements.txt": "flask\nflask-sqlalchemy\npymysql\n"}, "shop"))
PLAN = make_plan(PROJECT, Settings())
STACK = plan_stack(PLAN, PROJECT.environment, Settings())
PLANNED = planned_figures(PLAN, STACK, PROJECT)


def rendered(discovery: Discovery = "variable") -> WrittenFiles:
    """What pack writes, as it is read back."""
    texts = {file.path: file.text for file in render_compose(STACK)}
    document = yaml.safe_load(texts["compose.yaml"].replace("${APP_MEMORY:-512M}", "512M"))
    gunicorn = render_gunicorn(PLAN.server, port=8000, owned=True)
    return WrittenFiles(
        compose=compose_services(document),
        gunicorn=WrittenFile(gunicorn.path, gunicorn.text),
        nginx=tuple(WrittenFile(one.path, one.text) for one in render_nginx(PLAN.web, discovery=discovery)),
        mysql=WrittenFile("deploy/mysql.cnf", texts["deploy/mysql.cnf"]),
    )


def test_what_pack_writes_says_what_pack_plans() -> None:
    read = written_figures(PLANNED, rendered())

    assert read.app == PLANNED.app
    assert read.web == PLANNED.web
    assert read.database == PLANNED.database
    assert sorted(read.limits) == sorted(PLANNED.limits)


def test_an_upstream_that_keeps_connections_keeps_them_for_nginxs_own_time() -> None:
    idle = written_figures(PLANNED, rendered("resolve")).web.idle

    assert idle is not None
    assert idle.value == 60


def changed(**files: object) -> StackFigures:
    return written_figures(PLANNED, WrittenFiles(**files))


def test_gunicorns_file_counts_and_the_containers_variables_count_more() -> None:
    text = "timeout = int(os.environ.get('T', '90'))\nworkers = 2 * 4 + 1\nkeepalive: int = 5\n"
    file = WrittenFile("deploy/gunicorn.conf.py", text)
    service = ComposeService(name="app", environment=(("WEB_CONCURRENCY", "2"), ("T", "120")))
    app = changed(gunicorn=file, compose=(service,)).app

    assert app.timeout == Figure(120, "deploy/gunicorn.conf.py")
    assert app.workers == Figure(2, "compose.yaml")
    assert app.keepalive == Figure(5, "deploy/gunicorn.conf.py")
    assert not app.counted
    assert app.memory is None
    assert app.grace == Figure(10, "compose.yaml")
    assert app.believes is None


def test_more_processors_make_more_workers() -> None:
    service = ComposeService(name="app", cpus=4.0, memory=4096.0)

    assert changed(compose=(service,)).app.workers == Figure(9, "compose.yaml")


def test_mysqls_options_in_any_spelling() -> None:
    text = "[client]\nmax_connections = 1\n[mysqld]\nmax_connections=20 # few\nInnoDB-Buffer-Pool-Size = 2G\n"
    database = changed(mysql=WrittenFile("deploy/mysql.cnf", text)).database

    assert database is not None
    assert database.connections == Figure(20, "deploy/mysql.cnf")
    assert database.buffers == Figure(2048, "deploy/mysql.cnf")


def test_nginx_is_read_through_comments_quotes_and_nested_blocks() -> None:
    text = """
    http { # proxy_read_timeout 1s;
      client_max_body_size 1m;
      log_format x '{"a;b":"$uri"}';
      upstream app { server app:8000; keepalive 8; keepalive_timeout 1m30s; }
      server { location /in { client_max_body_size 20M; } location / { proxy_read_timeout 30; } }
    }
    """
    found = web_figures(PLANNED.web, (("nginx.conf", text),))

    assert found.body == Figure(20 << 20, "nginx.conf")
    assert found.patience == Figure(30, "nginx.conf")
    assert found.idle == Figure(90, "nginx.conf")
    assert Directive(("http", "server", "location"), ("client_max_body_size", "20M")) in directives(text)


def test_nginx_and_gunicorn_files_that_make_no_sense_say_nothing() -> None:
    assert web_figures(PLANNED.web, (("nginx.conf", '}}} { ; "unclosed proxy_read_timeout ;'),)) == PLANNED.web
    assert gunicorn_numbers("timeout = (((", {}) == {}
    assert gunicorn_numbers("workers = multiprocessing.cpu_count()\ntimeout = 1 // 0\nx = True", {}) == {}


def test_composes_document_in_either_spelling() -> None:
    document = {
        "services": {
            "app": {"mem_limit": "1g", "cpus": 1.5, "scale": 2, "restart": "always", "stop_grace_period": "1m5s"},
            "migrate": {"deploy": {"resources": {"limits": {"memory": "536870912"}}}, "restart": "no"},
            "odd": None,
        }
    }

    app, migrate, odd = compose_services(document)
    assert (app.memory, app.cpus, app.replicas, app.grace, app.stays) == (1024, 1.5, 2, 65, True)
    assert (migrate.memory, migrate.stays) == (512, False)
    assert odd == ComposeService(name="odd", stays=False)
    assert compose_services({}) == ()
