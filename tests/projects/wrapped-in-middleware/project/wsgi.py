from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from gallery import make_app

app = make_app()
app.wsgi_app = ProxyFix(app.wsgi_app)


class Prefixed:
    def __init__(self, inner, prefix):
        self.inner = inner
        self.prefix = prefix

    def __call__(self, environ, start_response):
        environ["SCRIPT_NAME"] = self.prefix
        return self.inner(environ, start_response)


application = DispatcherMiddleware(app, {"/gallery": Prefixed(app, "/gallery")})
