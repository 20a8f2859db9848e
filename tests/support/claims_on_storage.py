"""What holds of the table, the bucket and the queue in the template: who reads them, and what outlives what."""

from typing import Any, Final

from tests.support.stack_template import Stack, Template, claim, drop, put
from vehicles.adapters.aws.dynamodb_items import INDEX

KEPT: Final = ("VehicleTable", "SummaryBucket")
POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")
DENIED_WITHOUT_TLS: Final = {"Bool": {"aws:SecureTransport": "false"}}


def _without_policy(name: str) -> Any:  # noqa: ANN401 — a change
    def change(template: Template) -> None:
        del template["Resources"]["SummaryBucket"][name]

    return change


@claim(breaking=_without_policy("DeletionPolicy"))
def data_outlive_the_stack(stack: Stack) -> None:
    assert {stack.resources[name].get("DeletionPolicy") for name in KEPT} == {"Retain"}


@claim(breaking=_without_policy("UpdateReplacePolicy"))
def data_outlive_their_replacement(stack: Stack) -> None:
    assert {stack.resources[name].get("UpdateReplacePolicy") for name in KEPT} == {"Retain"}


@claim(breaking=put("VehicleTable.PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False}))
def table_can_be_restored_to_any_moment(stack: Stack) -> None:
    assert stack["VehicleTable"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


@claim(breaking=put("VehicleTable.DeletionProtectionEnabled", value=False))
def table_refuses_deletion(stack: Stack) -> None:
    assert stack["VehicleTable"]["DeletionProtectionEnabled"] == "true"


@claim(breaking=drop("VehicleTable.SSESpecification"))
def table_is_encrypted(stack: Stack) -> None:
    assert stack["VehicleTable"].get("SSESpecification", {}).get("SSEEnabled") is True


@claim(breaking=put("VehicleTable.BillingMode", "PROVISIONED"))
def table_is_paid_by_request(stack: Stack) -> None:
    assert stack["VehicleTable"]["BillingMode"] == "PAY_PER_REQUEST"


@claim(breaking=put("VehicleTable.KeySchema.0.AttributeName", "VIN"))
def table_knows_vehicles_by_vin(stack: Stack) -> None:
    assert stack["VehicleTable"]["KeySchema"] == [{"AttributeName": "vin", "KeyType": "HASH"}]


@claim(breaking=put("VehicleTable.GlobalSecondaryIndexes.0.IndexName", "byEnd"))
def index_is_that_of_adapter(stack: Stack) -> None:
    keys = [{"AttributeName": "vinEnd", "KeyType": "HASH"}, {"AttributeName": "vin", "KeyType": "RANGE"}]
    expected = {"IndexName": INDEX, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
    assert stack["VehicleTable"]["GlobalSecondaryIndexes"] == [expected]


@claim(breaking=put("SummaryBucketPolicy.PolicyDocument.Statement.0.Resource", [{"Fn::Sub": "${SummaryBucket.Arn}/*"}]))
def bucket_asks_for_tls(stack: Stack) -> None:
    (statement,) = stack["SummaryBucketPolicy"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == ["SummaryBucket.Arn", "SummaryBucket.Arn/*"]
    assert statement["Condition"] == DENIED_WITHOUT_TLS


@claim(breaking=put("SummaryBucket.PublicAccessBlockConfiguration.BlockPublicPolicy", value=False))
def bucket_is_private(stack: Stack) -> None:
    blocks = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert stack["SummaryBucket"]["PublicAccessBlockConfiguration"] == dict.fromkeys(blocks, True)


@claim(breaking=drop("SummaryBucket.OwnershipControls"))
def bucket_owns_its_objects(stack: Stack) -> None:
    controls = stack["SummaryBucket"].get("OwnershipControls")
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@claim(breaking=drop("SummaryBucket.BucketEncryption"))
def bucket_is_encrypted(stack: Stack) -> None:
    rules = stack["SummaryBucket"].get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration")
    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


@claim(breaking=put("SummaryBucket.VersioningConfiguration.Status", "Suspended"))
def bucket_keeps_what_is_overwritten(stack: Stack) -> None:
    assert stack["SummaryBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}


@claim(breaking=put("SummaryBucket.LifecycleConfiguration.Rules.0.Status", "Disabled"))
def what_is_overwritten_expires(stack: Stack) -> None:
    rules = [rule for rule in stack["SummaryBucket"]["LifecycleConfiguration"]["Rules"] if rule["Status"] == "Enabled"]
    assert [rule["NoncurrentVersionExpiration"] for rule in rules if "NoncurrentVersionExpiration" in rule] == [
        {"NoncurrentDays": 90}
    ]


@claim(breaking=put("SummaryBucket.LifecycleConfiguration.Rules.0.ExpirationInDays", 365))
def summaries_themselves_never_expire(stack: Stack) -> None:
    rules = stack["SummaryBucket"]["LifecycleConfiguration"]["Rules"]
    assert not [name for rule in rules for name in rule if name.startswith("Expiration")]


@claim(breaking=drop("SummaryBucket.LifecycleConfiguration.Rules"))
def incomplete_uploads_are_aborted(stack: Stack) -> None:
    rules = stack["SummaryBucket"]["LifecycleConfiguration"].get("Rules", [])
    assert {"DaysAfterInitiation": 1} in [rule.get("AbortIncompleteMultipartUpload") for rule in rules]


@claim(breaking=drop("SummaryFailuresPolicy"))
def queue_asks_for_tls(stack: Stack) -> None:
    (policy,) = stack.of_type("AWS::SQS::QueuePolicy").values() or ({},)
    (statement,) = policy.get("PolicyDocument", {"Statement": [{}]})["Statement"]
    assert policy.get("Queues") == ["SummaryFailures"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
    assert (statement["Resource"], statement["Condition"]) == ("SummaryFailures.Arn", DENIED_WITHOUT_TLS)


@claim(breaking=put("SummaryFailures.SqsManagedSseEnabled", value=False))
def queue_is_encrypted(stack: Stack) -> None:
    assert stack["SummaryFailures"]["SqsManagedSseEnabled"] is True


@claim(breaking=put("SummaryFailures.MessageRetentionPeriod", 3600))
def failures_wait_fourteen_days(stack: Stack) -> None:
    assert stack["SummaryFailures"]["MessageRetentionPeriod"] == 14 * 24 * 3600
