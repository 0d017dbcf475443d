from infra.local import cdk
from infra.local.progress import Step
from infra.local.run import Ended


class Recorder(Step):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[float, float, str]] = []

    def at(self, done: float, total: float, note: str = "") -> None:
        self.seen.append((done, total, note))


def test_the_cli_s_events_move_the_bar() -> None:
    step = Recorder()

    cdk._show("vitrine-local-data | 12/69 | 7:29:54 AM | CREATE_COMPLETE | AWS::S3::Bucket | Media\n", step)
    cdk._show("Outputs:\n", step)

    assert step.seen == [(12, 69, "vitrine-local-data")]


def test_a_deploy_that_was_killed_says_how_long_it_took() -> None:
    assert "took more than 300 s" in cdk._failed("deploy", Ended(-9, "waiting"), "cdk.log").message
