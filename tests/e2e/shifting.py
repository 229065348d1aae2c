"""A service of ECS's own deployment strategies (BLUE_GREEN, CANARY, LINEAR) behind a load balancer of either kind, and
its deployments as users make them."""

from bluegreen import BlueGreen
from conftest import until

ROLE = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"


class Shifting(BlueGreen):
    """Service and target groups are called by one name. An application load balancer's traffic comes by rules, a network
    load balancer's by listeners."""

    def __init__(self, server, name, port, network=True, test_port=None, desired=2, **configuration):
        self.server, self.name, self.port, self.network, self.test_port = server, name, port, network, test_port
        self.ecs, self.elb = server.client("ecs"), server.client("elbv2")
        self._balance()
        self.rules = {listener: self._rule(listener) for listener in (self.listener, self.test_listener) if listener}
        advanced = {"alternateTargetGroupArn": self.groups["green"], "productionListenerRule": self.rules[self.listener],
                    "roleArn": ROLE}
        if test_port:
            advanced["testListenerRule"] = self.rules[self.test_listener]
        self.balancers = [{"targetGroupArn": self.groups["blue"], "containerName": "test-nginx", "containerPort": 80,
                           "advancedConfiguration": advanced}]
        self.configuration_given = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, **configuration}
        self.ecs.create_service(
            cluster="default", serviceName=name, taskDefinition=self.register("blue"), desiredCount=desired,
            launchType="FARGATE", networkConfiguration=self.configuration, loadBalancers=self.balancers,
            deploymentConfiguration=self.configuration_given)
        self.reach("status", "SUCCESSFUL")

    def _rule(self, listener):
        if self.network:
            return listener
        return self.elb.create_rule(
            ListenerArn=listener, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": self.groups["blue"]}])["Rules"][0]["RuleArn"]

    def weights(self, listener=None):
        listener = listener or self.listener
        if self.network:
            return super().weights(listener)
        found = self.elb.describe_rules(RuleArns=[self.rules[listener]])["Rules"][0]
        words = {arn: word for word, arn in self.groups.items()}
        return {words[g["TargetGroupArn"]]: g["Weight"] for g in found["Actions"][0]["ForwardConfig"]["TargetGroups"]}

    def update(self, word, image="nginx:latest", **more):
        """UpdateService to tasks that answer with this word; the service deployment's ARN."""
        return self.ecs.update_service(
            cluster="default", service=self.name, taskDefinition=self.register(word, image=image), **more
        )["service"]["currentServiceDeployment"]

    def newest(self):
        arn = self.described()["currentServiceDeployment"]
        return self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]

    def reach(self, member, value, seconds=240):
        """Waits until the newest service deployment's `status` or `lifecycleStage` is so; the deployment."""
        def reached():
            now = self.newest()
            return now if now.get(member) == value else None
        try:
            return until(f"{member} is {value}", reached, seconds)
        except AssertionError as late:
            raise AssertionError("\n".join(map(str, [
                late, self.newest(), self.weights(), {word: self.health(word) for word in self.groups},
                [e["message"] for e in self.described()["events"]][:12], self.server.log_tail()]))) from None

    def paused(self, stage, seconds=240):
        """Waits for a PAUSE at this stage; its hook's id."""
        def hook():
            now = self.newest()
            waiting = [h for h in now.get("lifecycleHookDetails", []) if h["status"] == "AWAITING_ACTION"]
            return waiting[0]["hookId"] if now.get("lifecycleStage") == stage and waiting else None
        return until(f"a pause at {stage}", hook, seconds)

    def go_on(self, hook, **more):
        self.ecs.continue_service_deployment(
            serviceDeploymentArn=self.described()["currentServiceDeployment"], hookId=hook, **more)

    def running(self):
        """Tasks of each deployment: {"PRIMARY": 2}."""
        return {d["status"]: d["runningCount"] for d in self.described()["deployments"]}

    def delete(self):
        self.ecs.delete_service(cluster="default", service=self.name, force=True)
        until("its tasks are gone", lambda: self.described()["status"] == "INACTIVE", 120)
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)
        for group in self.groups.values():
            self.elb.delete_target_group(TargetGroupArn=group)
