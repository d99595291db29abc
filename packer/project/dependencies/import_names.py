"""Which distribution provides an import name, where the two differ or where the same name would be a trap."""

from __future__ import annotations

from packer.project.dependencies.names import normalized_name

__all__ = ["PROVIDERS", "brought_by", "known_providers"]

# Import name, the distribution to install for it, others that provide it too. Every name was looked up on the index.
# A dotted name is a part of a namespace package. Only what stands here is ever installed without having been asked for.
_TABLE = """
Crypto pycryptodome pycrypto
Cryptodome pycryptodomex
Levenshtein levenshtein python-levenshtein
MySQLdb mysqlclient mysql-python flask-mysqldb
OpenSSL pyopenssl
PIL pillow pillow-simd
aiohttp aiohttp
aiomysql aiomysql
alembic alembic flask-migrate
anthropic anthropic
apscheduler apscheduler flask-apscheduler
arrow arrow
asyncmy asyncmy
asyncpg asyncpg
attr attrs
authlib authlib
azure.identity azure-identity
azure.storage.blob azure-storage-blob
babel babel flask-babel flask-babelex
bcrypt bcrypt flask-bcrypt
bleach bleach
blinker blinker
bokeh bokeh
boto boto
boto3 boto3
botocore botocore boto3
bs4 beautifulsoup4 bs4
bson pymongo
cachelib cachelib flask-caching flask-session
cachetools cachetools
celery celery flask-celery
cerberus cerberus
certifi certifi requests
cffi cffi
chardet chardet
click click flask
cloudinary cloudinary
colorama colorama
connexion connexion
cryptography cryptography
cv2 opencv-python-headless opencv-python opencv-contrib-python opencv-contrib-python-headless
dash dash
dash_bootstrap_components dash-bootstrap-components
dash_core_components dash
dash_html_components dash
dash_table dash
dask dask
dateparser dateparser
dateutil python-dateutil pandas matplotlib botocore boto3
deepface deepface
deep_translator deep-translator
discord discord-py
dns dnspython
docker docker
docx python-docx
dotenv python-dotenv dotenv
duckdb duckdb
ecdsa ecdsa
elasticsearch elasticsearch
email_validator email-validator
emoji emoji
environs environs
eventlet eventlet
exif exif
faker faker
fakeredis fakeredis
fastapi fastapi
feedparser feedparser
feedgen feedgen
firebase_admin firebase-admin
fitz pymupdf
flasgger flasgger
flask flask
flask_admin flask-admin
flask_apscheduler flask-apscheduler
flask_appbuilder flask-appbuilder
flask_assets flask-assets
flask_babel flask-babel
flask_babelex flask-babelex
flask_basicauth flask-basicauth
flask_bcrypt flask-bcrypt
flask_bootstrap flask-bootstrap bootstrap-flask
flask_caching flask-caching
flask_ckeditor flask-ckeditor
flask_compress flask-compress
flask_cors flask-cors
flask_dance flask-dance
flask_debugtoolbar flask-debugtoolbar
flask_discord flask-discord
flask_dropzone flask-dropzone
flask_flatpages flask-flatpages
flask_gravatar flask-gravatar
flask_graphql flask-graphql
flask_gzip flask-gzip
flask_htmlmin flask-htmlmin
flask_httpauth flask-httpauth
flask_images flask-images
flask_injector flask-injector
flask_jsglue flask-jsglue
flask_jwt flask-jwt
flask_jwt_extended flask-jwt-extended
flask_limiter flask-limiter
flask_login flask-login
flask_mail flask-mail flask-mailman
flask_mailman flask-mailman
flask_marshmallow flask-marshmallow
flask_migrate flask-migrate
flask_minify flask-minify
flask_moment flask-moment
flask_mongoengine flask-mongoengine
flask_msearch flask-msearch
flask_mysqldb flask-mysqldb
flask_oauthlib flask-oauthlib
flask_openid flask-openid
flask_openapi3 flask-openapi3
flask_pagedown flask-pagedown
flask_paginate flask-paginate
flask_paranoid flask-paranoid
flask_principal flask-principal
flask_profiler flask-profiler
flask_pymongo flask-pymongo
flask_redis flask-redis
flask_restful flask-restful
flask_restful_swagger flask-restful-swagger
flask_restplus flask-restplus
flask_restx flask-restx
flask_reuploaded flask-reuploaded
flask_rq2 flask-rq2
flask_script flask-script
flask_seasurf flask-seasurf
flask_security flask-security-too flask-security
flask_session flask-session
flask_smorest flask-smorest
flask_sock flask-sock
flask_socketio flask-socketio
flask_sockets flask-sockets
flask_sqlalchemy flask-sqlalchemy flask-sqlalchemy-lite
flask_sslify flask-sslify
flask_swagger flask-swagger
flask_swagger_ui flask-swagger-ui
flask_talisman flask-talisman
flask_themes2 flask-themes2
flask_toastr flask-toastr
flask_uploads flask-reuploaded flask-uploads
flask_wtf flask-wtf
flaskext.markdown flask-markdown
flaskext.mysql flask-mysql
future future
past future
fpdf fpdf2 fpdf
frozendict frozendict
gensim gensim
geopandas geopandas
geopy geopy
gevent gevent
geventwebsocket gevent-websocket
git gitpython
github pygithub
gitlab python-gitlab
google.auth google-auth
google.cloud.bigquery google-cloud-bigquery
google.cloud.firestore google-cloud-firestore firebase-admin
google.cloud.ndb google-cloud-ndb
google.cloud.storage google-cloud-storage firebase-admin
google.generativeai google-generativeai
google.genai google-genai
google.oauth2 google-auth
google.protobuf protobuf
google_auth_oauthlib google-auth-oauthlib
googleapiclient google-api-python-client
googletrans googletrans
graphene graphene
graphene_sqlalchemy graphene-sqlalchemy
graphql graphql-core
grpc grpcio
gspread gspread
gtts gtts
gunicorn gunicorn
html2text html2text
httpx httpx
humanize humanize
idna idna requests
imageio imageio
itsdangerous itsdangerous flask
jinja2 jinja2 flask
joblib joblib scikit-learn
jose python-jose
jsonschema jsonschema
jwt pyjwt flask-jwt-extended
keras keras tensorflow
kombu kombu celery
langchain langchain
ldap3 ldap3
limits limits flask-limiter
loguru loguru
lxml lxml
magic python-magic
markdown markdown
markdown2 markdown2
markupsafe markupsafe jinja2 flask
marshmallow marshmallow flask-marshmallow flask-smorest webargs
marshmallow_sqlalchemy marshmallow-sqlalchemy
matplotlib matplotlib seaborn
mistune mistune
mongoengine mongoengine flask-mongoengine
msal msal
mysql.connector mysql-connector-python mysql-connector mysql-connector-python-rf
nacl pynacl
networkx networkx
nltk nltk textblob
numpy numpy pandas scipy scikit-learn matplotlib tensorflow torch opencv-python opencv-python-headless
oauthlib oauthlib
openai openai
openpyxl openpyxl
orjson orjson
packaging packaging
pandas pandas
paramiko paramiko
passlib passlib
pdfkit pdfkit
pdfminer pdfminer-six
pdfplumber pdfplumber
peewee peewee
pendulum pendulum
phonenumbers phonenumbers
pika pika
playhouse peewee
plotly plotly dash
prometheus_client prometheus-client
prometheus_flask_exporter prometheus-flask-exporter
psutil psutil
psycopg psycopg
psycopg2 psycopg2-binary psycopg2
pyarrow pyarrow
pycountry pycountry
pydantic pydantic
pydub pydub
pyexcel pyexcel
pygal pygal
pygments pygments
pymongo pymongo flask-pymongo mongoengine
pymysql pymysql flask-mysql
pyodbc pyodbc
pyotp pyotp
pypdf pypdf
pyparsing pyparsing
pytesseract pytesseract
pytz pytz pandas
qrcode qrcode
quart quart
quart_cors quart-cors
rapidfuzz rapidfuzz
redis redis flask-redis rq
regex regex
reportlab reportlab
requests requests
requests_oauthlib requests-oauthlib
rich rich
rq rq flask-rq2
sanic sanic
scipy scipy scikit-learn
seaborn seaborn
sendgrid sendgrid
sentence_transformers sentence-transformers
sentry_sdk sentry-sdk
serial pyserial
shapely shapely
simple_websocket simple-websocket flask-sock
simplejson simplejson
six six
skimage scikit-image
sklearn scikit-learn
slack_sdk slack-sdk
slugify python-slugify
snowflake.connector snowflake-connector-python
socketio python-socketio flask-socketio
spacy spacy
speech_recognition speechrecognition
spotipy spotipy
sqlalchemy sqlalchemy flask-sqlalchemy flask-migrate alembic
sqlalchemy_utils sqlalchemy-utils
starlette starlette fastapi
statsmodels statsmodels
stripe stripe
sympy sympy
tabulate tabulate
telebot pytelegrambotapi
telegram python-telegram-bot
tenacity tenacity
tensorflow tensorflow tensorflow-cpu tensorflow-gpu
textblob textblob
tornado tornado
torch torch
torchvision torchvision
tqdm tqdm
transformers transformers
tweepy tweepy
twilio twilio
typing_extensions typing-extensions pydantic sqlalchemy fastapi
tzlocal tzlocal apscheduler
ujson ujson
unidecode unidecode
urllib3 urllib3 requests
uvicorn uvicorn
validators validators
waitress waitress
webargs webargs
websocket websocket-client
websockets websockets
werkzeug werkzeug flask quart
wikipedia wikipedia
wordcloud wordcloud
wtforms wtforms flask-wtf
wtforms_sqlalchemy wtforms-sqlalchemy
xgboost xgboost
xhtml2pdf xhtml2pdf
xlrd xlrd
xlsxwriter xlsxwriter
xlwt xlwt
xmltodict xmltodict
yaml pyyaml
yfinance yfinance
youtube_dl youtube-dl
yt_dlp yt-dlp
zmq pyzmq
"""


def _parsed() -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in _TABLE.strip().split("\n"))
    return {row[0]: tuple(row[1:]) for row in rows}


PROVIDERS = _parsed()
"""Import name to distributions: the first is the one to install, the others bring the module as well."""


def known_providers(module: str) -> tuple[str, ...]:
    """The distributions that provide a dotted module name, the one to install first; empty when it is not known.

    >>> known_providers("google.cloud.storage.blob")[0], known_providers("flask_sqlalchemy")[0]
    ('google-cloud-storage', 'flask-sqlalchemy')
    """
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if found := PROVIDERS.get(".".join(parts[:length])):
            return found
    return ()


def brought_by(module: str, names: frozenset[str]) -> bool:
    """Whether distributions among `names` provide a module, as far as names can tell.

    It leans towards yes, because a wrong no would make pack speak of a lack that is none: a distribution with the
    module's name, or with it as a part of its own, counts.
    """
    if any(name in names for name in known_providers(module)):
        return True
    top = normalized_name(module.split(".", 1)[0])
    if top in names:
        return True
    if known_providers(module):
        return False
    return any(
        top in name.replace("python-", "").replace("-python", "") or name.startswith(f"{top}-") for name in names
    )
