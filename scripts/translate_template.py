"""Translate template.yaml as CloudFormation does it with SAM, and write the result to standard output as JSON.

What is deployed is the translation; linters and tests look at it, since they know SAM's shorthands badly or not at all.
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
    """Return the template as it is written, with its tags, such as !Ref, in their long form."""
    template: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return template


def translated(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the translation of a template; the package stands in it under an address that is none."""
    template = json.loads(json.dumps(template))
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/package.zip"
    session = boto3.Session(region_name="eu-central-1")  # it asks for one; nothing in the template depends on which
    result: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(template, {})
    return result


if __name__ == "__main__":
    json.dump(translated(read_template()), sys.stdout, indent=2)
