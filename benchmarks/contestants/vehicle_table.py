"""The two calls of storage that a contestant needs, by botocore's client or in memory."""

import os


class DynamoDBTable:
    """Vehicles in DynamoDB."""

    def __init__(self, client) -> None:
        """Take the client."""
        self._client = client

    def add(self, vehicle) -> bool:
        """Tell whether the vehicle was new."""
        item = {
            "vin": {"S": vehicle["vin"]},
            "noOfAxles": {"N": str(vehicle["noOfAxles"])},
            "fuelType": {"S": vehicle["fuelType"]},
            "timestamp": {"S": vehicle["timestamp"]},
        }
        try:
            self._client.put_item(
                TableName=os.environ["VEHICLES_TABLE"], Item=item, ConditionExpression="attribute_not_exists(vin)"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def page(self, limit):
        """Return some vehicles."""
        answer = self._client.scan(TableName=os.environ["VEHICLES_TABLE"], Limit=limit)
        return [
            {
                "vin": item["vin"]["S"],
                "noOfAxles": int(item["noOfAxles"]["N"]),
                "fuelType": item["fuelType"]["S"],
                "timestamp": item["timestamp"]["S"],
            }
            for item in answer["Items"]
        ]


class MemoryTable:
    """Vehicles in a dictionary."""

    def __init__(self) -> None:
        """Begin without vehicles."""
        self._vehicles = {}

    def add(self, vehicle) -> bool:
        """Tell whether the vehicle was new."""
        return self._vehicles.setdefault(vehicle["vin"], vehicle) is vehicle

    def page(self, limit):
        """Return some vehicles."""
        return list(self._vehicles.values())[:limit]


def table(make_client):
    """Return the table that the environment asks for."""
    return MemoryTable() if os.environ["VEHICLES_BACKEND"] == "memory" else DynamoDBTable(make_client())
