"""The table of import names and the distributions that provide them."""

from __future__ import annotations

__all__ = ["TABLE"]

# Import name, the distribution to install for it, others that provide it too. Every name was looked up on the index.
# A dotted name is a part of a namespace package. Only what stands here is ever installed without having been asked for.
TABLE = """
Crypto pycryptodome pycrypto
Cryptodome pycryptodomex
Levenshtein levenshtein python-levenshtein
MySQLdb mysqlclient mysql-python flask-mysqldb
OpenSSL pyopenssl
PIL pillow pillow-simd
PyPDF2 pypdf2
aiohttp aiohttp
aiomysql aiomysql
aiosqlite aiosqlite
alembic alembic flask-migrate
alpha_vantage alpha-vantage
altair altair
anthropic anthropic
apispec apispec
apscheduler apscheduler flask-apscheduler
ariadne ariadne
arrow arrow
asgiref asgiref
asyncmy asyncmy
asyncpg asyncpg
attr attrs
authlib authlib
azure.identity azure-identity
azure.storage.blob azure-storage-blob
babel babel flask-babel flask-babelex
barcode python-barcode
bcrypt bcrypt flask-bcrypt
bleach bleach
blinker blinker
bokeh bokeh
boto boto
boto3 boto3
botocore botocore boto3
braintree braintree
bs4 beautifulsoup4 bs4
bson pymongo
cachelib cachelib flask-caching flask-session
cachetools cachetools
cairosvg cairosvg
catboost catboost
celery celery flask-celery
cerberus cerberus
certifi certifi requests
cffi cffi
chardet chardet
chatterbot chatterbot
click click flask
cloudinary cloudinary
colorama colorama
connexion connexion
croniter croniter
cryptography cryptography
cs50 cs50
cssmin cssmin
cv2 opencv-python-headless opencv-python opencv-contrib-python opencv-contrib-python-headless
dash dash
dash_bootstrap_components dash-bootstrap-components
dash_core_components dash
dash_html_components dash
dash_table dash
dask dask
databases databases
dataset dataset
dateparser dateparser
dateutil python-dateutil pandas matplotlib botocore boto3
decouple python-decouple
deep_translator deep-translator
deepface deepface
discord discord-py
diskcache diskcache
django django
dlib dlib dlib-bin
dns dnspython
docker docker
docx python-docx
docx2txt docx2txt
dotenv python-dotenv dotenv
duckdb duckdb
easyocr easyocr
ecdsa ecdsa
elasticsearch elasticsearch
email_validator email-validator
emoji emoji
environs environs
eventlet eventlet
exif exif
face_recognition face-recognition
faiss faiss-cpu faiss-gpu
fake_useragent fake-useragent
faker faker
fakeredis fakeredis
fastapi fastapi
feedgen feedgen
feedparser feedparser
filelock filelock
firebase_admin firebase-admin
fitz pymupdf
flasgger flasgger
flask flask
flask_admin flask-admin
flask_apispec flask-apispec
flask_appbuilder flask-appbuilder
flask_apscheduler flask-apscheduler
flask_assets flask-assets
flask_babel flask-babel
flask_babelex flask-babelex
flask_basicauth flask-basicauth
flask_bcrypt flask-bcrypt
flask_bootstrap.Bootstrap4 bootstrap-flask
flask_bootstrap.Bootstrap5 bootstrap-flask
flask_bootstrap flask-bootstrap bootstrap-flask
flask_caching flask-caching
flask_ckeditor flask-ckeditor
flask_compress flask-compress
flask_cors flask-cors
flask_dance flask-dance
flask_debugtoolbar flask-debugtoolbar
flask_discord flask-discord
flask_dropzone flask-dropzone
flask_excel flask-excel
flask_executor flask-executor
flask_flatpages flask-flatpages
flask_graphql flask-graphql
flask_gravatar flask-gravatar
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
flask_ngrok flask-ngrok
flask_oauthlib flask-oauthlib
flask_openapi3 flask-openapi3
flask_openid flask-openid
flask_pagedown flask-pagedown
flask_paginate flask-paginate
flask_paranoid flask-paranoid
flask_principal flask-principal
flask_profiler flask-profiler
flask_pydantic flask-pydantic
flask_pymongo flask-pymongo
flask_qrcode flask-qrcode
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
flask_sse flask-sse
flask_sslify flask-sslify
flask_swagger flask-swagger
flask_swagger_ui flask-swagger-ui
flask_talisman flask-talisman
flask_testing flask-testing
flask_themes2 flask-themes2
flask_toastr flask-toastr
flask_uploads flask-reuploaded flask-uploads
flask_weasyprint flask-weasyprint
flask_wtf flask-wtf
flaskext.markdown flask-markdown
flaskext.mysql flask-mysql
folium folium
fpdf fpdf2 fpdf
frozendict frozendict
future future
fuzzywuzzy fuzzywuzzy
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
google.genai google-genai
google.generativeai google-generativeai
google.oauth2 google-auth
google.protobuf protobuf
google_auth_oauthlib google-auth-oauthlib
googleapiclient google-api-python-client
googletrans googletrans
gradio gradio
graphene graphene
graphene_sqlalchemy graphene-sqlalchemy
graphql graphql-core
gridfs pymongo flask-pymongo mongoengine flask-mongoengine
groq groq
grpc grpcio
gspread gspread
gtts gtts
gunicorn gunicorn
html2text html2text
html5lib html5lib
htmlmin htmlmin
httpx httpx
huggingface_hub huggingface-hub transformers
humanize humanize
hvac hvac
idna idna requests
imageio imageio
imutils imutils
influxdb influxdb
influxdb_client influxdb-client
itsdangerous itsdangerous flask
jinja2 jinja2 flask
joblib joblib scikit-learn
jose python-jose
jsmin jsmin
json5 json5
jsonschema jsonschema
jwt pyjwt flask-jwt-extended
kafka kafka-python kafka-python-ng
keras keras tensorflow
kombu kombu celery
kubernetes kubernetes
langchain langchain
langchain_chroma langchain-chroma
langchain_community langchain-community
langchain_core langchain-core langchain
langchain_google_genai langchain-google-genai
langchain_groq langchain-groq
langchain_huggingface langchain-huggingface
langchain_openai langchain-openai
langchain_pinecone langchain-pinecone
langchain_text_splitters langchain-text-splitters langchain
ldap3 ldap3
librosa librosa
lightgbm lightgbm
limits limits flask-limiter
linebot line-bot-sdk
llama_index llama-index
loguru loguru
lxml lxml
magic python-magic
markdown markdown
markdown2 markdown2
markupsafe markupsafe jinja2 flask
marshmallow marshmallow flask-marshmallow flask-smorest webargs
marshmallow_sqlalchemy marshmallow-sqlalchemy
matplotlib matplotlib seaborn
mediapipe mediapipe
mistune mistune
mlflow mlflow
mongoengine mongoengine flask-mongoengine
motor motor
msal msal
mysql.connector mysql-connector-python mysql-connector mysql-connector-python-rf
nacl pynacl
neo4j neo4j
networkx networkx
newspaper newspaper3k newspaper4k
nexmo nexmo
nltk nltk textblob
numpy numpy pandas scipy scikit-learn matplotlib tensorflow torch opencv-python opencv-python-headless
oauth2client oauth2client
oauthlib oauthlib
onnxruntime onnxruntime onnxruntime-gpu
openai openai
openpyxl openpyxl
orjson orjson
packaging packaging
paho paho-mqtt
pandas pandas
pandas_datareader pandas-datareader
paramiko paramiko
passlib passlib
past future
paypalrestsdk paypalrestsdk
pdfkit pdfkit
pdfminer pdfminer-six
pdfplumber pdfplumber
peewee peewee
pendulum pendulum
phonenumbers phonenumbers
pika pika
pinecone pinecone pinecone-client
plaid plaid-python
playhouse peewee
plotly plotly dash
pony pony
praw praw
prometheus_client prometheus-client
prometheus_flask_exporter prometheus-flask-exporter
prophet prophet
psutil psutil
psycopg psycopg
psycopg2 psycopg2-binary psycopg2
psycopg_pool psycopg-pool
pusher pusher
pyarrow pyarrow
pycountry pycountry
pydantic pydantic
pydantic_settings pydantic-settings
pydub pydub
pyexcel pyexcel
pygal pygal
pygments pygments
pymongo pymongo flask-pymongo mongoengine
pymupdf pymupdf
pymysql pymysql flask-mysql
pyngrok pyngrok
pyodbc pyodbc
pyotp pyotp
pyparsing pyparsing
pypdf pypdf
pyperclip pyperclip
pyqrcode pyqrcode
pyrebase pyrebase4 pyrebase
pytesseract pytesseract
pyttsx3 pyttsx3
pytube pytube
pytz pytz pandas
pyvis pyvis
pywebpush pywebpush
pyzbar pyzbar
qrcode qrcode
quart quart
quart_cors quart-cors
rapidfuzz rapidfuzz
razorpay razorpay
records records
redis redis flask-redis rq
regex regex
reportlab reportlab
requests requests
requests_oauthlib requests-oauthlib
rich rich
rq rq flask-rq2
sanic sanic
schedule schedule
scipy scipy scikit-learn
seaborn seaborn
selenium selenium
sendgrid sendgrid
sentence_transformers sentence-transformers
sentry_sdk sentry-sdk
serial pyserial
shap shap
shapely shapely
simple_websocket simple-websocket flask-sock
simplejson simplejson
six six
skimage scikit-image
sklearn scikit-learn
slack_bolt slack-bolt
slack_sdk slack-sdk
slack slackclient
slackclient slackclient
slackeventsapi slackeventsapi
slugify python-slugify
snowflake.connector snowflake-connector-python
socketio python-socketio flask-socketio
spacy spacy
speech_recognition speechrecognition
spotipy spotipy
sqlalchemy sqlalchemy flask-sqlalchemy flask-migrate alembic
sqlalchemy_utils sqlalchemy-utils
sqlmodel sqlmodel
starlette starlette fastapi
statsmodels statsmodels
strawberry strawberry-graphql
streamlit streamlit
stripe stripe
surprise scikit-surprise
svgwrite svgwrite
sympy sympy
tabulate tabulate
telebot pytelegrambotapi
telegram python-telegram-bot
tenacity tenacity
tensorflow tensorflow tensorflow-cpu tensorflow-gpu
tensorflow_hub tensorflow-hub
textblob textblob
tiktoken tiktoken
tinydb tinydb
tldextract tldextract
toml toml
torch torch
torchvision torchvision
tornado tornado
tqdm tqdm
transformers transformers
tweepy tweepy
twilio twilio
typer typer
typing_extensions typing-extensions pydantic sqlalchemy fastapi
tzlocal tzlocal apscheduler
ua_parser ua-parser
ujson ujson
ultralytics ultralytics
unidecode unidecode
urllib3 urllib3 requests
uvicorn uvicorn
vaderSentiment vadersentiment
validators validators
vonage vonage
waitress waitress
watchdog watchdog
weasyprint weasyprint flask-weasyprint
web3 web3
webargs webargs
webassets webassets flask-assets
websocket websocket-client
websockets websockets
werkzeug werkzeug flask quart
whitenoise whitenoise
whoosh whoosh whoosh-reloaded flask-whooshee
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
youtube_transcript_api youtube-transcript-api
yt_dlp yt-dlp
zmq pyzmq
"""
