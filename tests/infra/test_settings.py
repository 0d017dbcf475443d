import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from aws_cdk import App, Stack

from infra.packaging.assets import Assets
from infra.packaging.layers import PackagingError
from infra.packaging.target import LAMBDA
from infra.settings import ENVIRONMENTS, JOBS_PER_INSTANCE, LOCAL, Engine, Settings, SettingsError, settings_for
from infra.stacks.endpoint import WAITING_PER_INSTANCE, has_gpu, repository_arn
from infra.stacks.names import work_machines
from vitrine.staging import endpoint

SLOW_PHOTO = timedelta(seconds=60)
OIDC = {"issuer": "https://issuer.example/", "audience": "https://api.example"}
GIVEN = {**OIDC, "cors_origins": "https://app.example", "alarm_email": "ops@example.com"}


def test_local_needs_nothing_from_the_context() -> None:
    assert settings_for("local", {}) == LOCAL


def test_the_context_fills_settings_and_empty_values_change_nothing() -> None:
    given = {
        "inference_endpoint_url": "http://127.0.0.1:1",
        "issuer": "",
        "cors_origins": "https://a.example, https://b.example",
    }
    settings = settings_for("local", given)
    assert settings.inference_endpoint_url == "http://127.0.0.1:1"
    assert settings.oidc_issuer == LOCAL.oidc_issuer
    assert settings.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_on_aws_without_an_identity_provider_is_refused_by_name(environment: str) -> None:
    with pytest.raises(SettingsError, match=r"needs -c issuer=… -c audience=…"):
        settings_for(environment, {})


@pytest.mark.parametrize(("origins", "why"), [("", "needs -c cors_origins=…"), ("*", "names its origins")])
def test_prod_names_the_origins_that_may_call_it_from_a_browser(origins: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        settings_for("prod", {**GIVEN, "cors_origins": origins})
    assert settings_for("prod", GIVEN).cors_origins == ("https://app.example",)
    assert settings_for("dev", OIDC).cors_origins == ("*",)


def test_prod_has_somebody_to_alarm() -> None:
    with pytest.raises(SettingsError, match="needs -c alarm_email=…"):
        settings_for("prod", {**GIVEN, "alarm_email": ""})


def test_what_the_committed_file_says_holds_for_every_deployment_and_the_context_for_one(tmp_path: Path) -> None:
    (tmp_path / "prod.toml").write_text(
        """issuer = "https://issuer.example/"
audience = "https://api.example"
cors_origins = ["https://a.example", "https://b.example"]
alarm_email = "ops@example.com"
sse_at_once = 50
staging_most_instances = 2
"""
    )
    filed = settings_for("prod", {}, tmp_path)
    assert filed.cors_origins == ("https://a.example", "https://b.example")
    assert (filed.alarm_email, filed.sse_at_once, filed.engine.staging_most_instances) == ("ops@example.com", 50, 2)
    once = settings_for("prod", {"alarm_email": "me@example.com", "cors_origins": "https://c.example"}, tmp_path)
    assert (once.alarm_email, once.cors_origins) == ("me@example.com", ("https://c.example",))
    assert once.oidc_issuer == "https://issuer.example/"


def test_a_surface_may_have_a_host_name_of_its_own(tmp_path: Path) -> None:
    lines = ['certificate = "arn:aws:acm:eu-west-1:1:certificate/c"', "[domains]", 'realstaging = "api.example.com"']
    (tmp_path / "prod.toml").write_text("\n".join(lines))
    assert settings_for("prod", GIVEN, tmp_path).domains == (("realstaging", "api.example.com"),)
    with pytest.raises(SettingsError, match="domains need `certificate`"):
        settings_for("prod", {**GIVEN, "domains": "realstaging=api.example.com"})
    with pytest.raises(SettingsError, match="is no SURFACE=HOST"):
        settings_for("prod", {**GIVEN, "certificate": "c", "domains": "realstaging=https://api.example.com"})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("isuer = 'https://issuer.example/'", "says isuer, which nobody knows"),
        ("sse_at_once = 'many'", "sse_at_once is not of its type"),
        ("sse_at_once = true", "sse_at_once is not of its type"),
        ("issuer = 5", "issuer is not of its type"),
        ("cors_origins = 'https://a.example'", "cors_origins is not of its type"),
        ("domains = 'api.example.com'", "domains is not of its type"),
        ("issuer = ", "is no TOML"),
    ],
)
def test_a_file_that_says_what_nobody_knows_is_refused_by_name(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "prod.toml").write_text(line)
    with pytest.raises(SettingsError, match=f"prod.toml.*{why}"):
        settings_for("prod", GIVEN, tmp_path)


