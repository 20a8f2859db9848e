"""Translate template.yaml with SAM, as CloudFormation does, and write the result to standard output as JSON.

The translation is what is deployed. Linters and tests use it, because they support the shorthands of SAM badly or not
at all.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TEMPLATE: Final = Path(__file__).parents[1] / "template.yaml"


def read_template() -> dict[str, Any]:
    """Return the untranslated template, with tags such as !Ref in their long form."""
    template: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return template


def translated(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the translation of a template. It has a dummy address of the package."""
    template = json.loads(json.dumps(template))
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/package.zip"
    session = boto3.Session(region_name="eu-central-1")  # required, but nothing in the template depends on it
    result: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(template, {})
    return result


if __name__ == "__main__":
    json.dump(translated(read_template()), sys.stdout, indent=2)
