import json

import jwt
import warehouse_client

try:
    import ujson
except ImportError:
    ujson = json
