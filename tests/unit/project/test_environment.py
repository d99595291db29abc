"""The environment variables that an application reads."""

from __future__ import annotations

import pytest

from packer.project.inspect import inspect
from packer.project.model import EnvironmentVariable
from packer.project.tree import MemoryTree

TALK = """
from telegram.ext import Updater

class Talk:
    def __init__(self, token=None):
        if not token:
            token = os.environ.get("BOT_TOKEN")
        self.updater = Updater(token=token)

talk = Talk()
"""
FACTORY = "from flask import Flask\n\n\ndef create_app():\n    app = Flask(__name__)\n    return app\n"


def variables(app: str, **files: str) -> dict[str, EnvironmentVariable]:
    """What is found when `app` follows the imports of an application module."""
    text = f"import os\nfrom flask import Flask\napp = Flask(__name__)\n{app}"
    tree = MemoryTree({"requirements.txt": "flask\n", "app.py": text, **files})
    return {variable.name: variable for variable in inspect(tree).environment}


@pytest.mark.parametrize(
    "code",
    [
        "x = os.environ['TOKEN_X']",
        "x = int(os.getenv('TOKEN_X'))",
        "x = os.getenv('TOKEN_X').split(',')",
        "x = os.getenv('TOKEN_X') + '/path'",
        "x = os.getenv('TOKEN_X')\nif not x:\n    raise RuntimeError('no')",
        "x = os.getenv('TOKEN_X')\nif x is None:\n    import sys\n    sys.exit(1)",
        "x = os.getenv('TOKEN_X')\nassert not x is None or x is None, x\nif x is None: raise ValueError",
        "if 'TOKEN_X' not in os.environ:\n    raise SystemExit",
        "for name in ('TOKEN_X', 'OTHER'):\n    if name not in os.environ:\n        raise SystemExit",
        "class Config:\n    X = os.environ['TOKEN_X']",
        "def load():\n    return os.environ['TOKEN_X']\nload()",
        "def need(name):\n    x = os.getenv(name)\n    if not x:\n        raise OSError\n    return x\nneed('TOKEN_X')",
        "from sqlalchemy import create_engine\nengine = create_engine(os.environ.get('TOKEN_X'))",
        "import redis\nstore = redis.Redis.from_url(os.getenv('TOKEN_X', ''))",
        "from sqlalchemy import create_engine\nURL = os.getenv('TOKEN_X', '')\nengine = create_engine(URL)",
        "import redis\nstore = redis.from_url(os.environ.get('TOKEN_X'))",
        "from redis import from_url\nURL = os.environ.get('TOKEN_X')\nstore = from_url(URL)",
        "URL = os.getenv('TOKEN_X')\nif URL.startswith('postgres://'):\n    pass",
        "os.environ['OTHER'] = os.getenv('TOKEN_X')",
        "KEY = os.environ.get('TOKEN_X')\nos.environ['TOKEN_X'] = KEY",
        "app.config['MONGO_URI'] = os.environ.get('TOKEN_X')",
        "app.config.from_envvar('TOKEN_X')",
        "from os import environ as e\nx = e['TOKEN_X']",
    ],
)
def test_a_variable_is_required_when_the_start_fails_without_it(code):
    assert variables(code)["TOKEN_X"].required


def test_a_token_that_a_builder_is_given_at_start_is_required():
    code = (
        "from telegram.ext import Application\nT = os.getenv('BOT_TOKEN')\nbot = Application.builder().token(T).build()"
    )

    assert variables(code)["BOT_TOKEN"].required


@pytest.mark.parametrize(
    "code",
    [
        "x = os.environ.get('TOKEN_X')",
        "x = os.environ.get('TOKEN_X', '')",
        "x = int(os.environ.get('TOKEN_X', 3))",
        "x = int(os.environ.get('TOKEN_X') or 3)",
        "@app.get('/')\ndef home():\n    return os.environ['TOKEN_X']",
        "try:\n    x = os.environ['TOKEN_X']\nexcept KeyError:\n    x = None",
        "if 'TOKEN_X' in os.environ:\n    x = os.environ['TOKEN_X']",
        "x = os.environ['TOKEN_X'] if os.environ.get('MODE') == 'live' else None",
        "os.environ.setdefault('TOKEN_X', '1')\nx = os.environ['TOKEN_X']",
        "app.config.from_envvar('TOKEN_X', silent=True)",
        "def never():\n    return os.environ['TOKEN_X']",
        "if app.debug:\n    x = os.environ['TOKEN_X']\ny = os.environ.get('TOKEN_X')",
    ],
)
def test_a_variable_is_not_required_when_the_app_starts_without_it(code):
    assert not variables(code)["TOKEN_X"].required


