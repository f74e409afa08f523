# The story in boto3.
import os

import boto3

client = boto3.client("secretsmanager", endpoint_url=os.environ["EMULATOR"])


def value(**version):
    return client.get_secret_value(SecretId="story/db", **version)["SecretString"]


client.create_secret(Name="story/db", SecretString="one", Tags=[{"Key": "team", "Value": "shop"}])
assert value() == "one"
client.put_secret_value(SecretId="story/db", SecretString="two")
assert value() == "two"
assert value(VersionStage="AWSPREVIOUS") == "one"

filters = [{"Key": "name", "Values": ["story/"]}, {"Key": "tag-key", "Values": ["team"]}]
pages = client.get_paginator("list_secrets").paginate(Filters=filters, PaginationConfig={"PageSize": 1})
assert [s["Name"] for page in pages for s in page["SecretList"]] == ["story/db"]

client.rotate_secret(SecretId="story/db", RotationLambdaARN="arn:aws:lambda:eu-central-1:123456789012:function:rotate")
assert value() != "two"

client.delete_secret(SecretId="story/db", RecoveryWindowInDays=7)
try:
    value()
    raise AssertionError("it can be read although it is deleted")
except client.exceptions.InvalidRequestException:
    pass
client.restore_secret(SecretId="story/db")
value()
try:
    client.describe_secret(SecretId="story/none")
    raise AssertionError("what is not there is found")
except client.exceptions.ResourceNotFoundException as e:
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 400
