"""Build the package of a function: `lambda_package.py FUNCTION FOLDER ARCHITECTURE`; `sam build` calls it through make.

The package has the modules of vehicles, and the packages in the versions of requirements/dev.txt, that the functions
import, without files that AWS Lambda never reads. It depends on neither the build time nor the machine: the same
sources give the same bytes.
"""

import compileall
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from functools import partial
from importlib.metadata import version
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any, Final

import grimp

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ROOT / "src"
PLATFORMS: Final = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
ENTRY_POINT: Final = "vehicles.entrypoints.lambdas"


PACKAGES: Final = ("boto3", "dependency-injector", "jinja2", "pydantic", "tzdata")
FILE_PACKAGES: Final = ("python-calamine", "python-multipart", "xlsxwriter")
FILE_MODULES: Final = ("vehicles.entrypoints.fleet_files", "vehicles.entrypoints.http.fleets.imports")
"""What reads and writes fleet files; SummaryLambda never does."""

ENTRY_POINTS: Final = Path("vehicles") / "entrypoints"
"""What is in it and no module, such as the console and the page of the API, SummaryLambda never reads."""

ELSEWHERE: Final = (
    *("aws.cloudformation", "aws.dynamodb_check", "backup", "filesystem", "memory"),
    *("sqlite.repository", "sqlite.database"),
)
"""The adapters that the container never chooses in a function."""

OPERATIONS: Final = {
    "dynamodb/2012-08-10": {"BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan", "TransactWriteItems"},
    "s3/2006-03-01": {"GetObject", "HeadObject", "ListObjectsV2", "PutObject"},
    "sns/2010-03-31": {"Publish"},
}
"""The operations of AWS that the adapters use, by folder of the SDK; a test compares them with the actual calls."""

READ: Final = ("endpoint-rule-set-1", "paginators-1", "service-2", "service-2.sdk-extras")
ROOTS: Final = re.compile(
    rb'# Label: "(?:Amazon Root CA \d|Starfield Services Root Certificate Authority - G2)"\n'
    rb"(?:#.*\n)*(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)"
)
"""The root certificates of Amazon Trust Services, which all AWS services use, in the format of certifi."""

ROOT_COUNT: Final = 5
NOT_READ: Final = (
    *("*.c", "*.h", "*.pxd", "*.pyi", "*.pyx", "py.typed", "INSTALLER", "RECORD", "REQUESTED", "WHEEL"),
    *("bin", "dateutil-zoneinfo.tar.gz", "pydantic/mypy.py", "pydantic/v1", "urllib3/contrib/emscripten"),
    *("boto3/data", "boto3/dynamodb", "boto3/ec2", "boto3/examples"),  # for boto3 resources, which we do not use
    *("boto3/crt.py", "s3transfer/crt.py", "s3transfer/processpool.py"),  # for other ways to transfer files
    *("botocore/crt/auth.py", "dateutil/easter.py", "dateutil/rrule.py", "sboms"),  # for calendars, other signatures
    *("dateutil/tz/win.py", "jinja2/meta.py", "jinja2/nativetypes.py", "jinja2/sandbox.py"),  # for other uses
    *("urllib3/contrib/pyopenssl.py", "urllib3/contrib/socks.py"),  # for other TLS libraries, and proxies
)
EPOCH: Final = 315532800  # 1980-01-01, the earliest time in a zip file


def install_packages(function: str, folder: Path, architecture: str) -> None:
    """Install wheels for the processor and the C library of the functions, on any machine."""
    options = f"--no-config --system-certs --python-version 3.13 --python-platform {PLATFORMS[architecture]}"
    # The constraints contain the hashes. Copies, because normalize() would change the times of files in uv's cache.
    options += " --constraint requirements/dev.txt --require-hashes --only-binary :all: --link-mode copy"
    names = PACKAGES if function == "SummaryLambda" else (*PACKAGES, *FILE_PACKAGES)
    pinned = [f"{name}=={version(name)}" for name in names]
    command = [".venv/bin/uv", "pip", "install", "--quiet", *options.split(), "--target", str(folder), *pinned]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 — our own


def needed_modules(function: str) -> set[str]:
    """Return the modules that a function imports, at once or lazily."""
    graph = grimp.build_graph("vehicles", exclude_type_checking_imports=True, cache_dir=None)
    for name in ELSEWHERE:
        graph.remove_module(f"vehicles.adapters.{name}")
    if function == "SummaryLambda":
        for module in graph.find_matching_modules("vehicles.entrypoints.**"):
            if module.startswith(FILE_MODULES):
                graph.remove_module(module)
    modules = {ENTRY_POINT, *graph.find_upstream_modules(ENTRY_POINT)}
    parents = {module.rsplit(".", depth)[0] for module in modules for depth in range(1, module.count(".") + 1)}
    return modules | parents


