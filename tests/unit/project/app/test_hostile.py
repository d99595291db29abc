"""A project may be broken or hostile: the search ends, in bounded time, and claims nothing it cannot know."""

import time

import pytest

from packer.project.app import find_app
from packer.project.tree import MemoryTree

FLASK = "from flask import Flask\napp = Flask(__name__)\n"


def _search(files):
    return find_app(MemoryTree(files), distributions=frozenset())


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": "from app import app\n"},
        {"a.py": "from b import app\n", "b.py": "from a import app\n", "app.py": "from a import *\n"},
        {"app.py": "from app import *\nfrom . import *\nfrom .. import *\n"},
        {"app.py": "app = app\n"},
        {"app.py": "def create_app():\n    return create_app()\n"},
        {"app.py": "class A(A):\n    pass\napp = A()\n"},
        {"app.py": "class A(B): pass\nclass B(A): pass\napp = A().app\n"},
        {"app.py": "app = " + "f(" * 80 + ")" * 80 + "\n"},
        {"app.py": "app = " + "+".join(["'x'"] * 20000) + "\n"},
        {"app.py": "import flask\nif x:\n    pass\n" + "".join(f"elif x == {n}:\n    y = {n}\n" for n in range(400))},
        {"app.py": "\x00"},
        {"app.py": "(" * 5000},
        {"Procfile": "web: gunicorn ../../etc/passwd:app\n", "vercel.json": '{"builds": [1, {"src": 5}]}'},
        {"vercel.json": "[" * 10000, "gunicorn.conf.py": "wsgi_app = (", "uwsgi.ini": "[uwsgi]\nmodule\n=\n"},
        {"Procfile": "web: gunicorn 'app:\n", "Dockerfile": 'CMD ["gunicorn", \nWORKDIR\nCMD\n'},
    ],
)
def test_nonsense_is_refused_and_nothing_raises(files):
    search = _search(files)

    assert search.candidates == ()
    assert search.refusal


def test_functions_that_call_each_other_ever_more_often_end():
    lines = [
        f"def make_app{n}(a):\n    x = make_app{n + 1}(a)\n    return make_app{n + 1}(x) or x\n" for n in range(50)
    ]
    code = FLASK + "".join(lines) + "def make_app50(a): return wrap(a)\nserver = make_app0(app)\n"
    begun = time.process_time()

    assert _search({"app.py": code}).candidates[0].target.startswith("app:")
    assert time.process_time() - begun < 20


def test_a_large_tree_is_searched_by_its_likely_files_first():
    files = {f"lib/part{n}/module{m}.py": "import os\nVALUE = 1\n" for n in range(100) for m in range(60)}
    files |= {f"web/static/{n}.js": "" for n in range(4000)}

    assert _search({**files, "wsgi.py": FLASK}).candidates[0].target == "wsgi:app"
