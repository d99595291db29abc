"""From which version on a compiled distribution has wheels, and any distribution runs at all, on each Python.

The figures for wheels were asked of the package index in November 2026: the lowest version that a resolver takes for
CPython on glibc 2.36 when it may not build anything. They are for pins whose files no lock lists. psycopg2 itself has
none; its row is that of psycopg2-binary, which takes its place.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["DEAD", "FAMILIES", "FIRST_WHEEL", "PURE_FALLBACK", "DeadRange"]

_PYTHONS = ("3.11", "3.12", "3.13")

_WHEELS = """
asyncmy 0.2.7 0.2.10 0.2.11
asyncpg 0.27.0 0.29.0 0.30.0
bitarray 2.6.1 2.8.2 2.9.3
blis 0.7.9 0.7.11 1.0.2
cartopy 0.22.0 0.23.0 0.24.1
cffi 1.15.1 1.16.0 1.17.0
confluent-kafka 2.0.2 2.3.0 2.6.0
contourpy 1.0.5 1.1.1 1.3.0
cymem 2.0.7 2.0.8 2.0.10
cytoolz 0.12.1 0.12.3 1.0.1
faiss-cpu 1.7.3 1.8.0 1.9.0.post1
fiona 1.8.22 1.9.5 1.10.0
frozenlist 1.3.3 1.4.1 1.4.1
gensim 4.3.0 4.3.3 4.4.0
gevent 22.10.1 23.7.0 24.10.1
gmpy2 2.1.4 2.2.0 2.2.0
greenlet 1.1.3 3.0.0 3.1.0
grpcio 1.49.1 1.59.0 1.66.2
h5py 3.8.0 3.10.0 3.12.1
hiredis 2.1.0 2.3.2 3.1.0
httptools 0.5.0 0.6.1 0.6.2
immutables 0.19 0.20 0.21
jiter 0.4.0 0.4.0 0.6.0
kiwisolver 1.4.4 1.4.5 1.4.7
lazy-object-proxy 1.9.0 1.10.0 1.11.0
llvmlite 0.40.0 0.42.0 0.44.0
lxml 4.9.1 4.9.3 5.3.0
lz4 4.1.0 4.3.3 4.4.3
markupsafe 2.1.2 2.1.3 3.0.0
matplotlib 3.6.0 3.7.3 3.9.2
msgpack 1.0.5 1.0.6 1.1.0
multidict 6.0.3 6.0.5 6.0.5
murmurhash 1.0.9 1.0.10 1.0.11
numba 0.57.0 0.59.0 0.61.0
numpy 1.23.2 1.26.0 2.1.0
onnxruntime 1.15.0 1.17.0 1.20.0
oracledb 1.2.0 1.4.2 2.4.0
orjson 3.7.7 3.9.3 3.10.7
pandas 1.5.0 2.1.1 2.2.3
pillow 9.2.0 10.0.0 10.4.0
preshed 3.0.8 3.0.9 3.0.10
psycopg-binary 3.1.4 3.1.12 3.2.2
psycopg2 2.9.5 2.9.9 2.9.10
psycopg2-binary 2.9.5 2.9.9 2.9.10
pyarrow 10.0.1 14.0.0 18.0.0
pycocotools 2.0.7 2.0.8 2.0.10
pydantic-core 2.0.0 2.1.2 2.20.0
pymongo 3.13.0 4.5.0 4.9
pymssql 2.2.6 2.2.10 2.3.1
pymupdf 1.21.0 1.23.5 1.24.11
pyodbc 4.0.35 5.0.0 5.2.0
pyproj 3.4.0 3.6.1 3.7.0
python-rapidjson 1.9 1.11 1.17
pyyaml 6.0 6.0.1 6.0.2
pyzmq 23.2.1 25.1.1 26.1.0
rapidfuzz 2.5.0 2.15.2 3.9.6
rasterio 1.3.3 1.3.8.post1 1.3.11
regex 2022.9.11 2023.10.3 2024.9.11
ruamel-yaml-clib 0.2.7 0.2.8 0.2.11
safetensors 0.2.6 0.4.0 0.4.2
scikit-image 0.20.0 0.22.0 0.25.0
scikit-learn 1.1.3 1.3.1 1.5.2
scipy 1.9.2 1.11.2 1.14.1
sentencepiece 0.1.98 0.2.0 0.2.1
setproctitle 1.3.2 1.3.3 1.3.4
shapely 1.8.5 2.0.2 2.0.6
simplejson 3.18.1 3.18.2 3.18.2
spacy 3.1.7 3.7.0 3.8.7
sqlalchemy 1.4.41 1.4.49 2.0.0
statsmodels 0.13.3 0.14.0 0.14.3
tensorflow 2.12.0 2.16.1 2.20.0
tensorflow-cpu 2.12.0 2.16.1 2.20.0
thinc 8.1.5 8.2.1 8.3.6
tiktoken 0.1.1 0.5.2 0.8.0
tokenizers 0.13.2 0.14.0 0.15.1
torch 1.13.0 2.2.0 2.5.0
ujson 5.5.0 5.8.0 5.10.0
uvloop 0.17.0 0.18.0 0.21.0
wordcloud 1.9.2 1.9.3 1.9.4
wrapt 1.14.1 1.14.2 1.14.2
xxhash 3.2.0 3.4.1 3.4.2
zope-interface 6.0 6.1 6.4.post2
zstandard 0.19.0 0.22.0 0.23.0
"""


def _table(text: str) -> dict[str, dict[str, str]]:
    rows = (line.split() for line in text.strip().split("\n"))
    return {row[0]: dict(zip(_PYTHONS, row[1:], strict=True)) for row in rows}


FIRST_WHEEL = _table(_WHEELS)
"""By distribution and Python: the first version with a wheel that Debian's Python can use."""

