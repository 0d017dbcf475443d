"""URLs of S3 objects: their forms, and signing them without boto3 (whose client costs 160 ms to build)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from vitrine.kernel import tables


@dataclass(frozen=True)
class Address:
    """A bucket as seen from outside. `endpoint` is the base URL of an emulator, which serves buckets by path."""

    bucket: str
    region: str
    endpoint: str | None = None

    @classmethod
    def of(cls, bucket: str, variables: Mapping[str, str] = os.environ) -> "Address":
        endpoint = variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL")
        return cls(bucket, variables["AWS_REGION"], endpoint.rstrip("/") if endpoint else None)

    @property
    def base(self) -> str:
        """Regional, because the global host redirects for a new bucket and a redirected PUT fails its signature."""
        if self.endpoint:
            return f"{self.endpoint}/{self.bucket}/"
        return f"https://{self.bucket}.s3.{self.region}.amazonaws.com/"

    def url(self, key: str) -> str:
        return self.base + quote(key, safe="/-_.~")

    def key_in(self, url: str) -> str | None:
        """The key of the object that an URL of this bucket points to; None for any other bucket, host or scheme."""
        normal = _normal(url)
        base = next((base for base in self._bases() if normal.startswith(base)), None)
        return unquote(normal.removeprefix(base)) if base else None

    def _bases(self) -> tuple[str, ...]:
        hosts = [f"s3.{self.region}", "s3", f"s3.dualstack.{self.region}"]
        virtual = (f"https://{self.bucket}.{host}.amazonaws.com/" for host in hosts)
        by_path = (f"https://{host}.amazonaws.com/{self.bucket}/" for host in hosts)
        return (self.base, f"s3://{self.bucket}/", *virtual, *by_path)


def _normal(url: str) -> str:
    """The URL without query and fragment, its host in lower case and its default port left out."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc if parts.scheme == "s3" else parts.netloc.lower()
    return f"{parts.scheme}://{host.removesuffix(':443')}{parts.path}"


def presigned(
    method: str, address: Address, key: str, expires_in: int, headers: Mapping[str, str] | None = None
) -> str:
    """A URL that allows one method on one object for `expires_in` seconds.

    All `headers` are signed (S3 then refuses a request that lacks one or differs in one), Content-Length too, which
    boto3's generate_presigned_url leaves out.
    """
    credentials = tables.connection().session.get_credentials()
    if credentials is None:
        raise RuntimeError("there are no AWS credentials to sign with")
    request = AWSRequest(method=method, url=address.url(key), headers=headers or {})
    signature = _Emulated if address.endpoint else S3SigV4QueryAuth
    signer = signature(credentials.get_frozen_credentials(), "s3", address.region, expires=expires_in)
    signer.add_auth(request)
    return str(request.url)


class _Emulated(S3SigV4QueryAuth):
    """The emulator verifies every presigned URL of S3 as one whose body is not signed, whatever the header
    `x-amz-content-sha256` says; S3 takes the header's value, as botocore does."""

    def canonical_request(self, request: AWSRequest) -> str:
        said = str(super().canonical_request(request))
        return f"{said.rpartition(chr(10))[0]}\nUNSIGNED-PAYLOAD"