@pytest.mark.parametrize(
    "code",
    [
        "# os.environ['TOKEN_X']",
        "'''os.environ['TOKEN_X']'''",
        "os.environ['TOKEN_X'] = '1'",
        "if __name__ == '__main__':\n    os.environ['TOKEN_X']",
        "class Wsgi:\n    def __call__(self, environ, start_response):\n        return environ['TOKEN_X']",
        "headers = {'TOKEN_X': 1}\nx = headers['TOKEN_X']",
        "x = os.environ['HOME']",
    ],
)
def test_what_is_not_read_from_the_environment_is_no_variable(code):
    assert variables(code) == {}


def test_tests_scripts_and_migrations_are_not_the_app():
    read = "import os\nx = os.environ['NOT_THIS']\n"

    found = variables("", **{"tests/conftest.py": read, "migrations/env.py": read, "scripts/load.py": read})

    assert found == {}


def test_a_literal_default_is_shown():
    found = variables("x = os.getenv('PAGE_SIZE', 5 * 4)\ny = os.environ.get('COLOUR') or 'blue'\n")

    assert (found["PAGE_SIZE"].default, found["COLOUR"].default) == ("20", "blue")


@pytest.mark.parametrize(
    ("code", "required"),
    [
        ("from telegram import Bot\nbot = Bot(os.getenv('BOT_TOKEN'))", True),
        ("from openai import OpenAI\nclient = OpenAI(api_key=os.environ.get('BOT_TOKEN'))", True),
        ("import telegram.ext\nTOKEN = os.getenv('BOT_TOKEN')\nu = telegram.ext.Updater(token=TOKEN)", True),
        (TALK, True),
        ("from telegram import Bot\nTOKEN = os.getenv('BOT_TOKEN')\nif TOKEN:\n    bot = Bot(TOKEN)", False),
        (
            "from telegram import Bot\ntry:\n    bot = Bot(os.getenv('BOT_TOKEN'))\nexcept Exception:\n    bot = 1",
            False,
        ),
        ("from telegram import Bot\n@app.get('/')\ndef home():\n    return Bot(os.getenv('BOT_TOKEN'))", False),
        ("from shop import Bot\nbot = Bot(os.getenv('BOT_TOKEN'))", False),
        ("from pathlib import PurePath\npath = PurePath(os.getenv('BOT_TOKEN'))", False),
    ],
)
def test_a_token_that_a_foreign_client_is_made_with_is_required(code, required):
    shop = "class Bot:\n    def __init__(self, token):\n        self.token = token\n"

    assert variables(code, **{"shop.py": shop})["BOT_TOKEN"].required is required


@pytest.mark.parametrize("key", ["host", "HOST"])
def test_the_address_of_a_mongodb_in_its_settings_is_required(key):
    code = f"app.config['MONGODB_SETTINGS'] = {{'db': 'x', '{key}': os.environ.get('MONGODB_URI')}}"

    assert variables(code)["MONGODB_URI"].required


@pytest.mark.parametrize(
    ("call", "required"),
    [("client('dynamodb')", True), ("client('s3')", False), ("resource('sqs', region_name='eu-west-1')", False)],
)
def test_a_client_of_a_cloud_with_regions_wants_one(call, required):
    assert ("AWS_DEFAULT_REGION" in variables(f"import boto3\nx = boto3.{call}")) is required


def test_only_a_token_is_required_of_those_who_make_a_client():
    assert not variables("import minio\nx = minio.Minio(region=os.getenv('REGION'))")["REGION"].required


@pytest.mark.parametrize(
    "code",
    [
        "app.secret_key = os.getenv('SECRET_KEY', 'hunter2')",
        "x = os.getenv('DB_PASSWORD') or 'hunter2'",
        "x = os.getenv('STRIPE_API_KEY', default='hunter2')",
        "x = os.getenv('DATABASE_URL', 'mysql://root:hunter2@localhost/app')",
        "app.config['SECRET_KEY'] = os.getenv('APP_PHRASE', 'hunter2')",
    ],
)
def test_a_default_that_may_be_a_secret_is_shown_nowhere(code):
    (variable,) = variables(code).values()

    assert variable.default is None
    assert "hunter2" not in repr(variable)


