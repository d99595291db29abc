"""Conda's names for what the Python package index has under another name, or has not at all."""

from __future__ import annotations

from packaging.utils import canonicalize_name

__all__ = ["from_conda"]

_RENAMED = {
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
bzip2 expat freetype gettext glib harfbuzz icu jpeg libjpeg-turbo krb5 lcms2 lerc libblas libcblas liblapack
libopenblas openblas libbrotlicommon libbrotlidec libbrotlienc libcurl libdeflate libev libevent libfortran
libgfortran libgfortran-ng libgfortran5 libiconv libnghttp2 libnsl libpng libpq libsodium libsqlite libssh2 libtiff
libuuid libuv libuwebsockets libwebp libwebp-base libxcb libxml2 libxslt libzlib lz4-c mysql mysql-common mysql-libs
mysql-server nginx nodejs openjpeg pcre pcre2 pandoc pixman pixi pkg-config postgresql pthread-stubs qt qt-main
r-base redis-server snappy tbb tbb4py tzdata yaml zeromq zstd gcc gxx gcc_linux-64 gxx_linux-64 boost-cpp cmake make
git curl wget ffmpeg cudatoolkit cudnn cuda nccl hdf5 libhdf5 libnetcdf proj geos gdal-bin libgdal libspatialindex
graphviz java-jdk openjdk m2w64-gcc-libs m2w64-gmp m2w64-libwinpthread-git msys2-conda-epoch icc_rt winpty menuinst
"""
_NO_DISTRIBUTION = frozenset(_OTHER_SOFTWARE.split())


def from_conda(name: str) -> str | None:
    """The index's name for a conda package, None when it is no Python distribution.

    >>> from_conda("pytorch"), from_conda("libgcc-ng"), from_conda("flask")
    ('torch', None, 'flask')
    """
    lower = name.strip().lower()
    if lower in _NO_DISTRIBUTION or lower.startswith("_"):
        return None
    return _RENAMED.get(lower) or canonicalize_name(lower)