_FALLBACK = """
coverage 5.5 -
lazy-object-proxy 1.4.3 -
markupsafe 1.1.1 -
msgpack 1.0.2 -
pymongo 3.7.0 -
pyrsistent 0.17.3 -
pyyaml 3.13 5.4
simplejson 3.16.0 -
sqlalchemy 1.3.0 -
zope-interface 5.4.0 -
"""

PURE_FALLBACK = {
    row[0]: (row[1], None if row[2] == "-" else row[2]) for row in map(str.split, _FALLBACK.strip().split("\n"))
}
"""Compiled distributions whose source builds without a compiler too: from which version on, and below which."""

# Name, the Python from which on it does not run, the first version concerned and the first that runs again, and the
# limits to take in the place of a pin to one of them.
_DEAD = """
alembic 3.11 - 1.0.11 >=1.0.11,<2
amqp 3.11 - 5 >=5.0.9,<6
apscheduler 3.10 - 3.6 >=3.6.3,<4
babel 3.10 - 2.7 >=2.9.1,<3
beautifulsoup4 3.10 - 4.8 >=4.8,<5
boto3 3.10 - 1.10 >=1.12,<2
boto3 3.12 - 1.18 >=1.26,<2
botocore 3.10 - 1.13 >=1.15,<2
botocore 3.12 - 1.21 >=1.29,<2
cachetools 3.10 - 2.1.1 >=3.1,<5
celery 3.11 - 5 >=5.0.5,<6
cryptography 3.10 - 2.2 >=2.2.2,<4
dominate 3.10 - 2.3.2 >=2.6,<3
elasticsearch 3.10 - 6.2.1 >=6.8.2,<7
eventlet 3.10 - 0.31 >=0.36.1,<1
feedparser 3.10 - 6 >=6.0.11,<7
feedparser 3.13 - 6.0.9 >=6.0.11,<7
flask 3.0 - 0.10 >=0.12.5,<1
flask 3.12 - 0.11 >=0.12.5,<1
flask 3.10 1.0 1.0.3 >=1.0.4,<1.1.3
flask-cors 3.10 - 3.0.8 >=3.0.8,<4
flask-mongoengine 3.10 - 0.9 >=0.9.5,<1
flask-openid 3.10 - 1.3 >=1.3.1,<2
flask-restful 3.10 - 0.3.7 >=0.3.9,<0.4
flask-sitemap 3.10 - 0.4 >=0.4,<1
flask-socketio 3.0 - 1 >=2.9.6,<3
flask-wtf 3.10 - 0.14.3 >=0.14.3,<0.15
flower 3.11 - 1 >=1.0,<2
future 3.10 - 0.18 >=0.18.3,<1
future 3.12 - 1 >=1,<2
gevent-websocket 3.7 - 0.10 >=0.10.1,<1
graphene 3.10 - 2.1.1 >=2.1.9,<3
graphql-core 3.10 - 2.1 >=2.3.2,<3
gunicorn 3.10 - 20 >=21.2
html5lib 3.10 - 1.1 >=1.1,<2
httpx 3.13 - 0.19 >=0.24.1,<1
jinja2 3.10 - 2.10.2 >=2.10.3,<3.1
kombu 3.11 - 4.6 >=5.0.2,<6
markupsafe 3.10 - 1.1 >=1.1.1
marshmallow 3.10 - 2.19 >=2.21,<3
marshmallow 3.12 - 3.13.1 >=3.20,<4
mongoengine 3.10 - 0.19 >=0.19.1,<1
mysql-connector-python 3.0 8.0.6 8.0.23 >=8.0.23,<9
networkx 3.10 - 2.2 >=2.4,<3
nltk 3.11 - 3.5 >=3.6.7,<4
peewee 3.10 - 3.3 >=3.13.3,<4
plotly 3.10 - 3 >=3.10,<4
plotly 3.12 - 5 >=5.1,<6
promise 3.10 - 2.3 >=2.3,<3
pyjwt 3.10 - 1.7 >=1.7.1,<2
pymongo 3.10 - 3.5 >=3.13,<4
pyparsing 3.10 - 2.2.1 >=2.4.7,<3
python-engineio 3.7 - 1.7 >=1.7,<2
python-jose 3.10 - 3.1 >=3.1,<4
python-telegram-bot 3.10 - 12 >=12.8,<13
python-telegram-bot 3.13 12 21 >=21,<22
pyyaml 3.10 - 3.13 >=5.1,<5.4
redis 3.12 - 4.1 >=4.5.5,<5
requests 3.10 - 2.19 >=2.19,<3
requests 3.12 - 2.25 >=2.25.1,<3
rq 3.12 - 1.11 >=1.11,<2
six 3.12 - 1.16 >=1.16,<2
sqlalchemy 3.10 - 1.3 >=1.3.24,<1.4
sqlalchemy 3.13 2 2.0.31 >=2.0.31,<2.1
sqlalchemy-utils 3.10 - 0.35 >=0.35,<0.37
sympy 3.10 - 1.2 >=1.5,<2
tornado 3.10 - 6 >=6.0.4,<7
tweepy 3.7 - 3.7 >=3.7,<4
urllib3 3.10 - 1.23 >=1.24.3,<2
urllib3 3.12 - 1.26.5 >=1.26.5,<2
vine 3.11 - 5 >=5.0,<6
werkzeug 3.0 - 0.9 >=0.15.6,<1
werkzeug 3.10 0.12 0.15.5 >=0.15.6,<1
werkzeug 3.11 - 0.12 >=0.15.6,<1
wrapt 3.11 - 1.14 >=1.14.1,<2
wtforms 3.10 - 2 >=2.3.3,<3
"""


