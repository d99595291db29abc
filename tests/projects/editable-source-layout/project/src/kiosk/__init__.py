from kiosk.web import create_app

__all__ = ["create_app"]
