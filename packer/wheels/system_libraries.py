"""Which Debian package has a shared library that wheels expect of the system.

Sonames checked against bookworm's Contents index, names against the package indexes of bookworm and trixie, where
many were renamed for 64-bit time.
"""

from __future__ import annotations

import re

__all__ = ["debian_package"]

_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libGLESv2.so.2": "libgles2",
    "libgomp.so.1": "libgomp1",
    "libgfortran.so.5": "libgfortran5",
    "libquadmath.so.0": "libquadmath0",
    "libatomic.so.1": "libatomic1",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libz.so.1": "zlib1g",
    "libbz2.so.1.0": "libbz2-1.0",
    "liblzma.so.5": "liblzma5",
    "libzstd.so.1": "libzstd1",
    "liblz4.so.1": "liblz4-1",
    "libexpat.so.1": "libexpat1",
    "libffi.so.8": "libffi8",
    "libcrypt.so.1": "libcrypt1",
    "libuuid.so.1": "libuuid1",
    "libsqlite3.so.0": "libsqlite3-0",
    "libpq.so.5": "libpq5",
    "libmariadb.so.3": "libmariadb3",
    "libodbc.so.2": "libodbc2",
    "libodbcinst.so.2": "libodbcinst2",
    "libsybdb.so.5": "libsybdb5",
    "libsasl2.so.2": "libsasl2-2",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libkrb5.so.3": "libkrb5-3",
    "libk5crypto.so.3": "libk5crypto3",
    "libcom_err.so.2": "libcom-err2",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libcurl.so.4": "libcurl4",
    "libcurl-gnutls.so.4": "libcurl3-gnutls",
    "libxml2.so.2": "libxml2",
    "libxslt.so.1": "libxslt1.1",
    "libexslt.so.0": "libxslt1.1",
    "libxmlsec1.so.1": "libxmlsec1",
    "libxmlsec1-openssl.so.1": "libxmlsec1-openssl",
    "libmagic.so.1": "libmagic1",
    "libzbar.so.0": "libzbar0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0",
    "libgmodule-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libcairo.so.2": "libcairo2",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangocairo-1.0.so.0": "libpangocairo-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgdk_pixbuf-2.0.so.0": "libgdk-pixbuf-2.0-0",
    "libjpeg.so.62": "libjpeg62-turbo",
    "libpng16.so.16": "libpng16-16",
    "libtiff.so.6": "libtiff6",
    "libwebp.so.7": "libwebp7",
    "libopenjp2.so.7": "libopenjp2-7",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libXi.so.6": "libxi6",
    "libXfixes.so.3": "libxfixes3",
    "libXcomposite.so.1": "libxcomposite1",
    "libXdamage.so.1": "libxdamage1",
    "libXrandr.so.2": "libxrandr2",
    "libXtst.so.6": "libxtst6",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libnss3.so": "libnss3",
    "libnspr4.so": "libnspr4",
    "libasound.so.2": "libasound2",
    "libsndfile.so.1": "libsndfile1",
    "libportaudio.so.2": "libportaudio2",
    "libgeos_c.so.1": "libgeos-c1v5",
    "libusb-1.0.so.0": "libusb-1.0-0",
    "libevent-2.1.so.7": "libevent-2.1-7",
    "libuv.so.1": "libuv1",
    "libev.so.4": "libev4",
    "libzmq.so.5": "libzmq5",
    "librdkafka.so.1": "librdkafka1",
    "libsnappy.so.1": "libsnappy1v5",
    "libyaml-0.so.2": "libyaml-0-2",
    "libgmp.so.10": "libgmp10",
    "libmpfr.so.6": "libmpfr6",
    "libtcl8.6.so": "libtcl8.6",
    "libtk8.6.so": "libtk8.6",
}
_TRIXIE = {
    "libssl3": "libssl3t64",
    "libcurl4": "libcurl4t64",
    "libcurl3-gnutls": "libcurl3t64-gnutls",
    "libglib2.0-0": "libglib2.0-0t64",
    "libmagic1": "libmagic1t64",
    "libzbar0": "libzbar0t64",
    "libpng16-16": "libpng16-16t64",
    "libasound2": "libasound2t64",
    "libuv1": "libuv1t64",
    "libev4": "libev4t64",
    "libevent-2.1-7": "libevent-2.1-7t64",
    "libgeos-c1v5": "libgeos-c1t64",
    "libxmlsec1": "libxmlsec1t64",
    "libxmlsec1-openssl": "libxmlsec1t64-openssl",
}
_BOOKWORM_SONAMES = {"libldap-2.5.so.0": "libldap-2.5-0"}
_TRIXIE_SONAMES = {"libldap.so.2": "libldap2"}
_PYTHON = re.compile(r"libpython(3\.\d+)\.so\.1\.0")


def debian_package(soname: str, release: str) -> str | None:
    """The binary package of a release (`bookworm`, `trixie`) that has a library; None where it is not known.

    >>> debian_package("libglib-2.0.so.0", "trixie")
    'libglib2.0-0t64'
    """
    python = _PYTHON.fullmatch(soname)
    if python:
        return f"libpython{python[1]}"
    if release == "bookworm":
        return _BOOKWORM_SONAMES.get(soname) or _PACKAGES.get(soname)
    package = _TRIXIE_SONAMES.get(soname) or _PACKAGES.get(soname)
    return _TRIXIE.get(package, package) if package else None
