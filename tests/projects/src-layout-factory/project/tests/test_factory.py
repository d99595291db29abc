from journal import create_app


def test_config():
    app = create_app({"TESTING": True})
    assert app.testing
