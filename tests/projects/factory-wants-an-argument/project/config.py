class Config:
    SECRET_KEY = "change me"


class DevelopmentConfig(Config):
    DEBUG = True


class ProductionConfig(Config):
    pass


config = {"development": DevelopmentConfig, "production": ProductionConfig, "default": DevelopmentConfig}
