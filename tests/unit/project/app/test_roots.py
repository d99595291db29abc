"""The folder on Python's path and the working folder follow from the project's own imports and files."""

from packer.project.app.modules import ModuleIndex
from packer.project.app.roots import RootFinder
from packer.project.tree import MemoryTree


def _home(files, path, wished=None):
    return RootFinder(ModuleIndex(MemoryTree(files)), frozenset({"redis"})).home(path, wished)


def test_full_names_put_the_root_on_the_path():
    files = {"backend/app.py": "from backend.models import X\n", "backend/models.py": "X = 1\n"}

    assert (_home(files, "backend/app.py").root, _home(files, "backend/app.py").module) == (".", "backend.app")


def test_bare_names_put_the_folder_on_the_path():
    files = {"backend/__init__.py": "", "backend/app.py": "from models import X\n", "backend/models.py": "X = 1\n"}

    assert (_home(files, "backend/app.py").root, _home(files, "backend/app.py").module) == ("backend", "app")


def test_imports_of_imported_modules_count():
    files = {
        "a/main.py": "import util\n",
        "a/util.py": "from a.base import B\nfrom a.other import C\n",
        "a/base.py": "B = 1\n",
        "a/other.py": "C = 1\n",
    }
    home = _home(files, "a/main.py")

    assert home.root == "."
    assert home.extra == ("a",)


def test_relative_imports_need_the_folder_above():
    files = {"pkg/app.py": "from .models import X\n", "pkg/models.py": "X = 1\n"}

    assert _home(files, "pkg/app.py").module == "pkg.app"


def test_what_is_installed_is_not_looked_for_inside_packages():
    files = {
        "shop/__init__.py": "",
        "shop/app.py": "import redis\nimport types\n",
        "shop/redis.py": "",
        "shop/types.py": "",
    }

    assert _home(files, "shop/app.py").module == "shop.app"


def test_a_wished_root_wins_where_it_makes_the_module_importable():
    files = {"src/app.py": "x = 1\n"}

    assert _home(files, "src/app.py", ".").module == "src.app"
    assert _home(files, "src/app.py", "elsewhere").module == "app"


def test_a_package_hides_a_module_of_its_name():
    assert _home({"app.py": "", "app/__init__.py": ""}, "app.py") is None


def test_a_dot_in_a_file_name_makes_it_no_module():
    assert _home({"app.v2.py": ""}, "app.v2.py") is None


def test_the_working_folder_is_where_relative_files_exist():
    files = {
        "web/app.py": "open('data/a.json')\n",
        "web/data/a.json": "",
        "api/app.py": "open('api/b.json')\n",
        "api/b.json": "",
    }
    finder = RootFinder(ModuleIndex(MemoryTree(files)), frozenset())

    assert finder.working_directory("web/app.py", finder.home("web/app.py")) == "web"
    assert finder.working_directory("api/app.py", finder.home("api/app.py")) == "."


def test_neighbours_that_are_imported_as_in_python_2_put_their_package_on_the_path_too():
    files = {
        "shop/__init__.py": "from shop import views\n",
        "shop/prices.py": "P = 1\n",
        "shop/views.py": "from prices import P\n",
        "run.py": "from shop import app\n",
    }

    home = _home(files, "run.py")

    assert (home.root, home.extra) == (".", ("shop",))


def test_no_package_is_put_on_the_path_whose_modules_would_hide_what_is_installed():
    files = {
        "shop/__init__.py": "from prices import P\nfrom shop import views\n",
        "shop/prices.py": "P = 1\n",
        "shop/redis.py": "",
        "shop/views.py": "",
        "run.py": "from shop import app\n",
    }

    assert _home(files, "run.py").extra == ()
