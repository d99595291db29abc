class Settings:
    SECRET_KEY = "change me"
