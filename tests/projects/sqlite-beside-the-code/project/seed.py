import sqlite3

sqlite3.connect('seed.db')
