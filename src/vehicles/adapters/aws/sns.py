"""Mail through an SNS topic, to its confirmed subscribers."""

from collections.abc import Callable

from vehicles.adapters.aws.client import make_client, translating


def make_mail(topic: str) -> Callable[[str, str], None]:
    """Return a function that mails a subject and a body to the subscribers of a topic, given by its ARN.

    Both this call and the function raise StorageUnavailable and StorageMisconfigured.
    """
    client = make_client("SNS")

    def mail(subject: str, text: str) -> None:
        with translating("SNS"):
            client.publish(TopicArn=topic, Subject=subject, Message=text)

    return mail
