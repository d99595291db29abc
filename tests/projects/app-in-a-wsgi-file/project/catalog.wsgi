#!/usr/bin/python3
import sys

sys.path.insert(0, "/var/www/catalog/")

from catalog import app as application

application.secret_key = "set on the server"
