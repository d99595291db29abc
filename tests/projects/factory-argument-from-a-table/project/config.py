class Development:
    DEBUG = True


class Production:
    DEBUG = False


configurations = {"development": Development, "production": Production}
