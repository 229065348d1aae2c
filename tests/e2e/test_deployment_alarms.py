"""An alarm on what the load balancer really measures stops a CodeDeploy deployment, and the traffic returns."""

import http.client
import threading

import pytest

from bluegreen import BlueGreen
from conftest import until
from test_metrics import fast  # noqa: F401: a fixture

ALARM = "api-errors"


class Api(BlueGreen):
    """Every revision is healthy; the broken one has lost the page that clients want."""

    def definition(self, word, **more):
        definition = super().definition(word, **more)
        container = definition["containerDefinitions"][0]
        if word != "broken":
            container["command"] = ["echo ok > /usr/share/nginx/html/api; " + container["command"][0]]
        return definition


class Clients:
    """Ask for the page all the time."""

    def __init__(self, stack):
        self.stack, self.statuses, self._over = stack, [], threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def ask(self):
        connection = http.client.HTTPConnection(self.stack.dns, self.stack.port, timeout=10)
        try:
            connection.request("GET", "/api")
            return connection.getresponse().status
        finally:
            connection.close()

    def _run(self):
        while not self._over.wait(0.05):
            try:
                self.statuses.append(self.ask())
            except OSError as failure:
                self.statuses.append(repr(failure))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *failed):
        self._over.set()
        self._thread.join(timeout=30)


@pytest.fixture
def stack(fast):  # noqa: F811
    stack = Api(fast, "cd-alarm", 8109, network=False, terminate={"action": "TERMINATE", "terminationWaitTimeInMinutes": 600},
                alarmConfiguration={"enabled": True, "alarms": [{"name": ALARM}]},
                autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM"]})
    cloudwatch = fast.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=ALARM, Namespace="AWS/ApplicationELB", MetricName="HTTPCode_Target_4XX_Count", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=3, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching",
        Dimensions=[{"Name": "LoadBalancer", "Value": stack.arn.split("loadbalancer/")[1]}])
    yield stack
    stack.delete()
    cloudwatch.delete_alarms(AlarmNames=[ALARM])


def test_an_alarm_on_real_answers_stops_it_and_the_traffic_returns(stack):
    def state():
        return stack.server.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0]["StateValue"]
    with Clients(stack) as clients:
        until("nothing is wrong", lambda: state() == "OK")
        assert clients.ask() == 200
        id = stack.start(stack.register("broken"))
        ended = stack.wait(id, "Stopped", 300)
        assert ended["errorInformation"]["code"] == "ALARM_ACTIVE"
        assert ALARM in ended["errorInformation"]["message"]
        stack.wait(ended["rollbackInfo"]["rollbackDeploymentId"], "Succeeded", 300)
        assert 404 in clients.statuses, "the alarm is of what its clients met"
        assert clients.ask() == 200, "blue has the traffic again"
        until("the alarm is over", lambda: state() == "OK")
    assert set(clients.statuses) == {200, 404}, "and nobody lost a connection"
    assert [s["status"] for s in stack.described()["taskSets"]] == ["PRIMARY"]
