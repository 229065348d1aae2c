# Load balancers as production stacks write them, many arguments not at their defaults: what the server does not give back as it
# was sent shows as drift in the second plan.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "step" {
  type    = number
  default = 1
}

provider "aws" {
  default_tags {
    tags = { Stack = "balancers" }
  }
}

data "aws_vpc" "default" { default = true }

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_security_group" "web" {
  name   = "balancers-web"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "net" {
  name               = "balancers-net"
  load_balancer_type = "network"
  subnets            = data.aws_subnets.default.ids
}

resource "aws_lb" "app" {
  name                       = "balancers-app"
  internal                   = true
  security_groups            = [aws_security_group.web.id]
  subnets                    = slice(sort(data.aws_subnets.default.ids), 0, 2)
  idle_timeout               = 60 * var.step
  drop_invalid_header_fields = true
}

resource "aws_lb_target_group" "tcp" {
  count                = 2
  name                 = "balancers-tcp-${count.index}"
  port                 = 80
  protocol             = "TCP"
  target_type          = "ip"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
  health_check {
    protocol            = "TCP"
    interval            = 10
    healthy_threshold   = 2 + var.step
    unhealthy_threshold = 2
  }
}

resource "aws_lb_target_group" "udp" {
  name        = "balancers-udp"
  port        = 53
  protocol    = "UDP"
  target_type = "ip"
  vpc_id      = data.aws_vpc.default.id
  health_check {
    protocol = "HTTP"
    path     = "/up"
    port     = "8080"
    matcher  = "200-299"
  }
}

resource "aws_lb_target_group" "http" {
  count                         = 2
  name                          = "balancers-http-${count.index}"
  port                          = 8080
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = data.aws_vpc.default.id
  load_balancing_algorithm_type = "least_outstanding_requests"
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 3600
  }
  health_check {
    path     = "/health"
    matcher  = "200,302"
    interval = 6
    timeout  = 3
  }
}

resource "aws_lb_target_group_attachment" "one" {
  target_group_arn = aws_lb_target_group.tcp[0].arn
  target_id        = "172.31.0.77"
  port             = 81
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.net.arn
  port              = 8081
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tcp[var.step - 1].arn
  }
}

resource "aws_lb_listener" "udp" {
  load_balancer_arn = aws_lb.net.arn
  port              = 53
  protocol          = "UDP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.udp.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.app.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "8080"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.app.arn
  port              = 8080
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.http[0].arn
        weight = 90
      }
      target_group {
        arn    = aws_lb_target_group.http[1].arn
        weight = 10 * var.step
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
}

resource "aws_lb_listener_rule" "fixed" {
  listener_arn = aws_lb_listener.http.arn
  priority     = 10 * var.step
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "teapot & <co>"
      status_code  = "418"
    }
  }
  condition {
    path_pattern { values = ["/tea/*", "/coffee/*"] }
  }
  condition {
    host_header { values = ["*.example.com"] }
  }
  tags = { Name = "tea" }
}

resource "aws_lb_listener_rule" "forward" {
  listener_arn = aws_lb_listener.http.arn
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.http[1].arn
  }
  condition {
    http_header {
      http_header_name = "X-Canary"
      values           = ["yes"]
    }
  }
  condition {
    query_string {
      key   = "v"
      value = "2"
    }
  }
  condition {
    source_ip { values = ["10.0.0.0/8"] }
  }
  condition {
    http_request_method { values = ["GET"] }
  }
}
