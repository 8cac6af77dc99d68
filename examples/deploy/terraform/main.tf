# Both functions, their cache, topic and queue, and a sample API behind the authorizer.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}

provider "aws" {
  region = var.deployment.region
}

data "aws_availability_zones" "all" {
  state = "available"
}
data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}

locals {
  name = "${var.deployment.project}-${var.stage}"
  # A stage with a queue is made for traffic.
  queued    = var.deployment.queue != null
  clustered = lookup(var.environment, "ELASTICACHE_CLUSTER", "false") == "true"
  # The region and account of ARNs.
  here      = "${var.deployment.region}:${data.aws_caller_identity.here.account_id}"
  partition = data.aws_partition.here.partition
}

output "url" {
  value = "${aws_api_gateway_stage.api.invoke_url}/greetings"
}
