"""What the functions behind states raise that may pass. Step Functions knows an exception by the name of its class.

Kept as text: importing a store asks for its table's name. A test imports every function and finds the classes.
"""

TABLES = ("Unavailable", "GetError", "TransactWriteError")
"""Contention, and a DynamoDB that stayed throttled or silent for all tries of the client itself."""
STORAGE = ("StorageUnavailable",)

INSPECT = STORAGE
PLAN_SET = (*TABLES, "StaleJob")
LOOK = (*STORAGE, "EndpointUnavailable")
JUDGE_SET = (*TABLES, *STORAGE, "StaleJob", "StaleSession")
PLAN_PUBLICATION = (*TABLES, *STORAGE, "StaleJob")
MAKE_FRAMES = STORAGE
PACK_SET = STORAGE
PUBLISH_SET = (*TABLES, *STORAGE, "StaleJob", "StaleImage", "StalePublication")
INSPECT_FRAME = (*TABLES, *STORAGE)
RECORD_FRAME = (*TABLES, "StaleImage", "StaleSession")
RECORD = (*TABLES, "StaleAsset")
START = (*TABLES, "StaleJob")
PUBLISH = (*TABLES, *STORAGE, "StaleJob")
END = (*TABLES, "StaleJob")
QUEUE = TABLES
RELEASE = (*TABLES, "StaleJob", "ClientError")
"""Step Functions itself may be asked too much at once when many photos start."""
DELIVER = (*TABLES, "StaleDelivery", "StaleWebhook")

OVER = "JobIsOver"
NO_ENDPOINT = "EndpointUnavailable"
"""Not raised but sent, with the task token, when the endpoint takes no request."""
NO_ANSWER = "InferenceFailed"
"""Not raised but sent, with the task token, when the endpoint reports a failure."""
