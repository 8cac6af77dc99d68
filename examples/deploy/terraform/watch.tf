# The dashboard and the alarms are the same for all tools, as templates of CloudFormation.

resource "aws_cloudformation_stack" "dashboard" {
  name          = "${local.name}-dashboard"
  template_body = file("${path.module}/../cloudformation/dashboard.yaml")
  parameters    = { Project = var.deployment.project, Stage = var.stage }
}

resource "aws_cloudformation_stack" "alarms" {
  name          = "${local.name}-alarms"
  template_body = file("${path.module}/../cloudformation/alarms.yaml")
  parameters = {
    Project          = var.deployment.project
    Stage            = var.stage
    CollectDelaySecs = var.environment.COLLECT_DELAY_SECS
    AlarmTopicArn    = var.alarm_topic_arn
  }
}
