"""The adapters to AWS: DynamoDB, S3, SNS and CloudFormation, over one kind of client."""
