"""Mail by an SNS topic, read from a queue that has subscribed to it."""

import json
from typing import Any

import boto3
import pytest

from tests.support.emulator import Emulator, aws_settings
from vehicles.adapters.aws.sns import make_mail
from vehicles.domain.errors import StorageError


def test_mail_reaches_the_subscribers(emulator: Emulator) -> None:
    with aws_settings(emulator.address):
        session: Any = boto3.Session()
        sns, sqs = session.client("sns"), session.client("sqs")
        topic = sns.create_topic(Name="summaries")["TopicArn"]
        queue = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)
        make_mail(topic)("Vehicles in 2026-W47: 3", "Three vehicles.")
        [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    mail = json.loads(message["Body"])
    assert (mail["Subject"], mail["Message"]) == ("Vehicles in 2026-W47: 3", "Three vehicles.")


def test_missing_topic_is_reported(emulator: Emulator) -> None:
    with aws_settings(emulator.address), pytest.raises(StorageError, match="SNS"):
        make_mail("arn:aws:sns:eu-central-1:000000000000:none")("subject", "text")
