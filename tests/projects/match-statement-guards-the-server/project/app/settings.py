APP_NAME = "blog"
DB_USERS = "db/users.db"
TRANSLATIONS = "translations/en.json"