@pytest.mark.todays_clock  # zips that look 40 days old are cleared away
def test_prods_zips_are_not_made_without_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.packaging.bytecode.compiler", lambda _: None)
    assets = Assets(LAMBDA, needs_bytecode=ENVIRONMENTS["prod"].needs_bytecode, cache=tmp_path)
    with pytest.raises(PackagingError, match=r"uv python install 3\.14"):
        assets.function("functions.pipeline.end_job")
    assert Assets(LAMBDA, needs_bytecode=ENVIRONMENTS["dev"].needs_bytecode, cache=tmp_path).function(
        "functions.pipeline.end_job"
    )


@pytest.mark.parametrize("origin", ["https://app.example/", "app.example", "https://App.example", "https://*.example"])
def test_what_no_browser_would_ever_send_as_its_origin_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match="is no origin"):
        settings_for("dev", {**OIDC, "cors_origins": f"https://a.example:8443,{origin}"})


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="local, dev, prod"):
        settings_for("staging", {})


def test_a_secrets_value_cannot_reach_a_template_on_aws() -> None:
    with pytest.raises(SettingsError, match="Secrets Manager"):
        settings_for("prod", {**GIVEN, "stripe_webhook_secret": "whsec_x"})


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        LOCAL.environment = "prod"  # type: ignore[misc]


def test_prod_keeps_data_and_protects_its_stacks() -> None:
    prod: Settings = settings_for("prod", GIVEN)
    assert prod.keep_data
    assert prod.protect_stacks
    assert prod.tls_only


@pytest.mark.parametrize("uri", ["engine:1", "docker.io/vitrine/engine:1", "123.dkr.ecr.eu-west-1.amazonaws.com"])
def test_an_image_that_is_not_in_ecr_is_refused(uri: str) -> None:
    with pytest.raises(SettingsError, match="ECR"):
        repository_arn(uri)


@pytest.mark.parametrize("suffix", [":1", "@sha256:0123", ""])
def test_an_images_tag_or_digest_is_no_part_of_its_repository(suffix: str) -> None:
    arn = repository_arn(f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/vitrine/engine{suffix}")
    assert arn.endswith(":ecr:eu-west-1:123456789012:repository/vitrine/engine")


def test_the_staging_instance_has_no_gpu_while_the_engine_uses_none() -> None:
    family = Engine().staging_instance.removeprefix("ml.").split(".")[0]
    assert family[0] in "cmr", family


def test_the_context_may_choose_another_staging_instance() -> None:
    chosen = settings_for("dev", {**OIDC, "inference_image_uri": "x", "staging_instance": "ml.g5.4xlarge"})
    assert chosen.engine.staging_instance == "ml.g5.4xlarge"
    assert chosen.engine.image_uri == "x"


def test_prod_takes_the_engine_by_its_digest_alone() -> None:
    with pytest.raises(SettingsError, match="@sha256:DIGEST"):
        settings_for("prod", {**GIVEN, "inference_image_uri": "1.dkr.ecr.eu-west-1.amazonaws.com/engine:latest"})


@pytest.mark.parametrize(
    ("instance", "gpu"), [("ml.g5.xlarge", True), ("ml.p4d.24xlarge", True), ("ml.c6i.2xlarge", False)]
)
def test_only_an_instance_with_a_gpu_needs_a_driver(instance: str, gpu: bool) -> None:
    assert has_gpu(instance) is gpu


def test_mail_is_sent_from_one_address_or_not_at_all() -> None:
    assert settings_for("prod", GIVEN).mail_sender is None
    assert settings_for("prod", {**GIVEN, "mail_sender": "a@example.com"}).mail_sender == "a@example.com"
    for sender in ("example.com", "a@b, c@d", "Ann <a@example.com>"):
        with pytest.raises(SettingsError, match="mail_sender"):
            settings_for("prod", {**GIVEN, "mail_sender": sender})


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_webhooks_to_loopback_are_refused_anywhere_but_here(environment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lenient = dataclasses.replace(ENVIRONMENTS[environment], webhook_loopback=True)
    monkeypatch.setitem(ENVIRONMENTS, environment, lenient)
    with pytest.raises(SettingsError, match="webhook_loopback"):
        settings_for(environment, OIDC)


@pytest.mark.parametrize(("instances", "at_work"), [(1, 3), (4, 12), (500, 1_000)])
def test_no_more_jobs_are_at_work_than_the_engine_ends_in_time(instances: int, at_work: int) -> None:
    settings = dataclasses.replace(LOCAL, engine=Engine(staging_most_instances=instances))
    assert settings.jobs_at_work == at_work
    assert settings.jobs_at_work / instances * SLOW_PHOTO <= endpoint.DEADLINE
    assert work_machines(Stack(App(), "any"), settings).jobs_at_once == at_work


def test_jobs_at_work_are_enough_to_start_all_instances() -> None:
    assert WAITING_PER_INSTANCE < JOBS_PER_INSTANCE
