import pytest
from app import app
