"""API Lambdas lack the imaging layer and should not pay for boto3 to sign a URL."""

import subprocess
import sys

CHECK = """
import sys
for name in ("numpy", "cv2", "PIL", "simplejpeg", "pillow_heif"):
    sys.modules[name] = None
from vitrine.assets import events, ingest, links, service
assert "boto3" not in sys.modules
print(links.presigned("PUT", links.Address("b", "us-east-1"), "k", 60, {"Content-Length": "1"})[:9])
assert "boto3" not in sys.modules
"""


def test_presigning_needs_neither_the_imaging_layer_nor_boto3() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "https://b", done.stderr
