from {{cookiecutter.app_name}}.app import create_app

app = create_app()