def test_values_of_example_files_are_never_shown():
    found = variables(
        "x = os.getenv('SECRET_KEY')", **{".env.example": "SECRET_KEY=hunter2\nexport EXTRA = hunter2 # hunter2\n"}
    )

    assert set(found) == {"EXTRA", "SECRET_KEY"}
    assert "hunter2" not in repr(found)


def test_a_dot_env_file_is_not_even_read():
    assert variables("", **{".env": "SECRET_KEY=hunter2\n"}) == {}


def test_what_only_the_flask_command_reads_is_left_out():
    assert variables(
        "", **{".flaskenv": "FLASK_APP=app\nFLASK_DEBUG=1\nFLASK_RUN_PORT=1\nGREETING=hello\n"}
    ).keys() == {"GREETING"}


def test_roles_come_from_the_name_or_from_the_setting_that_gets_the_value():
    found = variables(
        "app.config['SQLALCHEMY_DATABASE_URI'] = os.getenv('WHERE')\n"
        "a = os.getenv('MYSQL_HOST')\nb = os.getenv('CELERY_BROKER_URL')\nc = os.getenv('LOG_LEVEL')\n"
        "d = os.getenv('DB_PASSWORD_FILE')\n"
    )

    assert {name: variable.role for name, variable in found.items()} == {
        "CELERY_BROKER_URL": "celery-broker",
        "DB_PASSWORD_FILE": "database-password-file",
        "LOG_LEVEL": "log-level",
        "MYSQL_HOST": "database-host",
        "WHERE": "database-url",
    }


@pytest.mark.parametrize(("version", "required"), [("==3.1.1", True), ("==2.5.1", False), ("", True)])
def test_flask_sqlalchemy_3_refuses_to_start_without_a_database(version, required):
    code = "app.config['SQLALCHEMY_DATABASE_URI'] = os.environ.get('DATABASE_URL')"

    found = variables(code, **{"requirements.txt": f"flask\nflask-sqlalchemy{version}\n"})

    assert found["DATABASE_URL"].required is required


def test_variables_read_through_the_project_s_own_functions_are_found():
    code = "from settings import flag, secret\na = flag('BETA')\nb = secret('SIGNING')\nc = flag('SIZE', default=3)\n"
    settings = (
        "import os\n"
        "def read(name, default=None):\n    return os.environ.get(f'SHOP_{name}', default)\n"
        "def flag(name, default=False):\n    return read(name, default)\n"
        "def secret(name):\n    return open(os.environ[name + '_FILE']).read() if False else read(name)\n"
    )

    found = variables(code, **{"settings.py": settings})

    assert set(found) == {"SHOP_BETA", "SHOP_SIGNING", "SHOP_SIZE"}
    assert found["SHOP_SIZE"].default == "3"


def test_the_config_module_that_a_variable_names_is_read():
    config = "import os\nclass Config:\n    COLOUR = os.environ['COLOUR']\n"

    found = variables("app.config.from_object(os.environ['APP_SETTINGS'])", **{"config.py": config})

    assert {name: variable.required for name, variable in found.items()} == {"APP_SETTINGS": True, "COLOUR": True}


def test_a_file_of_settings_is_read_like_a_module():
    found = variables("app.config.from_pyfile('live.cfg')", **{"live.cfg": "import os\nX = os.environ['COLOUR']\n"})

    assert set(found) == {"COLOUR"}


def test_a_variable_that_is_read_only_where_another_says_so_is_not_required():
    code = (
        "def secret(name):\n    if f'{name}_FILE' in os.environ:\n        return os.environ[f'{name}_FILE']\n"
        "    return os.environ.get(name)\nkey = secret('API')\n"
    )

    assert {name: variable.required for name, variable in variables(code).items()} == {"API": False, "API_FILE": False}


def test_prefixed_variables_of_flask_are_those_the_code_asks_for():
    found = variables("app.config.from_prefixed_env()\n@app.get('/')\ndef f():\n    return app.config['GREETING']\n")

    assert set(found) == {"FLASK_GREETING", "FLASK_SECRET_KEY"}


