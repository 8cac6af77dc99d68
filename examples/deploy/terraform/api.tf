# The sample API of `../openapi.yaml`, behind the authorizer.

locals {
  api    = yamldecode(file("${path.module}/../openapi.yaml"))
  scheme = local.api.components.securitySchemes.threescale
  # The file names the function as CloudFormation does.
  threescale = merge(local.scheme, {
    x-amazon-apigateway-authorizer = merge(local.scheme.x-amazon-apigateway-authorizer, {
      authorizerUri = aws_lambda_function.authorizer.invoke_arn
    })
  })
  api_body = jsonencode(merge(local.api, { components = { securitySchemes = { threescale = local.threescale } } }))
}

resource "aws_api_gateway_rest_api" "api" {
  name = local.name
  body = local.api_body
}

# A deployment of an API never changes: with the API's text comes a new one.
resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  triggers    = { body = sha256(local.api_body) }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "api" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = var.stage
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      requestId         = "$context.requestId"
      method            = "$context.httpMethod"
      path              = "$context.path"
      status            = "$context.status"
      responseType      = "$context.error.responseType"
      authorizerError   = "$context.authorizer.error"
      authorizerLatency = "$context.authorizer.latency"
      principalId       = "$context.authorizer.principalId"
      reason            = "$context.authorizer.reason"
      latency           = "$context.responseLatency"
    })
  }
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/aws/apigateway/${local.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_permission" "api_may_invoke" {
  function_name = aws_lambda_function.authorizer.function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/authorizers/*"
}
