import subprocess
import sys


def test_who_calls_with_a_key_does_not_pay_for_importing_tokens_and_forms() -> None:
    loaded = "print([name for name in ('jwt', 'cryptography', 'multipart', 'boto3.session') if name in sys.modules])"
    code = f"import sys, functions.stagecraft_api.account; {loaded}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