def test_evidence_names_the_line():
    (variable,) = variables("x = os.environ['PLACE']\n").values()

    assert [(one.path, one.line, one.excerpt) for one in variable.evidence] == [
        ("app.py", 4, "x = os.environ['PLACE']")
    ]


CONFIGURATIONS = (
    "class Config:\n    DEBUG = False\n"
    "class DevelopmentConfig(Config):\n    DEBUG = True\n"
    "class TestingConfig(Config):\n    TESTING = True\n"
    "class ProductionConfig(Config):\n    pass\n"
    "by_name = {'dev': DevelopmentConfig, 'test': TestingConfig, 'prd': Config, 'prod': ProductionConfig}\n"
)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("app.config.from_object(os.getenv('MODE'))", "config.ProductionConfig"),
        ("app.config.from_object(os.environ['MODE'])", "config.ProductionConfig"),
        ("name = os.getenv('MODE')\napp.config.from_object(name)", "config.ProductionConfig"),
        ("def load(name=None):\n    app.config.from_object(name)\nload(os.getenv('MODE'))", "config.ProductionConfig"),
        ("app.config.from_object(f\"config.{os.environ['MODE']}\")", "ProductionConfig"),
        ("app.config.from_object('config.%sConfig' % os.environ['MODE'])", "Production"),
        ("app.config.from_object('config.' + os.environ['MODE'])", "ProductionConfig"),
        ("from config import by_name\napp.config.from_object(by_name[os.getenv('MODE')])", "prod"),
        ("import config\nchosen = config.by_name[os.environ['MODE']]\napp.config.from_object(chosen)", "prod"),
    ],
)
def test_a_variable_that_chooses_the_configuration_is_required_and_has_an_example(code, value):
    found = variables(code, **{"config.py": CONFIGURATIONS})

    assert (found["MODE"].required, found["MODE"].example) == (True, value)


@pytest.mark.parametrize(
    "code",
    [
        "app.config.from_object(os.getenv('MODE', 'config.Config'))",
        "app.config.from_object(os.getenv('MODE') or 'config.Config')",
        "from config import by_name\napp.config.from_object(by_name.get(os.getenv('MODE'), by_name['dev']))",
        "if 'MODE' in os.environ:\n    app.config.from_object(os.environ['MODE'])",
    ],
)
def test_a_configuration_that_is_chosen_without_the_variable_needs_none(code):
    assert not variables(code, **{"config.py": CONFIGURATIONS})["MODE"].required


def test_no_configuration_of_tests_is_an_example():
    only = "class TestConfig:\n    TESTING = True\n"

    assert variables("app.config.from_object(os.environ['MODE'])", **{"config.py": only})["MODE"].example is None


def test_a_configuration_in_a_package_has_its_full_name():
    files = {"shop/__init__.py": "", "shop/settings/__init__.py": "", "shop/settings/live.py": "DEBUG = False\n"}
    code = "import shop.settings.live\napp.config.from_object(os.environ['MODE'])"

    assert variables(code, **files)["MODE"].example == "shop.settings.live"


@pytest.mark.parametrize(
    "code",
    [
        "app.config['SQLALCHEMY_DATABASE_URI'] = f\"postgresql://u@h:{os.getenv('DB_PORT')}/shop\"",
        "app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://u@h:%s/%s' % (os.getenv('DB_PORT'), 'shop')",
        "app.config['SQLALCHEMY_DATABASE_URI'] = 'postgresql://u@h:{}/shop'.format(os.environ.get('DB_PORT'))",
        "port = os.getenv('DB_PORT')\napp.config['SQLALCHEMY_DATABASE_URI'] = f'postgresql://u@h:{port}/shop'",
        "class C:\n    P = os.getenv('DB_PORT')\n    SQLALCHEMY_DATABASE_URI = f'postgresql://u@h:{P}/shop'",
    ],
)
def test_the_parts_of_a_database_s_address_are_required(code):
    found = variables(code)["DB_PORT"]

    assert (found.required, found.role) == (True, "database-port")


def test_a_part_of_an_address_that_has_a_default_is_not_required():
    code = (
        "port = os.getenv('DB_PORT', '5432')\napp.config['SQLALCHEMY_DATABASE_URI'] = f'postgresql://u@h:{port}/shop'"
    )

    assert not variables(code)["DB_PORT"].required
