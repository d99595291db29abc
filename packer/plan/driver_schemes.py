"""What SQLAlchemy calls each driver in a database's URL."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["DRIVER_SCHEMES"]

DRIVER_SCHEMES = MappingProxyType(
    {
        "aiomysql": "mysql+aiomysql",
        "asyncmy": "mysql+asyncmy",
        "asyncpg": "postgresql+asyncpg",
        "flask-mysqldb": "mysql+mysqldb",
        "mariadb": "mariadb+mariadbconnector",
        "mysql-connector-python": "mysql+mysqlconnector",
        "mysqlclient": "mysql+mysqldb",
        "pg8000": "postgresql+pg8000",
        "psycopg": "postgresql+psycopg",
        "pymysql": "mysql+pymysql",
    }
)
"""The scheme by the driver's distribution. Any other driver is the one that the database's bare name selects."""
