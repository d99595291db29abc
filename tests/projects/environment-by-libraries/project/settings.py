from typing import Optional

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="blog_", extra="ignore")

    page_size: int = 10
    debug: bool = False
    smtp_host: str
    dsn: Optional[str] = Field(default=None, validation_alias="legacy_dsn")


settings = Settings()
