# What scales a service: target, policies of both types, scheduled actions, alarms. The service runs no task. Arguments as users write
# them, many of them not at their defaults.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "step" {
  type    = number
  default = 1
}

provider "aws" {}

data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
data "aws_iam_role" "scaling" { name = "AWSServiceRoleForApplicationAutoScaling_ECSService" }

resource "aws_ecs_cluster" "main" { name = "scaling" }

resource "aws_ecs_task_definition" "app" {
  family                   = "scaling"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions    = jsonencode([{ name = "app", image = "busybox:latest" }])
}

resource "aws_ecs_service" "app" {
  count           = 2
  name            = "app-${count.index}"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.app.arn
  desired_count   = 0
  launch_type     = "FARGATE"
  network_configuration { subnets = data.aws_subnets.default.ids }
  lifecycle { ignore_changes = [desired_count] }
}

# One as the article writes it, one with everything.
resource "aws_appautoscaling_target" "app" {
  count              = 2
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.app[count.index].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  role_arn           = count.index == 0 ? data.aws_iam_role.scaling.arn : null
  min_capacity       = 0
  max_capacity       = var.step == 1 ? 12 : 10
  tags               = count.index == 0 ? {} : { Step = var.step }

  dynamic "suspended_state" {
    for_each = count.index == 0 ? [] : [var.step]
    content {
      dynamic_scaling_in_suspended = suspended_state.value == 1
      scheduled_scaling_suspended  = true
    }
  }
}

locals {
  of = [for target in aws_appautoscaling_target.app : {
    namespace = target.service_namespace, id = target.resource_id, dimension = target.scalable_dimension
  }]
}

resource "aws_appautoscaling_policy" "up" {
  name               = "scale_up"
  service_namespace  = local.of[0].namespace
  resource_id        = local.of[0].id
  scalable_dimension = local.of[0].dimension
  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = var.step == 1 ? 600 : 300
    metric_aggregation_type = "Average"
    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }
}

resource "aws_appautoscaling_policy" "percent" {
  name               = "percent"
  policy_type        = "StepScaling"
  service_namespace  = local.of[0].namespace
  resource_id        = local.of[0].id
  scalable_dimension = local.of[0].dimension
  step_scaling_policy_configuration {
    adjustment_type          = "PercentChangeInCapacity"
    min_adjustment_magnitude = 2
    step_adjustment {
      metric_interval_upper_bound = -2.5
      scaling_adjustment          = -30
    }
    step_adjustment {
      metric_interval_lower_bound = -2.5
      metric_interval_upper_bound = 0
      scaling_adjustment          = -10
    }
  }
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.of[1].namespace
  resource_id        = local.of[1].id
  scalable_dimension = local.of[1].dimension
  target_tracking_scaling_policy_configuration {
    target_value       = var.step == 1 ? 75 : 60
    scale_in_cooldown  = var.step == 1 ? 120 : null
    scale_out_cooldown = 30
    predefined_metric_specification { predefined_metric_type = "ECSServiceAverageCPUUtilization" }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  name               = "requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.of[1].namespace
  resource_id        = local.of[1].id
  scalable_dimension = local.of[1].dimension
  target_tracking_scaling_policy_configuration {
    target_value     = 1000
    disable_scale_in = true
    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "app/balancer/0123456789abcdef/targetgroup/group/fedcba9876543210"
    }
  }
}

resource "aws_appautoscaling_policy" "queue" {
  name               = "queue"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.of[1].namespace
  resource_id        = local.of[1].id
  scalable_dimension = local.of[1].dimension
  target_tracking_scaling_policy_configuration {
    target_value = 2.5
    customized_metric_specification {
      metrics {
        id          = "e1"
        label       = "backlog per task"
        expression  = "m1 / m2"
        return_data = true
      }
      metrics {
        id          = "m1"
        return_data = false
        metric_stat {
          stat = "Sum"
          metric {
            metric_name = "Queued"
            namespace   = "App"
            dimensions {
              name  = "Queue"
              value = "q"
            }
          }
        }
      }
      metrics {
        id          = "m2"
        return_data = false
        metric_stat {
          stat = "Average"
          metric {
            metric_name = "RunningTaskCount"
            namespace   = "ECS/ContainerInsights"
          }
        }
      }
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "morning" {
  name               = "morning"
  service_namespace  = local.of[1].namespace
  resource_id        = local.of[1].id
  scalable_dimension = local.of[1].dimension
  schedule           = "cron(0 ${var.step == 1 ? 8 : 9} ? * MON-FRI *)"
  timezone           = "Asia/Tokyo"
  start_time         = "2100-01-01T00:00:00Z"
  end_time           = "2101-01-01T00:00:00Z"
  scalable_target_action {
    min_capacity = 1
    max_capacity = 4
  }
}

resource "aws_appautoscaling_scheduled_action" "hourly" {
  name               = "hourly"
  service_namespace  = local.of[1].namespace
  resource_id        = local.of[1].id
  scalable_dimension = local.of[1].dimension
  schedule           = "rate(1 hour)"
  scalable_target_action { min_capacity = 0 }
}

resource "aws_cloudwatch_metric_alarm" "cpu_high" {
  alarm_name          = "scaling-cpu-high"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = "2"
  metric_name         = "CPUUtilization"
  namespace           = "AWS/ECS"
  period              = "60"
  statistic           = "Average"
  threshold           = var.step == 1 ? "60" : "70"
  dimensions = {
    ClusterName = aws_ecs_cluster.main.name
    ServiceName = aws_ecs_service.app[0].name
  }
  alarm_actions = [aws_appautoscaling_policy.up.arn]
  tags          = { Step = var.step }
}

resource "aws_cloudwatch_metric_alarm" "ratio" {
  alarm_name          = "scaling-ratio"
  alarm_description   = "by an expression"
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 0.5
  treat_missing_data  = "notBreaching"
  actions_enabled     = false
  metric_query {
    id          = "e"
    expression  = "m * 2"
    return_data = true
  }
  metric_query {
    id = "m"
    metric {
      metric_name = "M"
      namespace   = "App"
      period      = 120
      stat        = "p90"
    }
  }
}
