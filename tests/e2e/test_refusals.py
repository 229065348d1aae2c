"""What services and load balancers cannot be: each refused with AWS's error, and nothing half-done left behind."""

import subprocess

import botocore.exceptions
import pytest

PORT = 8095


def key_pair(folder, name):
    files = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}.example", "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
    return [file.read_bytes() for file in files]


class Shop:
    """One of everything that a request can collide with."""

    def __init__(self, server, folder):
        self.elb, self.ecs, self.ec2 = server.client("elbv2"), server.client("ecs"), server.client("ec2")
        self.acm, self.iam = server.client("acm"), server.client("iam")
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        self.subnets = [s["SubnetId"] for s in subnets[:2]]
        self.vpc = subnets[0]["VpcId"]
        self.other_vpc = self.ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        self.security_group = self.ec2.create_security_group(GroupName="shop", Description="shop", VpcId=self.vpc)["GroupId"]
        self.many_groups = [self.ec2.create_security_group(GroupName=f"shop-{i}", Description="shop",
                                                           VpcId=self.vpc)["GroupId"] for i in range(6)]
        self.net = self.balancer("shop-net", "network")
        self.second = self.balancer("shop-second", "network")
        self.app = self.balancer("shop-app", "application", SecurityGroups=[self.security_group])
        self.tcp = self.group("shop-tcp", "TCP")
        self.http = self.group("shop-http", "HTTP")
        self.lone = self.group("shop-lone", "TCP")
        self.far = self.group("shop-far", "TCP", vpc=self.other_vpc)
        self.instances = self.group("shop-instances", "TCP", kind="instance")
        self.key, self.certificate = key_pair(folder, "shop")
        self.other_key, _ = key_pair(folder, "other")
        self.certificate_arn = self.acm.import_certificate(Certificate=self.certificate, PrivateKey=self.key)["CertificateArn"]
        self.listener = self.listen(self.net, "TCP", PORT, self.tcp)
        self.instances_listener = self.listen(self.net, "TCP", PORT + 1, self.instances)
        self.web = self.listen(self.app, "HTTPS", PORT, self.http, Certificates=[{"CertificateArn": self.certificate_arn}])
        self.rule = self.elb.create_rule(**self.rule_of(10))["Rules"][0]["RuleArn"]
        definition = server.register("shop", [{
            "name": "web", "image": "nginx:latest", "portMappings": [{"containerPort": 80, "protocol": "tcp"}]}])
        self.definition = definition["taskDefinitionArn"]
        self.ecs.create_service(**self.service("shop", self.tcp))

    def balancer(self, name, kind, **more):
        return self.elb.create_load_balancer(Name=name, Type=kind, Subnets=self.subnets,
                                             **more)["LoadBalancers"][0]["LoadBalancerArn"]

    def group(self, name, protocol, vpc=None, kind="ip"):
        return self.elb.create_target_group(Name=name, Protocol=protocol, Port=80, VpcId=vpc or self.vpc,
                                            TargetType=kind)["TargetGroups"][0]["TargetGroupArn"]

    def listener_of(self, balancer, protocol, port, group, **more):
        return {"LoadBalancerArn": balancer, "Protocol": protocol, "Port": port,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}], **more}

    def listen(self, *words, **more):
        return self.elb.create_listener(**self.listener_of(*words, **more))["Listeners"][0]["ListenerArn"]

    def rule_of(self, priority):
        return {"ListenerArn": self.web, "Priority": priority,
                "Conditions": [{"Field": "path-pattern", "Values": [f"/{priority}"]}],
                "Actions": [{"Type": "forward", "TargetGroupArn": self.http}]}

    def service(self, name, group, container="web", port=80, **more):
        return {"serviceName": name, "taskDefinition": self.definition, "desiredCount": 0, "launchType": "FARGATE",
                "networkConfiguration": {"awsvpcConfiguration": {"subnets": self.subnets,
                                                                 "securityGroups": [self.security_group]}},
                "loadBalancers": [{"targetGroupArn": group, "containerName": container, "containerPort": port}], **more}

    def delete_scaled(self):
        self.ecs.update_service(service="shop", desiredCount=1)
        try:
            self.ecs.delete_service(service="shop")
        finally:
            self.ecs.update_service(service="shop", desiredCount=0)

    def state(self):
        """What a refusal must leave as it is."""
        return [self.ecs.list_services(cluster="default")["serviceArns"],
                sorted(b["LoadBalancerArn"] for b in self.elb.describe_load_balancers()["LoadBalancers"]),
                sorted(g["TargetGroupArn"] for g in self.elb.describe_target_groups()["TargetGroups"]),
                self.elb.describe_listeners(LoadBalancerArn=self.net)["Listeners"],
                self.elb.describe_rules(ListenerArn=self.web)["Rules"],
                self.acm.list_certificates()["CertificateSummaryList"],
                self.iam.list_server_certificates()["ServerCertificateMetadataList"],
                [e["NetworkInterfaceId"] for e in self.ec2.describe_network_interfaces()["NetworkInterfaces"]
                 if e["Description"].startswith("ELB ")]]

    def close(self):
        self.ecs.delete_service(cluster="default", service="shop", force=True)
        for balancer in (self.net, self.second, self.app):
            self.elb.delete_load_balancer(LoadBalancerArn=balancer)
        for group in (self.tcp, self.http, self.lone, self.far, self.instances):
            self.elb.delete_target_group(TargetGroupArn=group)
        self.acm.delete_certificate(CertificateArn=self.certificate_arn)
        for group in [self.security_group, *self.many_groups]:
            self.ec2.delete_security_group(GroupId=group)
        self.ec2.delete_vpc(VpcId=self.other_vpc)


