locals {
  # The stage's variables; those of what is made here take the place of the stage's own.
  environment = merge(var.environment, {
    ELASTICACHE_ENDPOINT = (
      local.clustered
      ? aws_elasticache_replication_group.this.configuration_endpoint_address
      : aws_elasticache_replication_group.this.primary_endpoint_address
    )
    ELASTICACHE_PORT       = "6379"
    ELASTICACHE_TLS        = "true"
    ELASTICACHE_AUTH_TOKEN = "secretsmanager:${aws_secretsmanager_secret.cache.arn}"
    SNS_TOPIC_ARN          = aws_sns_topic.uses.arn
  })
}

resource "aws_lambda_function" "authorizer" {
  function_name                  = "${local.name}-authorizer"
  filename                       = "${var.packages}/authorizer.zip"
  source_code_hash               = filebase64sha256("${var.packages}/authorizer.zip")
  runtime                        = "provided.al2023"
  architectures                  = ["arm64"]
  handler                        = "bootstrap"
  role                           = aws_iam_role.authorizer.arn
  memory_size                    = var.deployment.authorizer.memory_mb
  timeout                        = var.deployment.authorizer.timeout_secs
  reserved_concurrent_executions = var.authorizer_reserved_concurrency
  depends_on                     = [aws_iam_role_policy.both, aws_iam_role_policy.authorizer]
  environment {
    variables = local.environment
  }
  vpc_config {
    security_group_ids = [aws_security_group.functions.id]
    subnet_ids         = [for subnet in aws_subnet.private : subnet.id]
  }
}

resource "aws_cloudwatch_log_group" "authorizer" {
  name              = "/aws/lambda/${local.name}-authorizer"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "authrep_async" {
  function_name    = "${local.name}-authrep-async"
  filename         = "${var.packages}/authrep-async.zip"
  source_code_hash = filebase64sha256("${var.packages}/authrep-async.zip")
  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  handler          = "bootstrap"
  role             = aws_iam_role.authrep_async.arn
  memory_size      = var.deployment.authrep_async.memory_mb
  timeout          = var.deployment.authrep_async.timeout_secs
  depends_on       = [aws_iam_role_policy.both, aws_iam_role_policy.authrep_async]
  environment {
    variables = local.environment
  }
  vpc_config {
    security_group_ids = [aws_security_group.functions.id]
    subnet_ids         = [for subnet in aws_subnet.private : subnet.id]
  }
}

resource "aws_cloudwatch_log_group" "authrep_async" {
  name              = "/aws/lambda/${local.name}-authrep-async"
  retention_in_days = var.log_retention_days
}
