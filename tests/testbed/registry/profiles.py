"""Registries that people use, each with what is known to be its own way.

Only what clients have stumbled over is here; in all else they are as the specification says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .access import Account
from .deviations import (
    AbsoluteLocation,
    BareMountRefused,
    DropUnknownRepository,
    EmptyPromise,
    LocationElsewhere,
    LoseLaterChunks,
    LoseUpload,
    MountIgnored,
    NoSinglePost,
    StatusInstead,
    WantAccept,
)
from .faults import AnswerStatus, AnswerText, WithField
from .logins import BasicLogin, Login, NoLogin, TokenLogin
from .routing import Step
from .rules import Rule, always, once
from .tokens import ScopeReading, TokenTerms

__all__ = [
    "ARTIFACTORY",
    "AZURE",
    "DISTRIBUTION_2_8",
    "GITHUB",
    "GITLAB",
    "GOOGLE",
    "OPENSHIFT",
    "QUAY",
    "Profile",
    "amazon",
    "docker_hub",
]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A kind of registry.

    Attributes:
        rules: how it differs from the specification; `token_rules`: how its token service does.
        login: what it asks for.
        chunk_minimum: the smallest chunk that it takes, said in OCI-Chunk-Min-Length.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    token_rules: tuple[Rule, ...] = ()
    login: Login = field(default_factory=NoLogin)
    chunk_minimum: int | None = None


_MANIFEST_READS = (Step.MANIFEST_HEAD, Step.MANIFEST_GET)
_UPLOAD_STARTS = (Step.UPLOAD_START, Step.UPLOAD_MOUNT)


def amazon(*repositories: str) -> Profile:
    """ECR: repositories are made beforehand, chunks are broken."""
    return Profile(
        name="Amazon ECR",
        rules=(
            always(LoseLaterChunks(), Step.UPLOAD_CHUNK, Step.UPLOAD_END),
            always(StatusInstead(of=202, status=201), Step.UPLOAD_CHUNK),
            always(DropUnknownRepository(frozenset(repositories)), *_UPLOAD_STARTS),
        ),
        login=BasicLogin(accounts=(Account(name="AWS"),)),
        chunk_minimum=5 * _MIB,
    )


def docker_hub(*, rate_limited: int = 0) -> Profile:
    """Docker Hub: a mount needs both rights; after its limit it answers 429 to so many manifest requests."""
    limit = AnswerStatus(
        status=429, code="TOOMANYREQUESTS", message="You have reached your pull rate limit.", retry_after="1"
    )
    return Profile(
        name="Docker Hub",
        rules=(once(limit, *_MANIFEST_READS, times=rate_limited),),
        login=TokenLogin(mount_needs_both=True),
    )


QUAY = Profile(name="Quay", rules=(always(BareMountRefused(), Step.UPLOAD_MOUNT),), login=TokenLogin())

ARTIFACTORY = Profile(
    name="Artifactory",
    rules=(
        always(StatusInstead(of=404, status=403), *_MANIFEST_READS),
        always(MountIgnored(), Step.UPLOAD_MOUNT),
    ),
    login=BasicLogin(),
)

GITLAB = Profile(name="GitLab", login=TokenLogin(terms=TokenTerms(scopes=ScopeReading.LAST)))

GITHUB = Profile(
    name="GitHub Packages", rules=(always(LoseUpload(beyond=1), Step.UPLOAD_END),), login=TokenLogin(service="ghcr.io")
)

GOOGLE = Profile(
    name="Google Artifact Registry",
    rules=(always(LocationElsewhere(), *_UPLOAD_STARTS, Step.UPLOAD_CHUNK),),
    login=TokenLogin(terms=TokenTerms(accounts=(Account(name="oauth2accesstoken"),))),
)

AZURE = Profile(
    name="Azure Container Registry",
    login=TokenLogin(
        terms=TokenTerms(
            accounts=(
                Account(
                    name="00000000-0000-0000-0000-000000000000",
                    password="no password at all",
                    refresh_token="identity",
                ),
            ),
            anonymous_pull=False,
            key="access_token",
        )
    ),
)

DISTRIBUTION_2_8 = Profile(
    name="distribution 2.8.2",
    rules=(
        always(WantAccept(), *_MANIFEST_READS),
        always(NoSinglePost(), Step.UPLOAD_START),
        always(EmptyPromise(status=416), Step.BLOB_GET),
        always(AnswerText(content=b"404 page not found\n", status=404, media_type="text/plain"), Step.REFERRERS),
        always(WithField(name="OCI-Subject", value=None), Step.MANIFEST_PUT),
        always(AbsoluteLocation()),
    ),
)

OPENSHIFT = Profile(name="OpenShift", login=TokenLogin(service=None))
