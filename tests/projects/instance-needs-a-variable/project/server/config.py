class Development:
    DEBUG = True


class Production:
    DEBUG = False


app_config = {"development": Development, "production": Production}
