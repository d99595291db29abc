import multiprocessing

bind = "127.0.0.1:5000"
workers = multiprocessing.cpu_count() * 2 + 1
worker_class = "gevent"
daemon = True
reload = False
pidfile = "/var/run/board.pid"
user = "www-data"
timeout = 5 * 60
