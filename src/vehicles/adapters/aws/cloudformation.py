"""The table and the bucket of a deployed stack, from its outputs in CloudFormation."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from vehicles.adapters.aws.client import code_of, make_client, translating
from vehicles.domain.errors import StorageMisconfigured

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

_SERVICE: Final = "CloudFormation"
TABLE_OUTPUT: Final = "TableName"
BUCKET_OUTPUT: Final = "BucketName"
ZONE_OUTPUT: Final = "SummaryTimeZone"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The table, bucket and time zone of a stack. The time zone is None if the stack is too old to have that output."""

    table: str
    bucket: str
    time_zone: str | None


def make_cloudformation_client() -> "CloudFormationClient":
    client: CloudFormationClient = make_client(_SERVICE)
    return client


def read_deployment(client: "CloudFormationClient", stack: str) -> Deployment:
    """Return the outputs of a stack.

    Raises StorageMisconfigured if there is no such stack in the region, if it lacks an output, or if the credentials
    are missing or lack the permission `cloudformation:DescribeStacks`.
    """
    with translating(_SERVICE):
        try:
            [found] = client.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if code_of(error) != "ValidationError":  # the code for a stack that does not exist
                raise
            raise StorageMisconfigured(f"There is no stack {stack} in {client.meta.region_name}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    missing = [name for name in (TABLE_OUTPUT, BUCKET_OUTPUT) if name not in outputs]
    if missing:
        raise StorageMisconfigured(
            f"The stack {stack} ({found['StackStatus']}) has no output {' and no output '.join(missing)}"
        )
    return Deployment(outputs[TABLE_OUTPUT], outputs[BUCKET_OUTPUT], outputs.get(ZONE_OUTPUT))
