"""A service under CodeDeploy behind a load balancer of either kind, and its deployments as users make them."""

import json

from conftest import until

TERMINATE = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 1}
ON = {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}


class BlueGreen:
    """Cluster default; service, application, deployment group and target groups are called by one name. `network`: a
    network load balancer, else an application load balancer."""

    def __init__(self, server, name, port, network=True, test_port=None, desired=2, ready=None, terminate=None, **group):
        self.server, self.name, self.port, self.network, self.test_port = server, name, port, network, test_port
        self.ecs, self.elb, self.deploy = (server.client(s) for s in ("ecs", "elbv2", "codedeploy"))
        self._balance()
        self.ecs.create_service(
            cluster="default", serviceName=name, taskDefinition=self.register("blue"), desiredCount=desired,
            launchType="FARGATE", deploymentController={"type": "CODE_DEPLOY"}, networkConfiguration=self.configuration,
            loadBalancers=[{"targetGroupArn": self.groups["blue"], "containerName": "test-nginx", "containerPort": 80}])
        role = server.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                    "Principal": {"Service": "codedeploy.amazonaws.com"}}]}))["Role"]["Arn"]
        self.deploy.create_application(applicationName=name, computePlatform="ECS")
        pair = {"targetGroups": [{"name": f"{name}-blue"}, {"name": f"{name}-green"}],
                "prodTrafficRoute": {"listenerArns": [self.listener]}}
        if test_port:
            pair["testTrafficRoute"] = {"listenerArns": [self.test_listener]}
        self.deploy.create_deployment_group(**{
            "applicationName": name, "deploymentGroupName": name, "serviceRoleArn": role,
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            "blueGreenDeploymentConfiguration": {"deploymentReadyOption": ready or ON,
                                                 "terminateBlueInstancesOnDeploymentSuccess": terminate or TERMINATE},
            "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
            "ecsServices": [{"clusterName": "default", "serviceName": name}],
            "loadBalancerInfo": {"targetGroupPairInfoList": [pair]}, **group})
        until("blue is steady", lambda: self.described()["taskSets"][0]["stabilityStatus"] == "STEADY_STATE", 180)

    def _balance(self):
        self.configuration = self.server.network(tuple({80, self.port, self.test_port or self.port}))
        vpc_configuration = self.configuration["awsvpcConfiguration"]
        subnets = self.server.client("ec2").describe_subnets(
            Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"][:2]
        vpc_configuration["subnets"] = [s["SubnetId"] for s in subnets]
        security = {} if self.network else {"SecurityGroups": vpc_configuration["securityGroups"]}
        balancer = self.elb.create_load_balancer(
            Name=self.name, Type="network" if self.network else "application", Subnets=vpc_configuration["subnets"],
            **security)["LoadBalancers"][0]
        self.arn, self.dns = balancer["LoadBalancerArn"], balancer["DNSName"]
        protocol = "TCP" if self.network else "HTTP"
        self.groups = {}
        for word in ("blue", "green"):
            self.groups[word] = self.elb.create_target_group(
                Name=f"{self.name}-{word}", Protocol=protocol, Port=80, VpcId=subnets[0]["VpcId"], TargetType="ip",
                HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2,
                UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
            self.elb.modify_target_group_attributes(TargetGroupArn=self.groups[word], Attributes=[
                {"Key": "deregistration_delay.timeout_seconds", "Value": "5"}])

        def listen(port):
            return self.elb.create_listener(
                LoadBalancerArn=self.arn, Protocol=protocol, Port=port,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": self.groups["blue"]}])["Listeners"][0]["ListenerArn"]
        self.listener = listen(self.port)
        self.test_listener = listen(self.test_port) if self.test_port else None

    def definition(self, word, image="nginx:latest"):
        """As a task definition file for `aws ecs deploy`."""
        return {
            "family": self.name, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
            "containerDefinitions": [{
                "name": "test-nginx", "image": image, "essential": True, "entryPoint": ["sh", "-c"], "stopTimeout": 2,
                "command": [f"echo {word} > /usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'"],
                "portMappings": [{"hostPort": 80, "protocol": "tcp", "containerPort": 80}]}]}

    def register(self, word, **more):
        return self.ecs.register_task_definition(**self.definition(word, **more))["taskDefinition"]["taskDefinitionArn"]

    def described(self):
        return self.ecs.describe_services(cluster="default", services=[self.name])["services"][0]

    def health(self, word):
        answer = self.elb.describe_target_health(TargetGroupArn=self.groups[word])
        return sorted(t["TargetHealth"]["State"] for t in answer["TargetHealthDescriptions"])

    def weights(self, listener=None):
        """{"blue": 100, "green": 0}; a group that the listener does not name is left out."""
        found = self.elb.describe_listeners(ListenerArns=[listener or self.listener])["Listeners"][0]
        words = {arn: word for word, arn in self.groups.items()}
        return {words[g["TargetGroupArn"]]: g["Weight"] for g in found["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]}

    def ecs_deploy(self, word):
        """By `aws ecs deploy`, with files as its users have them; returns what it printed."""
        definition, spec = (self.server.data_dir / f"{self.name}.{what}" for what in ("json", "yaml"))
        definition.write_text(json.dumps(self.definition(word)))
        spec.write_text(APP_SPEC)
        return self.server.aws(
            "ecs", "deploy", "--cluster", "default", "--service", self.name, "--task-definition", str(definition),
            "--codedeploy-appspec", str(spec), "--codedeploy-application", self.name, "--codedeploy-deployment-group",
            self.name).stdout

    def start(self, definition_arn, hooks=(), **more):
        """The id of a new deployment."""
        spec = {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": definition_arn, "LoadBalancerInfo": {"ContainerName": "test-nginx", "ContainerPort": 80}}}}]}
        if hooks:
            spec["Hooks"] = [{event: function} for event, function in hooks]
        return self.deploy.create_deployment(
            applicationName=self.name, deploymentGroupName=self.name,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}},
            **more)["deploymentId"]

    def deployment(self, id):
        return self.deploy.get_deployment(deploymentId=id)["deploymentInfo"]

    def target(self, id):
        return self.deploy.get_deployment_target(
            deploymentId=id, targetId=f"default:{self.name}")["deploymentTarget"]["ecsTarget"]

    def events(self, id):
        return {e["lifecycleEventName"]: e["status"] for e in self.target(id)["lifecycleEvents"]}

    def wait(self, id, status, seconds=240):
        def reached():
            now = self.deployment(id)
            return now if now["status"] == status else None
        return self._until(id, f"it is {status}", reached, seconds)

    def wait_event(self, id, event, status="Succeeded", seconds=240):
        return self._until(id, f"{event} is {status}", lambda: self.events(id).get(event) == status, seconds)

    def _until(self, id, what, condition, seconds):
        try:
            return until(what, condition, seconds)
        except AssertionError as late:
            now = self.deployment(id)
            raise AssertionError("\n".join(map(str, [
                late, now["status"], now.get("errorInformation"), self.events(id), self.weights(),
                {word: self.health(word) for word in self.groups}, self.described()["taskSets"],
                [e["message"] for e in self.described()["events"]][:10], self.server.log_tail()]))) from None

    def delete(self):
        self.deploy.delete_application(applicationName=self.name)
        self.server.client("iam").delete_role(RoleName=self.name)
        self.ecs.delete_service(cluster="default", service=self.name, force=True)
        until("its tasks are gone", lambda: self.described()["status"] == "INACTIVE", 120)
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)
        for group in self.groups.values():
            self.elb.delete_target_group(TargetGroupArn=group)


APP_SPEC = """version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: <TASK_DEFINITION>
        LoadBalancerInfo:
          ContainerName: "test-nginx"
          ContainerPort: 80
"""
