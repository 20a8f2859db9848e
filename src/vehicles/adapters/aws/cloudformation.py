"""What a deployed stack says of itself: the table and the bucket, by its outputs in CloudFormation."""

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
    """The names of what a stack holds, and the time zone of its weeks; None where a stack is too old to tell that."""

    table: str
    bucket: str
    time_zone: str | None


def make_cloudformation_client() -> "CloudFormationClient":
    client: CloudFormationClient = make_client(_SERVICE)
    return client


def read_deployment(client: "CloudFormationClient", stack: str) -> Deployment:
    """Return what the outputs of a stack name.

    Raises StorageMisconfigured where there is no such stack in the region, where it lacks an output, and where the
    credentials are missing or lack the right to `cloudformation:DescribeStacks`.
    """
    with translating(_SERVICE):
        try:
            [found] = client.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if code_of(error) != "ValidationError":  # what CloudFormation says of a stack that is not there
                raise
            raise StorageMisconfigured(f"There is no stack {stack} in {client.meta.region_name}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    missing = [name for name in (TABLE_OUTPUT, BUCKET_OUTPUT) if name not in outputs]
    if missing:
        raise StorageMisconfigured(
            f"The stack {stack} ({found['StackStatus']}) has no output {' and no output '.join(missing)}"
        )
    return Deployment(outputs[TABLE_OUTPUT], outputs[BUCKET_OUTPUT], outputs.get(ZONE_OUTPUT))
