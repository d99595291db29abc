from gevent import monkey

monkey.patch_all()

from contest import create_app

app = create_app()
