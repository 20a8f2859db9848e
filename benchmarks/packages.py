"""The packages that are measured: ours as it is deployed, the contestants' as people would deploy them."""

import compileall
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ROOT / ".cache" / "benchmarks"
OURS: Final = "vehicles"
HANDLERS: Final = {
    "floor": "floor.handler",
    "boto3": "resource.handler",
    "powertools": "powertools.handler",
    "fastapi": "fastapi_mangum.handler",
    OURS: "vehicles.entrypoints.lambdas.api",
}
"""The contestants, by the end of the name of their environment, and what AWS Lambda would call."""


def build(name: str, *, compiled: bool = True) -> Path:
    """Build the package of a contestant anew, with the bytecode of all its modules or with none, and return it."""
    folder = PACKAGES / (name if compiled else f"{name}-uncompiled")
    shutil.rmtree(folder, ignore_errors=True)
    if name == OURS:
        folder.mkdir(parents=True)
        architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
        command: list[str | Path] = [
            sys.executable,
            ROOT / "scripts" / "lambda_package.py",
            "VehicleLambda",
            folder,
            architecture,
        ]
        subprocess.run(command, check=True)  # noqa: S603 — our own
        return folder
    (installed,) = (ROOT / f".venv-bench-{name}" / "lib").glob("python3*/site-packages")
    shutil.copytree(installed, folder, ignore=shutil.ignore_patterns("__pycache__", "_virtualenv.*"))
    shutil.copytree(ROOT / "benchmarks" / "contestants", folder, dirs_exist_ok=True)
    if compiled:
        compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return folder
