from flask import Flask


class Contest(Flask):
    pass


def create_app(config="contest.config.Config"):
    app = Contest(__name__)
    with app.app_context():
        app.config.from_object(config)
        from contest.views import views

        app.register_blueprint(views)
    return app
