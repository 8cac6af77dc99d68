# The topic that wakes authrep-async, and for a stage with a queue that and its dead letters.

resource "aws_kms_key" "topic" {
  description         = "the topic ${var.stage}-${var.deployment.project}-uses"
  enable_key_rotation = true
}

resource "aws_sns_topic" "uses" {
  name              = "${var.stage}-${var.deployment.project}-uses"
  kms_master_key_id = aws_kms_key.topic.key_id
}

# Encrypted by SQS itself: SNS needs no key to deliver, and the function none to receive.
resource "aws_sqs_queue" "uses" {
  count                     = local.queued ? 1 : 0
  name                      = "${local.name}-uses"
  sqs_managed_sse_enabled   = true
  delay_seconds             = var.deployment.queue.delay_secs
  message_retention_seconds = 86400
  # The function's lease on uses has ended when their message comes again.
  visibility_timeout_seconds = 6 * var.deployment.authrep_async.timeout_secs
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[0].arn
    maxReceiveCount     = 5
  })
}

# 3scale takes no use that is older than a day.
resource "aws_sqs_queue" "dead_letters" {
  count                     = local.queued ? 1 : 0
  name                      = "${local.name}-dead-letters"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 86400
}

resource "aws_sqs_queue_policy" "topic_may_send" {
  count     = local.queued ? 1 : 0
  queue_url = aws_sqs_queue.uses[0].url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TopicMaySend"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.uses[0].arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.uses.arn } }
    }]
  })
}

resource "aws_sns_topic_subscription" "queue" {
  count                = local.queued ? 1 : 0
  topic_arn            = aws_sns_topic.uses.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.uses[0].arn
  raw_message_delivery = true
}

resource "aws_lambda_event_source_mapping" "queue_wakes" {
  count            = local.queued ? 1 : 0
  function_name    = aws_lambda_function.authrep_async.function_name
  event_source_arn = aws_sqs_queue.uses[0].arn
  # Without a window SQS gives ten messages at the most.
  batch_size                         = var.deployment.queue.batch_window_secs > 0 ? 100 : 10
  maximum_batching_window_in_seconds = var.deployment.queue.batch_window_secs
  function_response_types            = ["ReportBatchItemFailures"]
  scaling_config {
    maximum_concurrency = 5
  }
}

resource "aws_sns_topic_subscription" "topic_wakes" {
  count     = local.queued ? 0 : 1
  topic_arn = aws_sns_topic.uses.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.authrep_async.arn
}

resource "aws_lambda_permission" "topic_may_invoke" {
  count         = local.queued ? 0 : 1
  function_name = aws_lambda_function.authrep_async.function_name
  action        = "lambda:InvokeFunction"
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.uses.arn
}
