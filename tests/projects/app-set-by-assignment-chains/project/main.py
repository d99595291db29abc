import os
from typing import Optional

from setup_app import build

app: Optional[object] = None
if (made := build()) and os.environ.get("PREFIX"):
    first, limiter = made
else:
    first, limiter = build()
app = first
