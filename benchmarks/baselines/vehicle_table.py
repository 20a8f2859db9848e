"""The three calls of storage that a baseline needs, by the SDK's client."""

import os

NAME = os.environ.get("VEHICLES_TABLE", "")


class VehicleTable:
    """Vehicles in DynamoDB."""

    def __init__(self, client) -> None:
        self._client = client

    def add(self, vehicle) -> bool:
        item = {name: {"N" if name == "noOfAxles" else "S": str(value)} for name, value in vehicle.items()}
        try:
            self._client.put_item(TableName=NAME, Item=item, ConditionExpression="attribute_not_exists(vin)")
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def remove(self, vin) -> bool:
        key = {"vin": {"S": vin}}
        try:
            self._client.delete_item(TableName=NAME, Key=key, ConditionExpression="attribute_exists(vin)")
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def page(self, limit):
        return [
            {
                "vin": item["vin"]["S"],
                "noOfAxles": int(item["noOfAxles"]["N"]),
                "fuelType": item["fuelType"]["S"],
                "timestamp": item["timestamp"]["S"],
            }
            for item in self._client.scan(TableName=NAME, Limit=limit)["Items"]
        ]
