"""What holds of the table, the bucket and the queue in the template: who reads them, and what outlives what."""

from typing import Final

from tests.support.stack_template import Change, Stack, Template, claim, drop, put
from vehicles.adapters.aws.dynamodb_items import INDEX

DENIED_WITHOUT_TLS: Final = {"Bool": {"aws:SecureTransport": "false"}}
KEPT: Final = {
    "VehicleTable": "Retain",  # its deletion protection would stop a rollback
    "SummaryBucket": "RetainExceptOnCreate",
    "SummaryBucketPolicy": "RetainExceptOnCreate",
}


def _policies(stack: Stack, name: str) -> dict[str, str]:
    return {each: about[name] for each, about in stack.resources.items() if name in about}


def _with_policy(name: str, policy: str) -> Change:
    def change(template: Template) -> None:
        template["Resources"]["SummaryBucket"][name] = policy

    return change


@claim(breaking=_with_policy("DeletionPolicy", "Delete"))
def data_outlive_the_stack(stack: Stack) -> None:
    assert _policies(stack, "DeletionPolicy") == KEPT


@claim(breaking=_with_policy("UpdateReplacePolicy", "Delete"))
def data_outlive_their_replacement(stack: Stack) -> None:
    assert _policies(stack, "UpdateReplacePolicy") == dict.fromkeys(KEPT, "Retain")


@claim(breaking=put("VehicleTable.PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False}))
def table_can_be_restored_to_any_second(stack: Stack) -> None:
    assert stack["VehicleTable"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


@claim(breaking=put("VehicleTable.DeletionProtectionEnabled", value=False))
def table_refuses_deletion(stack: Stack) -> None:
    assert stack["VehicleTable"]["DeletionProtectionEnabled"] is True


@claim(breaking=put("VehicleTable.SSESpecification", {"SSEEnabled": True}))
def table_is_encrypted_without_calls_of_kms(stack: Stack) -> None:
    assert "SSESpecification" not in stack["VehicleTable"]  # the default, a key that DynamoDB owns


@claim(breaking=put("VehicleTable.BillingMode", "PROVISIONED"))
def table_is_paid_by_request(stack: Stack) -> None:
    assert stack["VehicleTable"]["BillingMode"] == "PAY_PER_REQUEST"


@claim(breaking=put("VehicleTable.GlobalSecondaryIndexes.0.IndexName", "byEnd"))
def table_has_keys_of_adapter(stack: Stack) -> None:
    assert stack["VehicleTable"]["KeySchema"] == [{"AttributeName": "vin", "KeyType": "HASH"}]
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


@claim(breaking=put("SummaryBucket.LifecycleConfiguration.Rules.0.ExpirationInDays", 365))
def only_what_is_overwritten_expires(stack: Stack) -> None:
    assert stack["SummaryBucket"]["LifecycleConfiguration"]["Rules"] == [
        {
            "Id": "expire-what-was-replaced",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
        },
        {
            "Id": "abort-incomplete-uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    ]


@claim(breaking=drop("SummaryFailuresPolicy"))
def queue_asks_for_tls(stack: Stack) -> None:
    (policy,) = stack.of_type("AWS::SQS::QueuePolicy").values() or ({},)
    (statement,) = policy.get("PolicyDocument", {"Statement": [{}]})["Statement"]
    assert policy.get("Queues") == ["SummaryFailures"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
    assert (statement["Resource"], statement["Condition"]) == ("SummaryFailures.Arn", DENIED_WITHOUT_TLS)


@claim(breaking=put("SummaryFailures.SqsManagedSseEnabled", value=False))
def failures_wait_encrypted_for_fourteen_days(stack: Stack) -> None:
    assert stack["SummaryFailures"] == {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True}
