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

resource "aws_scheduler_schedule_group" "jobs" {
  name = "terraform-jobs"
}

resource "aws_scheduler_schedule" "nightly" {
  name                         = "terraform-nightly"
  group_name                   = aws_scheduler_schedule_group.jobs.name
  description                  = "every night"
  schedule_expression          = "cron(0 3 * * ? *)"
  schedule_expression_timezone = "Asia/Tokyo"
  start_date                   = "2099-01-01T00:00:00Z"
  end_date                     = "2100-01-01T00:00:00Z"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = var.cluster
    role_arn = var.role
    input    = jsonencode({ containerOverrides = [{ name = "main", command = ["true"] }] })

    ecs_parameters {
      task_definition_arn     = var.definition
      task_count              = 2
      launch_type             = "FARGATE"
      enable_ecs_managed_tags = true
      tags                    = { k = "v" }
      network_configuration {
        subnets          = [var.subnet]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 10
    }
  }
}

resource "aws_scheduler_schedule" "once" {
  name                = "terraform-once"
  schedule_expression = "at(2099-01-01T00:00:00)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_cloudwatch_event_bus.own.arn
    role_arn = var.role
    input    = jsonencode({ order = 5 })

    eventbridge_parameters {
      source      = "shop"
      detail_type = "close"
    }
  }
}
