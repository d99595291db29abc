"""Gives older distributions the names back that Python 3.10 and 3.11 took from its library."""

import collections
import collections.abc
import inspect

for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))


def getargspec(function):
    """The arguments of a function that has neither keyword-only arguments nor annotations."""
    return inspect.ArgSpec(*inspect.getfullargspec(function)[:4])


if not hasattr(inspect, "getargspec"):
    inspect.ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")
    inspect.getargspec = getargspec
