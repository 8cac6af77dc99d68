# A Valkey server with a replica in another zone, or a cluster of three such pairs, and its password.

data "aws_secretsmanager_random_password" "cache" {
  password_length     = 64
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "cache" {
  name        = "${var.deployment.project}/${var.stage}/cache"
  description = "the AUTH token of the cache"
}

resource "aws_secretsmanager_secret_version" "cache" {
  secret_id     = aws_secretsmanager_secret.cache.id
  secret_string = data.aws_secretsmanager_random_password.cache.random_password
  # Each plan draws another one.
  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_elasticache_subnet_group" "this" {
  name       = local.name
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

# Uses that 3scale was not told of must not be evicted.
resource "aws_elasticache_parameter_group" "this" {
  name   = local.name
  family = "valkey8"
  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
  parameter {
    name  = "cluster-enabled"
    value = local.clustered ? "yes" : "no"
  }
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id       = local.name
  description                = "answers of 3scale, and uses to tell it"
  engine                     = "valkey"
  engine_version             = "8.0"
  node_type                  = var.cache_node_type
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [aws_security_group.cache.id]
  num_node_groups            = local.clustered ? 3 : 1
  replicas_per_node_group    = 1
  automatic_failover_enabled = true
  multi_az_enabled           = true
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  auth_token                 = aws_secretsmanager_secret_version.cache.secret_string
  # The counters of yesterday would be told a second time.
  snapshot_retention_limit = 0
}
