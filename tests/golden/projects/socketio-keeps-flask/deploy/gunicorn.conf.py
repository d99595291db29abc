# Written by pack generate: edit freely; pack generate merges its own changes into yours.
"""How gunicorn serves this application. Written by pack; every value can be changed when the container starts:

    PORT                 the port to listen on, 8000 by default
    GUNICORN_THREADS     the number of threads in each worker process, 32 by default
    GUNICORN_TIMEOUT     seconds after which a worker that does not answer is replaced, 60 by default
    FORWARDED_ALLOW_IPS  proxies whose X-Forwarded-* headers are believed; gunicorn reads it
    GUNICORN_CMD_ARGS    any other option; gunicorn reads it, and it wins over this file
"""

import logging
import os
import re
import sys

HEALTH_PATH = "/"
HEALTH_CHECK = re.compile(rf'127\.0\.0\.1\b.* "GET {re.escape(HEALTH_PATH)} HTTP/1\.[01]" [23]')


def number_from(variable, default, low, high):
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if text.isdigit() and text.isascii() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    raise SystemExit(f"{variable} is {text!r}: a whole number from {low} to {high} is expected")


def is_worth_logging(record):
    """Everything but the good answers to the container's own health check."""
    return not HEALTH_CHECK.match(record.getMessage())


def post_fork(server, worker):
    """An application that reads its command line finds an empty one there, not gunicorn's."""
    del sys.argv[1:]


port = number_from("PORT", 8000, 1, 65535)
bind = f"0.0.0.0:{port}"

workers = 1  # fixed when the image was made
worker_class = "gthread"
threads = number_from("GUNICORN_THREADS", 32, 1, 512)

timeout = number_from("GUNICORN_TIMEOUT", 60, 1, 86400)
graceful_timeout = 30
keepalive = 75  # longer than a proxy keeps its connections, so that it never sends to one that was just closed

# Workers prove that they live by touching a file: on a disk that can take seconds, and the worker would be replaced.
if os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK | os.X_OK):
    worker_tmp_dir = "/dev/shm"

control_socket_disable = True  # gunicorn 25.1 and later would write it into a home folder that is not there

errorlog = "-"
accesslog = "-"
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s %(M)sms "%({x-forwarded-for}i)s"'
for name in ("gunicorn.access", "uvicorn.access"):
    logging.getLogger(name).addFilter(is_worth_logging)
