"""The adapters for AWS: DynamoDB, S3, SNS and CloudFormation, with shared client settings."""
