# What a service stands on: network, groups, logs, roles, cluster, task definition. Arguments as users write them, many of
# them not at their defaults: what the server does not give back as it was sent shows as drift in the second plan.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "cidr" {
  type    = string
  default = "10.77.0.0/16"
}

variable "image" {
  type    = string
  default = "busybox:latest"
}

provider "aws" {
  default_tags {
    tags = { Stack = "foundation", Owner = "téam a+b @ example.test" }
  }
}

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_availability_zones" "available" { state = "available" }

data "aws_vpc" "default" { default = true }

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_vpc" "main" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = { Name = "foundation <&\"'>" }
}

resource "aws_subnet" "public" {
  count                   = 2
  vpc_id                  = aws_vpc.main.id
  cidr_block              = cidrsubnet(var.cidr, 8, count.index)
  availability_zone       = data.aws_availability_zones.available.names[count.index]
  map_public_ip_on_launch = true
  tags                    = { Name = "public-${count.index}" }
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(var.cidr, 8, 10 + count.index)
  availability_zone = data.aws_availability_zones.available.names[count.index]
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
  tags = { Name = "public" }
}

resource "aws_route_table_association" "public" {
  count          = 2
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "private_out" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "192.0.2.0/24"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_main_route_table_association" "main" {
  vpc_id         = aws_vpc.main.id
  route_table_id = aws_route_table.private.id
}

resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "front" {
  name        = "front"
  description = "from anywhere"
  vpc_id      = aws_vpc.main.id
  ingress {
    description = "web"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
  }
  ingress {
    from_port = 8000
    to_port   = 8100
    protocol  = "tcp"
    self      = true
  }
  ingress {
    from_port   = -1
    to_port     = -1
    protocol    = "icmp"
    cidr_blocks = [var.cidr]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "task" {
  name_prefix = "task-"
  vpc_id      = aws_vpc.main.id
  lifecycle { create_before_destroy = true }
}

resource "aws_vpc_security_group_ingress_rule" "from_front" {
  security_group_id            = aws_security_group.task.id
  referenced_security_group_id = aws_security_group.front.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  description                  = "from the front"
  tags                         = { Name = "rule" }
}

resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.task.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_security_group_rule" "dns" {
  type              = "egress"
  security_group_id = aws_security_group.task.id
  protocol          = "udp"
  from_port         = 53
  to_port           = 53
  cidr_blocks       = ["10.0.0.2/32"]
  description       = "names"
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/ecs/foundation"
  retention_in_days = 14
  tags              = { Kind = "logs" }
}

resource "aws_cloudwatch_log_group" "forever" {
  name_prefix = "forever-"
}

resource "aws_cloudwatch_log_stream" "one" {
  name           = "one"
  log_group_name = aws_cloudwatch_log_group.forever.name
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}

resource "aws_iam_role" "execution" {
  name                 = "foundation-execution"
  path                 = "/service/"
  description          = "pulls and logs"
  assume_role_policy   = data.aws_iam_policy_document.tasks.json
  max_session_duration = 7200
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role" "task" {
  name_prefix        = "foundation-"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "task" {
  name = "logs"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:PutLogEvents"], Resource = "*" }]
  })
}

resource "aws_iam_policy" "own" {
  name        = "foundation-own"
  description = "own"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecs:*", Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.task.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_ecs_cluster" "main" {
  name = "foundation"
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
  configuration {
    execute_command_configuration {
      logging = "OVERRIDE"
      log_configuration {
        cloud_watch_log_group_name = aws_cloudwatch_log_group.app.name
      }
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "main" {
  cluster_name       = aws_ecs_cluster.main.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 100
  }
}

resource "aws_ecs_task_definition" "app" {
  family                   = "foundation"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
  ephemeral_storage { size_in_gib = 21 }
  volume { name = "shared" }
  container_definitions = jsonencode([
    {
      name         = "app"
      image        = var.image
      essential    = true
      cpu          = 128
      memory       = 256
      command      = ["sh", "-c", "echo hello; exec httpd -f -p 8080 -h /tmp"]
      portMappings = [{ containerPort = 8080, hostPort = 8080, protocol = "tcp", name = "web", appProtocol = "http" }]
      environment  = [{ name = "B", value = "2" }, { name = "A", value = "1" }]
      mountPoints  = [{ sourceVolume = "shared", containerPath = "/shared", readOnly = false }]
      ulimits      = [{ name = "nofile", softLimit = 1024, hardLimit = 2048 }]
      linuxParameters = { initProcessEnabled = true }
      dependsOn    = [{ containerName = "init", condition = "SUCCESS" }]
      healthCheck  = { command = ["CMD-SHELL", "true"], interval = 10, timeout = 3, retries = 2, startPeriod = 5 }
      stopTimeout  = 5
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.app.name
          awslogs-region        = data.aws_region.here.name
          awslogs-stream-prefix = "app"
        }
      }
    },
    { name = "init", image = var.image, essential = false, command = ["true"] },
  ])
}

output "run" {
  value = {
    cluster    = aws_ecs_cluster.main.name
    definition = aws_ecs_task_definition.app.arn
    subnet     = aws_subnet.public[0].id
    group      = aws_security_group.front.id
    vpc        = aws_vpc.main.id
    defaults   = length(data.aws_subnets.default.ids)
  }
}
