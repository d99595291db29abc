from .http import *