def copy_registry(function: str, folder: Path) -> None:
    """Copy the needed modules, the files that are not modules, such as pages, and the version of the registry."""
    modules = needed_modules(function)
    for source in (SOURCES / "vehicles").rglob("*.*"):
        path = source.relative_to(SOURCES)
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        if source.suffix == ".pyc":
            continue
        is_read = function != "SummaryLambda" or not path.is_relative_to(ENTRY_POINTS)
        if module in modules if source.suffix == ".py" else is_read:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / path)
    about = folder / f"vehicle_registry-{version('vehicle-registry')}.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text(f"Metadata-Version: 2.4\nName: vehicle-registry\nVersion: {version('vehicle-registry')}\n")


def remove_unread(folder: Path) -> None:
    """Remove C sources, type stubs, the metadata of installers, and the unused parts of libraries."""
    for pattern in NOT_READ:
        for path in list(folder.rglob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def trim_sdk(folder: Path) -> None:
    """Reduce the data of the SDK to the used operations, and its certificates to the roots that AWS uses."""
    data = folder / "botocore" / "data"
    kept = {data / place for place in OPERATIONS}
    for path in [*data.glob("*/*/"), *data.glob("*/")]:  # versions of services, then services
        if path not in kept and not kept & set(path.iterdir()):
            shutil.rmtree(path)
    for path in data.glob("*/*/*"):
        if path.name.removesuffix(".gz").removesuffix(".json") not in READ:
            path.unlink()
    for packed in data.rglob("*.json.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))  # now instead of at each start
        rewrite(packed.with_suffix(""), lambda rules: rules)
        packed.unlink()
    for place, operations in OPERATIONS.items():
        rewrite(data / place / "service-2.json", partial(trimmed_model, wanted=operations))
    rewrite(data / "endpoints.json", trimmed_endpoints)
    roots = folder / "botocore" / "cacert.pem"
    found = ROOTS.findall(roots.read_bytes())
    if len(found) != ROOT_COUNT:
        sys.exit("lambda_package: the format of the SDK's certificates has changed")
    roots.write_bytes(b"".join(found))


def rewrite(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Rewrite a JSON file, in the most compact form."""
    path.write_text(json.dumps(change(json.loads(path.read_bytes())), separators=(",", ":"), ensure_ascii=False))


def trimmed_model(model: dict[str, Any], wanted: AbstractSet[str]) -> dict[str, Any]:
    """Return the model of a service with the wanted operations and their shapes only."""
    operations = {name: undocumented(each) for name, each in model["operations"].items() if name in wanted}
    shapes: dict[str, Any] = {}
    waiting = [name for each in operations.values() for name in shapes_in(each)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = undocumented(model["shapes"][name])
            waiting += shapes_in(shapes[name])
    return {"version": model["version"], "metadata": model["metadata"], "operations": operations, "shapes": shapes} | {
        name: model[name] for name in ("clientContextParams",) if name in model
    }


def undocumented(part: Any) -> Any:  # noqa: ANN401 — any JSON value
    """Return a part of a model without its documentation, which is most of it."""
    if isinstance(part, dict):
        # A member may also be named documentation; only text is documentation.
        return {
            name: undocumented(each)
            for name, each in part.items()
            if not (name == "documentation" and isinstance(each, str))
        }
    return [undocumented(each) for each in part] if isinstance(part, list) else part


def shapes_in(part: Any) -> Iterator[str]:  # noqa: ANN401 — any JSON value
    """Yield the names of the shapes that a part of a model refers to."""
    if isinstance(part, dict):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from shapes_in(each)


def trimmed_endpoints(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Return the endpoints of the used services only."""
    services = {place.partition("/")[0] for place in OPERATIONS}
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in services}
    return endpoints


def compile_all(folder: Path) -> None:
    """Write bytecode that Python uses without checking the source: a function cannot write its own."""
    mode = PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(folder, quiet=1, invalidation_mode=mode, stripdir=folder, prependdir="/var/task"):
        sys.exit("lambda_package: something does not compile")


def normalize(folder: Path) -> None:
    """Give every file and folder the same time and the same permissions on every machine."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))


def main() -> None:
    """Build the package in the empty folder that SAM has created."""
    function, folder, architecture = sys.argv[1], Path(sys.argv[2]).absolute(), sys.argv[3]
    install_packages(function, folder, architecture)
    copy_registry(function, folder)
    remove_unread(folder)
    trim_sdk(folder)
    compile_all(folder)
    normalize(folder)


main()
