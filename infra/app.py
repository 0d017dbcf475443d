"""The CDK app: `cdk synth -c environment=local|dev|prod`. What else the context may say is in settings.py."""

import gc
import json
import os


def main() -> None:
    # Importing the CDK makes hundreds of thousands of objects that all stay: collecting takes 0.5 s and finds nothing.
    gc.disable()
    context = json.loads(os.environ.get("CDK_CONTEXT_JSON", "{}"))
    if context.get("environment", "local") == "local":
        # Half of a synth's time. dev and prod keep it, and a test checks local's templates with cfn-lint.
        os.environ.setdefault("CDK_VALIDATION", "false")
    from infra.stacks.environment import create

    create().synth()


if __name__ == "__main__":
    main()