@pytest.fixture(scope="module")
def shop(server, tmp_path_factory):
    shop = Shop(server, tmp_path_factory.mktemp("keys"))
    yield shop
    shop.close()


INVALID = "InvalidParameterException"

CASES = {
    "a container that is not in the task definition": (
        lambda s: s.ecs.create_service(**s.service("bad", s.tcp, container="db")),
        INVALID, "The container db does not exist in the task definition."),
    "a port that is not in the task definition": (
        lambda s: s.ecs.create_service(**s.service("bad", s.tcp, port=81)),
        INVALID, "The container web did not have a container port 81 defined."),
    "a target group of another VPC": (
        lambda s: s.ecs.create_service(**s.service("bad", s.far)), INVALID, "VPC"),
    "a target group of another type": (
        lambda s: s.ecs.create_service(**s.service("bad", s.instances)),
        INVALID, "has target type instance, which is incompatible with the awsvpc network mode"),
    "a target group without a load balancer": (
        lambda s: s.ecs.create_service(**s.service("bad", s.lone)),
        INVALID, "does not have an associated load balancer."),
    "a target group that does not exist": (
        lambda s: s.ecs.create_service(**s.service("bad", s.tcp + "0")), INVALID, "does not exist"),
    "exec without a task role": (
        lambda s: s.ecs.create_service(**s.service("bad", s.tcp, enableExecuteCommand=True)),
        INVALID, "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in "
        "your task definition and try again."),
    "a service that is there already": (
        lambda s: s.ecs.create_service(**{**s.service("shop", s.tcp), "desiredCount": 5}),
        INVALID, "Creation of service was not idempotent."),
    "a service that has tasks to run, without force": (
        lambda s: s.delete_scaled(), INVALID, "scaled above 0."),
    "an update of a service that is not there": (
        lambda s: s.ecs.update_service(service="none", desiredCount=1), "ServiceNotFoundException", "Service not found."),
    "a listener whose port is taken": (
        lambda s: s.elb.create_listener(**s.listener_of(s.net, "TCP", PORT, s.lone)),
        "DuplicateListener", "A listener already exists on this port for this load balancer"),
    "a listener of another protocol than its group": (
        lambda s: s.elb.create_listener(**s.listener_of(s.net, "TCP", PORT + 2, s.http)), "IncompatibleProtocols", ""),
    "a group of another VPC than the balancer": (
        lambda s: s.elb.create_listener(**s.listener_of(s.net, "TCP", PORT + 2, s.far)), "InvalidConfigurationRequest", "VPC"),
    "a group that another balancer has": (
        lambda s: s.elb.create_listener(**s.listener_of(s.second, "TCP", PORT, s.tcp)),
        "TargetGroupAssociationLimit", "cannot be associated with more than one load balancer"),
    "a priority that is taken": (
        lambda s: s.elb.create_rule(**s.rule_of(10)), "PriorityInUse", "Priority '10' is currently in use"),
    "a target group in use": (
        lambda s: s.elb.delete_target_group(TargetGroupArn=s.tcp),
        "ResourceInUse", "is currently in use by a listener or a rule"),
    "a certificate in use": (
        lambda s: s.acm.delete_certificate(CertificateArn=s.certificate_arn), "ResourceInUseException", ""),
    "a security group in use": (
        lambda s: s.ec2.delete_security_group(GroupId=s.security_group), "DependencyViolation", ""),
    "a subnet in use": (
        lambda s: s.ec2.delete_subnet(SubnetId=s.subnets[0]), "DependencyViolation", ""),
    "the default rule": (
        lambda s: s.elb.delete_rule(RuleArn=next(
            r for r in s.elb.describe_rules(ListenerArn=s.web)["Rules"] if r["IsDefault"])["RuleArn"]),
        "OperationNotPermitted", ""),
    "a certificate whose key is another's, imported": (
        lambda s: s.acm.import_certificate(Certificate=s.certificate, PrivateKey=s.other_key), "ValidationException", "private key"),
    "a certificate whose key is another's, uploaded": (
        lambda s: s.iam.upload_server_certificate(ServerCertificateName="bad", CertificateBody=s.certificate.decode(),
                                                  PrivateKey=s.other_key.decode()), "KeyPairMismatch", ""),
    "a name that another balancer has": (
        lambda s: s.elb.create_load_balancer(Name="shop-net", Type="network", Subnets=s.subnets[:1]),
        "DuplicateLoadBalancerName", "A load balancer with the same name 'shop-net' exists, but with different settings"),
    "a name that another group has": (
        lambda s: s.group("shop-tcp", "UDP"), "DuplicateTargetGroupName", ""),
    "more groups in an action than the quota": (
        lambda s: s.elb.create_listener(LoadBalancerArn=s.net, Protocol="TCP", Port=PORT + 2, DefaultActions=[{
            "Type": "forward", "ForwardConfig": {"TargetGroups": [
                {"TargetGroupArn": f"{s.tcp[:-1]}{i}", "Weight": 1} for i in range(6)]}}]), "TooManyTargetGroups", ""),
    "more security groups than the quota": (
        lambda s: s.elb.set_security_groups(LoadBalancerArn=s.app, SecurityGroups=s.many_groups),
        "InvalidConfigurationRequest", ""),
    "more tags than the quota": (
        lambda s: s.elb.add_tags(ResourceArns=[s.net], Tags=[{"Key": f"k{i}", "Value": ""} for i in range(51)]),
        "TooManyTags", ""),
    "a target outside the VPC": (
        lambda s: s.elb.register_targets(TargetGroupArn=s.lone, Targets=[{"Id": "8.8.8.8"}]),
        "ValidationError", "must be within the VPC"),
}


