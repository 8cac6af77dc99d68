# The first three are those of `STAGE.tfvars.json`, which config-gen writes.
variable "stage" {
  type = string
  validation {
    condition     = can(regex("^[a-z0-9-]{1,10}$", var.stage))
    error_message = "The stage is a part of names: at most 10 lower-case letters, digits and hyphens."
  }
}

variable "environment" {
  type = map(string)
}

variable "deployment" {
  type = object({
    project       = string
    region        = string
    gateway       = object({ identity_source = string, ttl_secs = number })
    queue         = optional(object({ delay_secs = number, batch_window_secs = number }))
    authorizer    = object({ memory_mb = number, timeout_secs = number })
    authrep_async = object({ memory_mb = number, timeout_secs = number })
  })
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,25}$", var.deployment.project))
    error_message = "The project is a part of names: at most 26 lower-case letters, digits and hyphens."
  }
  validation {
    condition     = var.deployment.gateway.ttl_secs == 0
    error_message = "API Gateway must ask for each call: set deployment.gateway.ttl_secs to 0."
  }
}

variable "packages" {
  description = "The folder with authorizer.zip and authrep-async.zip for arm64."
  type        = string
  default     = "../../../target/package/arm64"
}

variable "cache_node_type" {
  type    = string
  default = "cache.t4g.small"
}

variable "authorizer_reserved_concurrency" {
  description = "None is reserved at -1."
  type        = number
  default     = -1
}

variable "log_retention_days" {
  type    = number
  default = 30
}

variable "alarm_topic_arn" {
  description = "The topic that is told of alarms."
  type        = string
  default     = ""
}
