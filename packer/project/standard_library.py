"""The modules of Python itself."""

from __future__ import annotations

__all__ = ["STANDARD_LIBRARY", "is_standard"]

# Top-level modules of CPython 3.10 to 3.14: the union of their `sys.stdlib_module_names`, which alone would make
# the answer depend on the Python that pack runs on.
_MODULES = """
abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii
binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys
compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses
dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler
fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp
gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword
lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb
pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile
pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets
select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile
sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog
tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace
traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave
weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
"""
STANDARD_LIBRARY = frozenset(_MODULES.split())
# Names of modules in Python 2 alone: code that tries them first is common.
_OLD_MODULES = """
BaseHTTPServer ConfigParser Cookie HTMLParser Queue SocketServer StringIO Tkinter cPickle cStringIO commands
cookielib httplib sets thread urllib2 urlparse xmlrpclib
"""
_PYTHON_2 = frozenset(_OLD_MODULES.split())


def is_standard(module: str) -> bool:
    """Whether a top-level module belongs to Python itself, today's or yesterday's.

    >>> is_standard("sqlite3"), is_standard("flask")
    (True, False)
    """
    return module.startswith("_") or module in STANDARD_LIBRARY or module in _PYTHON_2
