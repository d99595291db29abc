class Database:
    def init_db(self, app):
        app.extensions["database"] = self


database = Database()
