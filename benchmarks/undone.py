"""What the functions do to start quickly, each undone, so that its worth can be measured."""

import gc
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

# --- by a package that is built otherwise


def _with_parts_of_sdk(*names: str) -> Callable[[Path, Path], Path]:
    def repack(package: Path, whole: Path) -> Path:
        folder = _copied(package, names[0].replace("/", "-"))
        for name in names:
            if (whole / name).is_dir():
                shutil.rmtree(folder / name, ignore_errors=True)
                shutil.copytree(whole / name, folder / name)
            else:
                shutil.copy(whole / name, folder / name)
        return folder

    return repack


def _without_bytecode(package: Path, _: Path) -> Path:
    folder = _copied(package, "without-bytecode")
    for path in list(folder.rglob("__pycache__")):
        shutil.rmtree(path)
    return folder


def _copied(package: Path, name: str) -> Path:
    folder = package.with_name(f"{package.name}-{name}")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(package, folder)
    return folder


REPACKED: Final[Mapping[str, Callable[[Path, Path], Path]]] = {
    "bytecode": _without_bytecode,
    "data": _with_parts_of_sdk("botocore/data"),
    "roots": _with_parts_of_sdk("botocore/cacert.pem"),
}
"""They take our package and one with the SDK as it comes, and return another package."""


# --- in the process, before anything of the function is imported


def _collect_while_starting() -> None:
    gc.disable = lambda: None
    gc.freeze = lambda: None


def _with_client_of_s3() -> None:
    from vehicles.adapters.aws import dynamodb  # noqa: PLC0415 — as the function starts
    from vehicles.adapters.aws.s3 import make_s3_client  # noqa: PLC0415 — as above

    make = dynamodb.make_dynamodb_client

    def make_both(*, batch: bool = False) -> object:
        make_s3_client(batch=batch)
        return make(batch=batch)

    dynamodb.make_dynamodb_client = make_both  # type: ignore[assignment]  # what is undone knows nothing of it


def _without(option: str) -> Callable[[], None]:
    def undo() -> None:
        from botocore.config import Config  # noqa: PLC0415 — as the function starts

        make = Config.__init__

        def make_without(self: Config, *args: Any, **options: Any) -> None:  # noqa: ANN401 — whatever botocore takes
            options.pop(option, None)
            make(self, *args, **options)

        Config.__init__ = make_without  # type: ignore[method-assign]  # what is undone knows nothing of it

    return undo


UNDOING: Final[Mapping[str, Callable[[], None]]] = {
    "reports": _with_client_of_s3,
    "collector": _collect_while_starting,
    "agent": _without("user_agent"),
    "validation": _without("parameter_validation"),
}
