# Rules as users write them: what the server does not give back as it was sent shows as drift.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "subnet" { type = string }
variable "definition" { type = string }
variable "cluster" { type = string }
variable "role" { type = string }

provider "aws" {
  default_tags {
    tags = { Stack = "events" }
  }
}

resource "aws_cloudwatch_log_group" "events" {
  name = "/aws/events/terraform"
}

resource "aws_cloudwatch_event_rule" "nightly" {
  name                = "terraform-nightly"
  description         = "every night"
  schedule_expression = "cron(0 3 * * ? *)"
  state               = "DISABLED"
}

resource "aws_cloudwatch_event_target" "task" {
  rule      = aws_cloudwatch_event_rule.nightly.name
  target_id = "task"
  arn       = var.cluster
  role_arn  = var.role
  input     = jsonencode({ containerOverrides = [{ name = "main", command = ["true"] }] })

  ecs_target {
    task_definition_arn     = var.definition
    task_count              = 2
    launch_type             = "FARGATE"
    platform_version        = "LATEST"
    group                   = "nightly"
    propagate_tags          = "TASK_DEFINITION"
    enable_ecs_managed_tags = true
    tags                    = { k = "v" }
    network_configuration {
      subnets          = [var.subnet]
      assign_public_ip = false
    }
  }

  retry_policy {
    maximum_event_age_in_seconds = 120
    maximum_retry_attempts       = 3
  }
}

resource "aws_cloudwatch_event_rule" "stops" {
  name          = "terraform-stops"
  event_pattern = jsonencode({ source = ["aws.ecs"], detail = { lastStatus = ["STOPPED"] } })
}

resource "aws_cloudwatch_event_target" "log" {
  rule = aws_cloudwatch_event_rule.stops.name
  arn  = aws_cloudwatch_log_group.events.arn
  input_transformer {
    input_paths    = { task = "$.detail.taskArn", time = "$.time" }
    input_template = "{\"timestamp\": <time>, \"message\": <task>}"
  }
}

resource "aws_cloudwatch_event_bus" "own" {
  name = "terraform-own"
}
