"""What load balancers carry is measured where it is carried: every request of a client is in the metrics, each once; policies follow."""

import datetime
import http.client

import pytest

from conftest import until
from load import Load, request
from test_application_balancer import PORT, ApplicationFront
from test_metrics import fast, now  # noqa: F401: a fixture
from test_services import Front, Service


@pytest.fixture
def fronts(fast):  # noqa: F811
    """Both services come up at the same time: that is most of what takes long."""
    server = fast
    application, network = ApplicationFront(server, "measured-app"), Front(server, "measured-net", 8095)
    services = [Service(application, "measured-app"), Service(network, "measured-net")]
    for service in services:
        service.wait_stable()
        service.wait_healthy(2)
    yield application, network
    for service in services:
        service.delete()
    for front in application, network:
        until("no target is left", lambda: not front.health(), 60)  # noqa: B023
        front.delete()


class Metrics:
    def __init__(self, server, space, front, **more):
        self.server, self.cloudwatch = server, server.client("cloudwatch")
        self.given = {"Namespace": space, "Dimensions": [{"Name": "LoadBalancer", "Value": front.arn.split("loadbalancer/")[1]},
                                                         *({"Name": name, "Value": value} for name, value in more.items())]}

    def points(self, name, statistic="Sum"):
        end = now(self.server)
        return [point[statistic] for point in self.cloudwatch.get_metric_statistics(
            **self.given, MetricName=name, Period=3600, Statistics=[statistic], StartTime=end - datetime.timedelta(days=20),
            EndTime=end + datetime.timedelta(minutes=1))["Datapoints"]]

    def total(self, name):
        return sum(self.points(name))

    def begins(self, name, something):
        """The first reading after a start only begins to count."""
        def counted():
            something()
            return self.total(name) > 0
        until(f"{name} is counted", counted, 60)

    def comes_to_rest(self, name):
        last = None

        def rests():
            nonlocal last
            end = now(self.server)
            until("a minute has passed", lambda: now(self.server) > end + datetime.timedelta(minutes=1), 90)
            same, last = last == self.total(name), self.total(name)
            return same
        until(f"{name} rests", rests, 60)
        return last


def ask(front, path):
    connection = http.client.HTTPConnection(front.dns, PORT, timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_every_request_and_every_flow_is_counted_once(fast, fronts):  # noqa: F811
    application, network = fronts
    group = application.group.rsplit(":", 1)[1]
    app = Metrics(fast, "AWS/ApplicationELB", application)
    by_group = Metrics(fast, "AWS/ApplicationELB", application, TargetGroup=group)
    net = Metrics(fast, "AWS/NetworkELB", network)
    application.rule(1, [{"Field": "path-pattern", "Values": ["/moved"]}], {
        "Type": "redirect", "RedirectConfig": {"Path": "/", "StatusCode": "HTTP_301"}})
    app.begins("RequestCount", lambda: ask(application, "/"))
    net.begins("NewFlowCount", lambda: request(network.dns, network.port))

    before = {name: app.comes_to_rest(name) for name in ("RequestCount", "HTTPCode_Target_2XX_Count")}
    flows, nbytes = net.comes_to_rest("NewFlowCount"), net.total("ProcessedBytes")
    for path, status, times in (("/", 200, 20), ("/no-such-file", 404, 10), ("/moved", 301, 5)):
        assert [ask(application, path) for _ in range(times)] == [status] * times
    for _ in range(15):
        request(network.dns, network.port)
    until("its requests are counted", lambda: app.total("RequestCount") == before["RequestCount"] + 30)
    until("its answers are", lambda: app.total("HTTPCode_Target_4XX_Count") == 10)
    assert app.total("HTTPCode_Target_2XX_Count") == before["HTTPCode_Target_2XX_Count"] + 20
    assert by_group.total("HTTPCode_Target_4XX_Count") == 10
    until("its own answers are", lambda: app.total("HTTPCode_ELB_3XX_Count") == 5)
    assert app.total("HTTPCode_ELB_4XX_Count") == 0, "a target's answer is not its own"
    assert 0 <= max(by_group.points("TargetResponseTime", "Maximum")) < 10
    assert app.total("NewConnectionCount") >= 35 and app.total("ProcessedBytes") > 35 * 50
    until("its flows are counted", lambda: net.total("NewFlowCount") == flows + 15)
    until("their bytes are", lambda: net.total("ProcessedBytes") > nbytes + 15 * 400)
    assert net.total("TCP_Target_Reset_Count") == 0
    until("hosts are counted", lambda: max(by_group.points("HealthyHostCount", "Maximum"), default=0) == 2)


def test_requests_per_target_scale_a_service(fast, fronts):  # noqa: F811
    application, _ = fronts
    scaling, ecs = fast.client("application-autoscaling"), fast.client("ecs")
    resource = {"ServiceNamespace": "ecs", "ResourceId": "service/default/measured-app",
                "ScalableDimension": "ecs:service:DesiredCount"}
    scaling.register_scalable_target(**resource, MinCapacity=2, MaxCapacity=3)
    label = f"{application.arn.split('loadbalancer/')[1]}/{application.group.rsplit(':', 1)[1]}"
    scaling.put_scaling_policy(**resource, PolicyName="requests", PolicyType="TargetTrackingScaling",
                               TargetTrackingScalingPolicyConfiguration={
                                   "TargetValue": 2.0, "DisableScaleIn": True, "PredefinedMetricSpecification": {
                                       "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}})

    def desired():
        return ecs.describe_services(cluster="default", services=["measured-app"])["services"][0]["desiredCount"]
    with Load(application.dns, PORT, pause=0.05):
        until("its requests have scaled it out", lambda: desired() == 3, 120)
    scaling.deregister_scalable_target(**resource)
