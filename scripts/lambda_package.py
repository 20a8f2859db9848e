"""Build the package of the functions: `lambda_package.py FOLDER ARCHITECTURE`, called by `sam build` through make.

It holds what requirements/lambda.txt pins, of vehicles what the functions import, and neither what AWS Lambda never
reads nor a trace of the moment or the machine: the same sources give the same bytes.
"""

import compileall
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final

import grimp

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ROOT / "src"
PLATFORMS: Final = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
ENTRY_POINT: Final = "vehicles.entrypoints.lambdas"
ELSEWHERE: Final = ("directory", "memory", "sqlite", "sqlite_database")
"""The adapters that the container never chooses for the backend aws."""

SERVICES: Final = ("dynamodb", "s3", "sns")
NOT_READ: Final = ("*.c", "*.h", "*.pxd", "*.pyi", "*.pyx", "py.typed", "INSTALLER", "RECORD", "REQUESTED", "WHEEL")
NOT_READ_FOLDERS: Final = ("bin", "boto3/data", "boto3/examples")
EPOCH: Final = 315532800  # 1980-01-01, where the time of a zip file begins


def install_packages(folder: Path, architecture: str) -> None:
    """Install wheels for the processor and the C library of the functions, whatever machine this is."""
    platform = f"--python-version 3.13 --python-platform {PLATFORMS[architecture]}"
    exactly = "--require-hashes --no-deps --only-binary :all: --no-config --system-certs"
    command: list[str | Path] = [
        ROOT / ".venv/bin/uv",
        "pip",
        "install",
        "--quiet",
        *exactly.split(),
        *platform.split(),
    ]
    # Copies, since level() would change the times of what is linked to, in uv's cache.
    command += ["--link-mode", "copy", "--target", folder, "--requirement", ROOT / "requirements/lambda.txt"]
    subprocess.run(command, check=True)  # noqa: S603 — our own


def needed_modules() -> set[str]:
    """Return the modules that the functions import, now or later."""
    graph = grimp.build_graph("vehicles", exclude_type_checking_imports=True, cache_dir=None)
    for name in ELSEWHERE:
        graph.remove_module(f"vehicles.adapters.{name}")
    modules = {ENTRY_POINT, *graph.find_upstream_modules(ENTRY_POINT)}
    parents = {module.rsplit(".", depth)[0] for module in modules for depth in range(1, module.count(".") + 1)}
    return modules | parents


def copy_registry(folder: Path) -> None:
    """Copy those modules, all that is no module, such as the page that shows the API, and the registry's version."""
    modules = needed_modules()
    for source in (SOURCES / "vehicles").rglob("*.*"):
        path = source.relative_to(SOURCES)
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        if source.suffix != ".pyc" and (source.suffix != ".py" or module in modules):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / path)
    about = folder / f"vehicles-{version('vehicles')}.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text(f"Metadata-Version: 2.4\nName: vehicles\nVersion: {version('vehicles')}\n")


def remove_unread(folder: Path) -> None:
    """Remove sources in C, type stubs, the models of other services, and what only installers read."""
    for pattern in NOT_READ:
        for path in folder.rglob(pattern):
            path.unlink()
    for name in NOT_READ_FOLDERS:
        shutil.rmtree(folder / name)
    for path in (folder / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            shutil.rmtree(path)


def compile_all(folder: Path) -> None:
    """Write bytecode that Python takes without looking at the source: a function cannot write its own."""
    mode = PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(folder, quiet=1, invalidation_mode=mode, stripdir=folder, prependdir="/var/task"):
        sys.exit("lambda_package: something does not compile")


def level(folder: Path) -> None:
    """Give every file and folder the same time and the same rights on every machine."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))


def main() -> None:
    """Build into the folder, which SAM has made, and which is empty."""
    folder, architecture = Path(sys.argv[1]), sys.argv[2]
    install_packages(folder, architecture)
    copy_registry(folder)
    remove_unread(folder)
    compile_all(folder)
    level(folder)


main()
