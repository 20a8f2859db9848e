"""Mail by an SNS topic, to whoever has subscribed and confirmed it."""

from collections.abc import Callable

from vehicles.adapters.aws.client import make_client, translating


def make_mail(topic: str) -> Callable[[str, str], None]:
    """Return what mails a subject and a text to the subscribers of a topic, given by its ARN.

    It raises StorageUnavailable and StorageMisconfigured; so does making it.
    """
    client = make_client("SNS")

    def mail(subject: str, text: str) -> None:
        with translating("SNS"):
            client.publish(TopicArn=topic, Subject=subject, Message=text)

    return mail