class DeadRange(Struct, frozen=True, kw_only=True):
    """Versions of a distribution that no longer import on a Python, or are gone from the index, and what to take."""

    python: str
    lower: str | None
    upper: str
    instead: str


def _dead() -> dict[str, tuple[DeadRange, ...]]:
    table: dict[str, list[DeadRange]] = {}
    for row in _DEAD.strip().split("\n"):
        name, python, lower, upper, instead = row.split()
        first = None if lower == "-" else lower
        table.setdefault(name, []).append(DeadRange(python=python, lower=first, upper=upper, instead=instead))
    return {name: tuple(ranges) for name, ranges in table.items()}


DEAD = _dead()
"""By distribution: what was seen to fail on CPython 3.11 and 3.13, and to work with the version named."""

FAMILIES = tuple(
    frozenset(names.split())
    for names in (
        "aiohttp aiosignal async-timeout frozenlist multidict yarl",
        "amqp billiard celery click flower kombu python-dateutil pytz tornado vine",
        "boto3 botocore jmespath s3transfer",
        "cffi cryptography pycparser",
        "certifi chardet idna requests urllib3",
        "contourpy cycler kiwisolver matplotlib pyparsing",
        "gevent greenlet zope-event zope-interface",
        "numpy pandas python-dateutil pytz scikit-learn scipy threadpoolctl joblib",
        "blis catalogue cymem murmurhash preshed spacy srsly thinc wasabi",
        "absl-py astunparse gast google-pasta grpcio h5py keras markdown opt-einsum protobuf tensorboard tensorflow",
    )
)
"""Distributions that need each other's releases: where one pin cannot be kept, the others' pins are lower limits."""
