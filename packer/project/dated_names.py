"""The names that `packer.project.dated` looks for: what is gone, from which distribution, and below which release.

Every import was tried on the last release below its limit and on the first one at it.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["ATTRIBUTES", "CALLS", "FORMER", "IMPORTS", "KEYWORDS", "METHODS", "ON_PYTHON", "DatedName"]


class DatedName(Struct, frozen=True, kw_only=True):
    """A name that is gone.

    `module` is the top-level module that must be imported somewhere for the name to be meant; empty where the import
    itself is the proof.
    """

    distribution: str
    limit: str
    what: str
    module: str = ""


# distribution, limit, module: members (none: the module itself).
_IMPORTS = """
flask <1 flask.ext
flask <2 flask._compat
flask <2.1 flask safe_join json_available
flask <2.1 flask.helpers safe_join
flask <2.3 flask.json JSONEncoder JSONDecoder
flask <3 flask Markup escape _app_ctx_stack _request_ctx_stack signals_available
flask <3 flask.globals _app_ctx_stack _request_ctx_stack
flask <3 flask.helpers locked_cached_property
flask <3 flask.scaffold
werkzeug <1 werkzeug secure_filename generate_password_hash check_password_hash cached_property FileStorage
werkzeug <1 werkzeug import_string url_encode url_quote url_decode escape SharedDataMiddleware DispatcherMiddleware
werkzeug <1 werkzeug ImmutableMultiDict MultiDict Headers Local LocalProxy LocalStack redirect BaseResponse
werkzeug <1 werkzeug.contrib
werkzeug <1 werkzeug.wsgi DispatcherMiddleware SharedDataMiddleware ProxyMiddleware
werkzeug <2 werkzeug._compat
werkzeug <2.1 werkzeug.security safe_str_cmp pbkdf2_hex pbkdf2_bin
werkzeug <2.1 werkzeug.utils escape unescape
werkzeug <2.1 werkzeug.wrappers BaseRequest BaseResponse ETagRequestMixin ETagResponseMixin AcceptMixin
werkzeug <2.1 werkzeug.wrappers CommonRequestDescriptorsMixin CommonResponseDescriptorsMixin
werkzeug <2.1 werkzeug.useragents
werkzeug <3 werkzeug.urls url_parse url_quote url_quote_plus url_unquote url_unquote_plus url_encode url_decode
werkzeug <3 werkzeug.urls url_join url_unparse url_fix
werkzeug <3 werkzeug.wsgi make_line_iter
jinja2 <3.1 jinja2 Markup escape contextfunction contextfilter environmentfunction environmentfilter
jinja2 <3.1 jinja2 evalcontextfilter evalcontextfunction
jinja2 <3.1 jinja2.ext autoescape with_
jinja2 <3.1 jinja2.utils Markup escape
itsdangerous <2.1 itsdangerous TimedJSONWebSignatureSerializer JSONWebSignatureSerializer json
flask-sqlalchemy <3 flask_sqlalchemy BaseQuery Model Pagination get_debug_queries SignallingSession SessionBase
flask-jwt-extended <4 flask_jwt_extended get_raw_jwt jwt_optional jwt_refresh_token_required fresh_jwt_required
flask-wtf <1 flask_wtf CsrfProtect
flask-wtf <1 flask_wtf.csrf CsrfProtect
flask-migrate <3 flask_migrate MigrateCommand
wtforms <3 wtforms TextField
wtforms <3 wtforms.fields TextField
wtforms <3 wtforms.fields.core BooleanField DateField DecimalField FloatField IntegerField RadioField SelectField
wtforms <3 wtforms.fields.core SelectMultipleField StringField
wtforms <3 wtforms.fields.html5
wtforms <3 wtforms.widgets.html5
wtforms <3 wtforms.compat
wtforms <3 wtforms.ext
wtforms <3 wtforms.validators Required
dash <3 dash_core_components
dash <3 dash_html_components
dash <3 dash_table
langchain <1 langchain ConversationChain FAISS LLMChain OpenAI PromptTemplate VectorDBQA hub
langchain <1 langchain.agents AgentExecutor AgentType Tool agent_types create_react_agent initialize_agent load_tools
langchain <1 langchain.callbacks
langchain <1 langchain.chains
langchain <1 langchain.chat_models AzureChatOpenAI ChatOllama ChatOpenAI
langchain <1 langchain.docstore
langchain <1 langchain.document_loaders
langchain <1 langchain.embeddings HuggingFaceEmbeddings OpenAIEmbeddings openai
langchain <1 langchain.evaluation
langchain <1 langchain.llms
langchain <1 langchain.memory
langchain <1 langchain.output_parsers
langchain <1 langchain.prompts
langchain <1 langchain.retrievers
langchain <1 langchain.schema
langchain <1 langchain.text_splitter
langchain <1 langchain.tools Tool
langchain <1 langchain.utilities
langchain <1 langchain.vectorstores
pydantic <2 pydantic BaseSettings
python-telegram-bot <20 telegram ChatAction ParseMode
python-telegram-bot <20 telegram.ext Dispatcher Filters
slackclient <2 slackclient
sqlalchemy <2 sqlalchemy.orm relation
sqlalchemy <2 sqlalchemy.engine RowProxy
tweepy <4 tweepy StreamListener
tweepy <4 tweepy.streaming StreamListener
"""


def _imports() -> dict[str, DatedName]:
    table = {}
    for row in _IMPORTS.strip().split("\n"):
        distribution, limit, module, *members = row.split()
        for dotted in [f"{module}.{member}" for member in members] or [module]:
            table[dotted] = DatedName(distribution=distribution, limit=limit, what=dotted)
    return table


def _python(before: str, modules: str) -> dict[str, DatedName]:
    return {name: DatedName(distribution="python", limit=f"<{before}", what=name) for name in modules.split()}


_CONTAINERS = """
AsyncGenerator AsyncIterable AsyncIterator Awaitable ByteString Callable Collection Container Coroutine Generator
Hashable ItemsView Iterable Iterator KeysView Mapping MappingView MutableMapping MutableSequence MutableSet Reversible
Sequence Set Sized ValuesView
"""
FORMER = {
    name: DatedName(distribution="former-names", limit="<3.10", what=name)
    for name in ("inspect.getargspec", *(f"collections.{one}" for one in _CONTAINERS.split()))
}
"""Names that Python 3.10 and 3.11 took from its library, and that pack can give back; imported, or as attributes."""

IMPORTS = (
    _imports()
    | FORMER
    | _python("3.12", "asynchat asyncore distutils imp smtpd")
    | _python(
        "3.13", "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap nntplib pipes sndhdr telnetlib uu xdrlib"
    )
)
"""By dotted name. Modules of the standard library are listed with the Python that no longer has them."""

ON_PYTHON = {"flask.ext": DatedName(distribution="python", limit="<3.12", what="flask.ext")}
"""Names that, beside a release of their distribution, need a Python: flask.ext is found in a way that 3.12 dropped."""

ATTRIBUTES = {
    "tweepy.StreamListener": DatedName(
        distribution="tweepy", limit="<4", what="tweepy.StreamListener", module="tweepy"
    ),
    **FORMER,
}
"""By the module's name and the attribute's, as they stand in the code."""

METHODS = {
    "before_first_request": DatedName(
        distribution="flask", limit="<2.3", what="Flask.before_first_request", module="flask"
    ),
    "ModelSchema": DatedName(
        distribution="flask-marshmallow", limit="<0.12", what="Marshmallow.ModelSchema", module="flask_marshmallow"
    ),
    "before_app_first_request": DatedName(
        distribution="flask", limit="<2.3", what="Blueprint.before_app_first_request", module="flask"
    ),
}
"""By attribute name."""

KEYWORDS = {
    (function, keyword): DatedName(
        distribution=distribution, limit=limit, what=f"{function}({keyword}=…)", module=module
    )
    for function, keyword, distribution, limit, module in (
        ("create_engine", "convert_unicode", "sqlalchemy", "<2", "sqlalchemy"),
        ("MetaData", "bind", "sqlalchemy", "<2", "sqlalchemy"),
        ("SQLAlchemy", "use_native_unicode", "flask-sqlalchemy", "<3", "flask_sqlalchemy"),
        ("create_all", "app", "flask-sqlalchemy", "<3", "flask_sqlalchemy"),
        ("drop_all", "app", "flask-sqlalchemy", "<3", "flask_sqlalchemy"),
        ("get_engine", "app", "flask-sqlalchemy", "<3", "flask_sqlalchemy"),
        ("send_file", "attachment_filename", "flask", "<2.2", "flask"),
        ("send_file", "cache_timeout", "flask", "<2.2", "flask"),
    )
}
"""By function and keyword."""

CALLS = {
    "engine.execute": DatedName(distribution="sqlalchemy", limit="<2", what="Engine.execute()"),
    "execute(text)": DatedName(distribution="sqlalchemy", limit="<2", what="execute() of a plain string"),
    "select([…])": DatedName(distribution="sqlalchemy", limit="<2", what="select() of a list"),
    "CACHE_TYPE": DatedName(distribution="flask-caching", limit="<2.4", what="a short name for CACHE_TYPE"),
    "yaml.load(…)": DatedName(distribution="pyyaml", limit="<5.4", what="yaml.load() without a loader"),
    "Limiter(app, …)": DatedName(distribution="flask-limiter", limit="<3", what="Limiter(app, key_func=…)"),
    "create_all()": DatedName(
        distribution="flask-sqlalchemy", limit="<3", what="create_all() outside an application context"
    ),
    "paginate(…)": DatedName(
        distribution="flask-sqlalchemy", limit="<3", what="paginate() with arguments that are not named"
    ),
}
"""By the manner of the call."""
