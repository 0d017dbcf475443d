import subprocess
import sys


def test_only_the_webhook_and_the_checkout_pay_for_importing_stripe() -> None:
    loaded = "print('stripe' in sys.modules, 'jwt' in sys.modules)"
    assert _python(f"import sys, vitrine.billing.service; {loaded}") == "False False"
    assert _python(f"import sys, functions.realstaging_api.billing; {loaded}") == "True False"
    assert _python(f"import sys, functions.realstaging_api.credits; {loaded}") == "False True"


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