@pytest.mark.parametrize("what", CASES)
def test_is_refused_as_aws_does(shop, what):
    call, code, message = CASES[what]
    before = shop.state()
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(shop)
    error = refused.value.response["Error"]
    assert (error["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 400), error
    assert message in error["Message"]
    assert shop.state() == before


def test_more_targets_than_the_quota(shop):
    targets = [{"Id": f"172.31.{i // 250}.{4 + i % 250}"} for i in range(1001)]
    for begin in range(0, 1000, 100):
        shop.elb.register_targets(TargetGroupArn=shop.lone, Targets=targets[begin:begin + 100])
    with pytest.raises(shop.elb.exceptions.TooManyTargetsException):
        shop.elb.register_targets(TargetGroupArn=shop.lone, Targets=targets[1000:])
    assert len(shop.elb.describe_target_health(TargetGroupArn=shop.lone)["TargetHealthDescriptions"]) == 1000


def test_more_balancers_than_the_quota(shop):
    # The last refusal of this file: it fills what the others count.
    made = []
    try:
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            for i in range(51):
                made.append(shop.elb.create_load_balancer(Name=f"many-{i}", Type="network", Scheme="internal",
                                                          Subnets=shop.subnets[:1])["LoadBalancers"][0]["LoadBalancerArn"])
        assert refused.value.response["Error"]["Code"] == "TooManyLoadBalancers"
        assert len(shop.elb.describe_load_balancers()["LoadBalancers"]) >= 51
    finally:
        for arn in made:
            shop.elb.delete_load_balancer(LoadBalancerArn=arn)
