bind = "127.0.0.1:9000"
daemon = True
chdir = "site"
wsgi_app = "core.http:entry"
workers = 2
