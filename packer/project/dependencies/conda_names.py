"""Conda's names for what the Python package index has under another name, or has not at all."""

from __future__ import annotations

from packaging.utils import canonicalize_name

__all__ = ["from_conda"]

_RENAMED = {
    "brotli-python": "brotli",
    "cvxpy-base": "cvxpy",
    "faiss": "faiss-cpu",
    "geopandas-base": "geopandas",
    "keras-base": "keras",
    "keras-gpu": "keras",
    "python-clang": "clang",
    "python-duckdb": "duckdb",
    "python-fastjsonschema": "fastjsonschema",
    "python-flatbuffers": "flatbuffers",
    "python-kaleido": "kaleido",
    "python-kubernetes": "kubernetes",
    "python-libarchive-c": "libarchive-c",
    "python-lmdb": "lmdb",
    "python-tzdata": "tzdata",
    "python-xxhash": "xxhash",
    "qtconsole-base": "qtconsole",
    "tensorflow-eigen": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-mkl": "tensorflow",
    "ruamel_yaml": "ruamel-yaml",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "pyqt": "pyqt5",
    "pytables": "tables",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "redis-py": "redis",
    "tensorflow-base": "tensorflow",
    "uvicorn-standard": "uvicorn",
    "xgboost-cpu": "xgboost",
    "py-xgboost": "xgboost",
    "dask-core": "dask",
}

# Parts of a conda environment that are no Python distributions: interpreters, C libraries, compilers, programs.
_OTHER_SOFTWARE = """
python python_abi python-abi pip3 conda conda-env conda-package-handling anaconda anaconda-client blas mkl
mkl-service mkl_fft mkl_random mkl-fft mkl-random intel-openmp openmp llvm-openmp _openmp_mutex _libgcc_mutex
ca-certificates openssl sqlite zlib tk xz ncurses readline libffi libgcc-ng libgcc libstdcxx-ng libstdcxx libgomp
libedit ld_impl_linux-64 vc vs2015_runtime vs2013_runtime vc14_runtime ucrt wincertstore pywin32 console_shortcut
bzip2 expat freetype gettext glib harfbuzz icu jpeg libjpeg-turbo krb5 lcms2 lerc
libopenblas openblas libbrotlicommon libbrotlidec libbrotlienc libcurl libdeflate libev libevent libfortran
libgfortran libgfortran-ng libgfortran5 libiconv libnghttp2 libnsl libpng libpq libsodium libsqlite libssh2 libtiff
libuuid libuv libuwebsockets libwebp libwebp-base libxcb libxml2 libxslt libzlib lz4-c mysql mysql-common mysql-libs
mysql-server nginx nodejs openjpeg pcre pcre2 pandoc pixman pixi pkg-config postgresql pthread-stubs qt qt-main
r-base redis-server snappy tbb tbb4py tzdata yaml zeromq zstd gcc gxx gcc_linux-64 gxx_linux-64 boost-cpp cmake make
git curl wget ffmpeg cudatoolkit cudnn cuda nccl hdf5 libhdf5 libnetcdf proj geos gdal-bin libgdal libspatialindex
abseil-cpp alsa-lib aom arrow-cpp attr binutils blosc brotli-bin c-ares c-blosc2 cairo cfitsio charls cpuonly dal
dav1d dbus double-conversion eigen fontconfig fribidi gflags giflib glog gmp gnutls graphite2 grpc-cpp gstreamer
jxrlib keyutils lame mpc mpfr mpg123 navigator-updater nettle nomkl nspr nss openh264 orc p11-kit pango
pthreads-win32 pytorch-cuda pytorch-mutex qhull qt-webengine qtbase rdma-core re2 s2n spdlog svt-av1 tbb-devel ucx
unixodbc utf8proc x264 x265 xerces-c zfp zlib-ng
graphviz java-jdk openjdk m2w64-gcc-libs m2w64-gmp m2w64-libwinpthread-git msys2-conda-epoch icc_rt winpty menuinst
"""
_NO_DISTRIBUTION = frozenset(_OTHER_SOFTWARE.split())

# Families that conda keeps for other languages and platforms, and its names for C libraries and toolchains.
_FAMILIES = ("_", "lib", "aws-c-", "cuda-", "font-ttf-", "fonts-", "m2w64-", "r-", "xorg-")
_TOOLCHAINS = ("_linux-64", "_linux-aarch64", "_osx-64", "_osx-arm64", "_win-64")
# What Python distributions are called that begin like a C library.
_PYTHON_LIBRARIES = frozenset(
    {"libarchive-c", "libclang", "libcst", "libnacl", "libpysal", "librosa", "libsass", "libtmux", "libusb1"}
)


def from_conda(name: str) -> str | None:
    """The index's name for a conda package, None when it is no Python distribution.

    >>> from_conda("pytorch"), from_conda("libgcc-ng"), from_conda("flask")
    ('torch', None, 'flask')
    """
    lower = name.strip().lower()
    if lower in _PYTHON_LIBRARIES:
        return lower
    if lower in _NO_DISTRIBUTION or lower.startswith(_FAMILIES) or lower.endswith(_TOOLCHAINS):
        return None
    return _RENAMED.get(lower) or canonicalize_name(lower)
