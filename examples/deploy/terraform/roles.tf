# One role for each function, with no more than it needs. The log groups are made here.

locals {
  by_lambda = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }
    ]
  })
  # The functions can't be referred to: they need the roles first.
  function_arns = "arn:${local.partition}:lambda:${local.here}:function"
  network_interfaces = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ]
}

resource "aws_iam_role" "authorizer" {
  name_prefix        = "${local.name}-"
  assume_role_policy = local.by_lambda
}

resource "aws_iam_role_policy" "authorizer" {
  name = "authorizer"
  role = aws_iam_role.authorizer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.authorizer.arn}:*"
      },
      {
        Sid      = "Publish"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.uses.arn
      },
      {
        Sid      = "SealMessages"
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource = aws_kms_key.topic.arn
      },
    ]
  })
}

resource "aws_iam_role" "authrep_async" {
  name_prefix        = "${local.name}-"
  assume_role_policy = local.by_lambda
}

resource "aws_iam_role_policy" "authrep_async" {
  name = "authrep-async"
  role = aws_iam_role.authrep_async.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.authrep_async.arn}:*"
      }],
      [for queue in aws_sqs_queue.uses : {
        Sid      = "Receive"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = queue.arn
      }]
    )
  })
}

resource "aws_iam_role_policy" "both" {
  for_each = { authorizer = aws_iam_role.authorizer.id, authrep-async = aws_iam_role.authrep_async.id }
  name     = "both"
  role     = each.value
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameter"
        Resource = "arn:${local.partition}:ssm:${local.here}:parameter/${var.deployment.project}/${var.stage}/*"
      },
      {
        Sid    = "ReadSecrets"
        Effect = "Allow"
        Action = "secretsmanager:GetSecretValue"
        Resource = [
          # AWS adds a hyphen and six characters to the name of a secret.
          "arn:${local.partition}:secretsmanager:${local.here}:secret:${var.deployment.project}/${var.stage}-??????",
          "arn:${local.partition}:secretsmanager:${local.here}:secret:${var.deployment.project}/${var.stage}/*",
        ]
      },
      # AWS takes no narrower resource.
      {
        Sid      = "NetworkInterfaces"
        Effect   = "Allow"
        Action   = local.network_interfaces
        Resource = "*"
      },
      # Lambda makes the interfaces; the functions' own code has nothing to do with them.
      {
        Sid      = "NetworkInterfacesByLambdaAlone"
        Effect   = "Deny"
        Action   = local.network_interfaces
        Resource = "*"
        Condition = {
          ArnEquals = {
            "lambda:SourceFunctionArn" = "${local.function_arns}:${local.name}-${each.key}"
          }
        }
      },
    ]
  })
}
