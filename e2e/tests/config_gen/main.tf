variable "stage" {
  type = string
}

variable "environment" {
  type = map(string)
  validation {
    condition     = length(jsonencode(var.environment)) <= 4096
    error_message = "Lambda takes 4 KB."
  }
}

variable "deployment" {
  type = object({
    project       = string
    region        = string
    vpc           = object({ security_group_ids = list(string), subnet_ids = list(string) })
    gateway       = object({ identity_source = string, ttl_secs = number })
    queue         = optional(object({ delay_secs = number, batch_window_secs = number }))
    authorizer    = object({ memory_mb = number, timeout_secs = number })
    authrep_async = object({ memory_mb = number, timeout_secs = number })
  })
  validation {
    condition     = var.deployment.gateway.ttl_secs == 0
    error_message = "API Gateway must ask for each call."
  }
}

output "environment" {
  value = var.environment
}

output "function" {
  value = "${var.deployment.project}-${var.stage}-authorizer"
}
