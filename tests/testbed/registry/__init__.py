"""Registries for tests: one that is correct and misbehaves on command, and one that nobody here wrote.

    with running_registry(once(AnswerStatus(status=503), Step.BLOB_HEAD, times=2), login=TokenLogin()) as registry:
        push("image", to=f"{registry.address}/team/app:1")
        assert registry.traffic.of(Step.UPLOAD_END)

- `running_registry(*rules, profile=…, login=…, tls=…, folder=…)`: the correct registry, in this process.
- `rules.once(quirk, *steps, times=…, after=…)`, `rules.always(quirk, *steps)`: when it misbehaves. Quirks are values:
  `faults` (networks, servers under load) and `deviations` (registries). `registry.rules.add(…)` does it later.
- `profiles`: registries that people use.
- `traffic`: every request with its status, bytes and connection.
- `certificates`, `signatures`, `judge`: an authority, signed tokens, Debian's docker-registry as a process.
"""

from .access import Account
from .logins import BasicLogin, NoLogin, TokenLogin
from .profiles import Profile
from .routing import Step
from .rules import Rule, always, once
from .running import Registry, running_blob_host, running_registry, running_token_service
from .tokens import ScopeReading, TokenService, TokenTerms
from .traffic import Exchange, Traffic

__all__ = [
    "Account",
    "BasicLogin",
    "Exchange",
    "NoLogin",
    "Profile",
    "Registry",
    "Rule",
    "ScopeReading",
    "Step",
    "TokenLogin",
    "TokenService",
    "TokenTerms",
    "Traffic",
    "always",
    "once",
    "running_blob_host",
    "running_registry",
    "running_token_service",
]
