# Written by pack generate: edit freely; pack generate merges its own changes into yours.
"""How gunicorn serves this application. Written by pack; every value can be changed when the container starts:

    PORT                 the port to listen on, 8000 by default
    WEB_CONCURRENCY      the number of worker processes; by default it follows from the container's limits
    GUNICORN_THREADS     the number of threads in each worker process, 4 by default
    GUNICORN_TIMEOUT     seconds after which a worker that does not answer is replaced, 60 by default
    FORWARDED_ALLOW_IPS  proxies whose X-Forwarded-* headers are believed; gunicorn reads it
    GUNICORN_CMD_ARGS    any other option; gunicorn reads it, and it wins over this file
"""

import logging
import math
import os
import re
import sys

CGROUP = "/sys/fs/cgroup"
MOST_WORKERS = 12
WORKER_MEMORY = 128 * 1024 * 1024
HEALTH_PATH = "/"
HEALTH_CHECK = re.compile(rf'127\.0\.0\.1\b.* "GET {re.escape(HEALTH_PATH)} HTTP/1\.[01]" [23]')


def number_from(variable, default, low, high):
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    if text.isdigit() and text.isascii() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    raise SystemExit(f"{variable} is {text!r}: a whole number from {low} to {high} is expected")


def numbers_in(*files):
    """The numbers in files of the control group; "max" and files that are not there count for nothing."""
    words = []
    for name in files:
        try:
            with open(os.path.join(CGROUP, name)) as stream:
                words += stream.read().split()
        except OSError:
            pass
    return [int(word) for word in words if word.isdigit()]


def processors():
    """How many processors the container may use, which can be a part of one."""
    limits = numbers_in("cpu.max"), numbers_in("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")
    shares = [limit[0] / limit[1] for limit in limits if len(limit) == 2 and limit[1]]
    return min([len(os.sched_getaffinity(0)), *shares])


def workers_for_this_container():
    """Enough to keep the processors busy while some wait, at least two, and no more than fit into memory."""
    most = MOST_WORKERS
    for limit in numbers_in("memory.max", "memory/memory.limit_in_bytes"):
        most = min(most, max(1, limit // WORKER_MEMORY))
    return min(most, max(2, 2 * math.ceil(processors()) + 1))


def is_worth_logging(record):
    """Everything but the good answers to the container's own health check."""
    return not HEALTH_CHECK.match(record.getMessage())


def post_fork(server, worker):
    """An application that reads its command line finds an empty one there, not gunicorn's."""
    del sys.argv[1:]


port = number_from("PORT", 8000, 1, 65535)
bind = f"0.0.0.0:{port}"

workers = number_from("WEB_CONCURRENCY", 0, 1, 512) or workers_for_this_container()
worker_class = "gthread"
threads = number_from("GUNICORN_THREADS", 4, 1, 512)

# A worker that has answered this many requests is replaced, so that a slow leak of memory never becomes a problem.
max_requests = 1000
max_requests_jitter = 100

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
