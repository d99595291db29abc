"""Rules: who waits for whom, and for how long. Whoever waits must outlast whoever works."""

from __future__ import annotations

from packer.plan.arithmetic.figures import StackFigures
from packer.plan.finding import Finding

__all__ = ["answers_arrive", "connections_outlive_the_proxy", "requests_end_before_the_container"]


def answers_arrive(figures: StackFigures) -> Finding:
    """A worker may be silent for less time than nginx waits, so that the app's own answer is seen, not a 504."""
    timeout, patience = figures.app.timeout, figures.web.patience
    sentence = f"gunicorn ends a silent worker after {timeout.of('s')}, nginx waits {patience.of('s')} for an answer"
    if timeout.value < patience.value:
        return Finding(area="numbers", subject="time to answer", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="time to answer",
        state="warning",
        what=f"{sentence}: nginx answers 504 while the worker still works",
        fix=f"set proxy_read_timeout to {timeout.value + 5:g}s in deploy/nginx/app/proxy.conf, or lower the timeout",
    )


def requests_end_before_the_container(figures: StackFigures) -> Finding:
    """The container is not killed while gunicorn still lets requests end."""
    graceful, grace = figures.app.graceful, figures.app.grace
    sentence = f"gunicorn gives requests {graceful.of('s')} to end, the container has {grace.of('s')} to stop"
    if graceful.value < grace.value:
        return Finding(area="numbers", subject="time to stop", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="time to stop",
        state="warning",
        what=f"{sentence}: requests are cut off when the app is replaced",
        fix=f"set stop_grace_period of the service app to {graceful.value + 10:g}s",
    )


def connections_outlive_the_proxy(figures: StackFigures) -> Finding:
    """An idle connection is kept longer by gunicorn than by nginx, which never uses one that was just closed then."""
    keepalive, idle = figures.app.keepalive, figures.web.idle
    if idle is None:
        what = "nginx opens a connection to the app for each request, so no idle one can be closed under it"
        return Finding(area="numbers", subject="keep-alive", state="ok", what=what)
    sentence = f"nginx keeps an idle connection {idle.of('s')}, gunicorn {keepalive.of('s')}"
    if idle.value < keepalive.value:
        return Finding(area="numbers", subject="keep-alive", state="ok", what=sentence)
    return Finding(
        area="numbers",
        subject="keep-alive",
        state="warning",
        what=f"{sentence}: a request now and then meets a closed connection and gets 502",
        fix=f"set keepalive to {idle.value + 15:g} in deploy/gunicorn.conf.py",
    )
